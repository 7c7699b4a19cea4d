/** What a grant is: a coupon or a free order that a member was given. */
import type { SpendingArm } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Offer } from '#events/sections/coupons.ts';
import { HOUR_MS, MINUTE_MS } from '#platform/duration.ts';
import type { AccountLine } from './coupon-account.ts';
import { type CouponIdKey, couponIdOf } from './coupon-id.ts';

/** What a grant gives. */
export type GrantKind = 'coupon' | 'free-order';

/**
 * Something of value that a member was given. Its member, campaign, kind and slot are its key, which can be taken only once, so
 * a repetition finds the grant there and changes nothing.
 */
export type Grant = {
  campaignId: string;
  member: string;
  kind: GrantKind;
  /** Distinguishes a member's grants of one kind in one campaign: a coupon's slot, or a win's number. Contains no `#`. */
  slot: string;
  /** Its public name; of a coupon, the coupon's id. */
  id: string;
  /** The key of the budget that pays for it, such as `engine/platform`. */
  budget: string;
  /** Its face value in fen, which is what the budget is debited. */
  faceFen: number;
  /** The offer, or another text that says how it may be used. */
  offer: string;
  /** The id of the event that caused it, see `eventIdOf`. */
  trigger: string;
  /** The time of that event. */
  grantedMs: number;
  /** Exclusive: from this time on it is worth nothing. */
  expiresMs: number;
  /** Why it was given, as JSON: everything that is needed to repeat the decision. */
  reason: string;
};

/**
 * `live` and `redeemed` grants hold their face value; an `expired` one has given it back to its budget. A `revoked` one is void
 * but keeps its face value and its place in the limits, so that nobody can win, refund and win again. A `refused` one was never
 * given and never will be: it only occupies its slot. Readers of grants do not see it.
 */
export type GrantState = 'live' | 'redeemed' | 'expired' | 'revoked' | 'refused';

/** The account of a coupon: the lines of the orders that named it. */
export type Redemption = {
  /** The order that uses it or used it last, what that order paid with it, and how much of that was refunded, in fen. */
  orderId: string;
  paidFen: number;
  refundedFen: number;
  lines: AccountLine[];
  /** The other orders whose lines are in the account. */
  otherOrders: string[];
};

export type StoredGrant = Grant & {
  state: GrantState;
  /** The number of its changes; 0 for a grant that is as it was made. */
  changes: number;
  redemption?: Redemption;
};

/**
 * A coupon that expires within this time is not given. It is at least the timeout of every function that gives coupons, so a
 * coupon is valid when it is written, however long that takes after the present time was read.
 */
export const LEAST_VALIDITY_MS = MINUTE_MS;

/** Whether a coupon may still be given. Both times are of the orders' own clock, see `noteReached`. */
export const isWorthGiving = (expiresMs: number, reachedMs: number): boolean =>
  expiresMs - LEAST_VALIDITY_MS > reachedMs;

/**
 * A member's coupon of an offer in a slot (0 is the presale's), paid from the budget of an arm. `idKey` is undefined in a
 * campaign that keeps the former ids.
 */
export const couponGrant = (given: {
  campaignId: string;
  member: string;
  slot: number;
  offer: Offer;
  arm: SpendingArm;
  trigger: string;
  grantedMs: number;
  reason: unknown;
  idKey: CouponIdKey | undefined;
}): Grant => ({
  campaignId: given.campaignId,
  member: given.member,
  kind: 'coupon',
  slot: String(given.slot),
  id: couponIdOf(given, given.idKey),
  budget: budgetKeyOf(given.arm, given.offer.pool),
  faceFen: faceValueFen(given.offer),
  offer: given.offer.offerId,
  trigger: given.trigger,
  grantedMs: given.grantedMs,
  expiresMs: given.grantedMs + given.offer.validHours * HOUR_MS,
  reason: JSON.stringify(given.reason),
});
