import type { SpendingArm } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import type { Offer } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { couponIdOf } from './coupon-id.ts';

/** What a grant hands out. */
export type GrantKind = 'coupon' | 'free-order';

/**
 * Something of value that a member was given, before anything became of it. Everything in it is a function of what
 * triggered it and of the definition, so that whoever makes it again makes the same.
 */
export type Grant = {
  campaignId: string;
  member: string;
  kind: GrantKind;
  /** Tells a member's grants of one kind in one campaign apart: a coupon's slot, or what names a free order. No `#`. */
  slot: string;
  /** What it is called outside: the coupon's id. */
  id: string;
  /** The budget that it draws on, such as `engine/platform`. */
  budget: string;
  /** Its face value in fen, which is what the budget is debited. */
  faceFen: number;
  /** The offer, or what else says how it may be used. */
  offer: string;
  /** The id of the event that it was given for, see `eventIdOf`. */
  trigger: string;
  /** The time of that event. */
  grantedMs: number;
  /** Exclusive: from here on it is worth nothing. */
  expiresMs: number;
  /** Why it was given, as JSON: whatever it takes to repeat the decision. */
  reason: string;
};

/**
 * `live` and `redeemed` grants hold their face value; an `expired` one has given it back to its budget. A `revoked` one
 * is void and holds its face value all the same: it was drawn, so that nobody can win, give back and win again.
 */
export type GrantState = 'live' | 'redeemed' | 'expired' | 'revoked';

/** The order that used a grant; it stays on a grant that was given back until another order uses that. */
export type Redemption = {
  orderId: string;
  paidFen: number;
  refundedFen: number;
  /** The time of the latest refund; 0 for none. */
  refundedMs: number;
  /** Orders that used it before and were given back, the latest last: what came of them may have to be told again. */
  earlier: string[];
};

export type StoredGrant = Grant & {
  state: GrantState;
  /** Counts what became of it; 0 for a grant that is as it was given. */
  changes: number;
  redemption?: Redemption;
};

/** A member's coupon of an offer in a slot (0 is the presale's), drawn on the budget of an arm. */
export const couponGrant = (given: {
  campaignId: string;
  member: string;
  slot: number;
  offer: Offer;
  arm: SpendingArm;
  trigger: string;
  grantedMs: number;
  reason: unknown;
}): Grant => ({
  campaignId: given.campaignId,
  member: given.member,
  kind: 'coupon',
  slot: String(given.slot),
  id: couponIdOf(given.campaignId, given.member, given.slot),
  budget: budgetKeyOf(given.arm, given.offer.pool),
  faceFen: given.offer.discountFen,
  offer: given.offer.offerId,
  trigger: given.trigger,
  grantedMs: given.grantedMs,
  expiresMs: given.grantedMs + given.offer.validHours * HOUR_MS,
  reason: JSON.stringify(given.reason),
});
