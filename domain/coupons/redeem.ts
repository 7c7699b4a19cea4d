import type { Budget } from '#domain/campaigns/budget.ts';
import { isOwnCoupon, parseCouponId } from '#domain/grants/coupon-id.ts';
import type { Redemption, StoredGrant } from '#domain/grants/grant.ts';
import type { GrantChange } from '#domain/grants/grant-claim.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';
import { type Account, withPayment, withRefund } from './accounts.ts';

export const REFUSAL_REASONS = [
  'unknown',
  'foreign',
  'expired',
  'used',
  'below-threshold',
  'wrong-scope',
] as const;

/** Why a coupon is refused. The order was paid and counts all the same. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Where a coupon is, by its id. */
export type CouponPlace = { campaignId: string; slot: string };

/**
 * Where a member's coupon is, by its id alone, or the reason why it cannot be the member's. `couponsOf` gives the coupon
 * section of a campaign; undefined where there is no such campaign.
 */
export const locate = (
  couponId: string,
  member: string,
  couponsOf: (campaignId: string) => Coupons | undefined,
): CouponPlace | RefusalReason => {
  const id = parseCouponId(couponId);
  const coupons = id && couponsOf(id.campaignId);
  if (id === undefined || coupons === undefined || id.slot >= coupons.perMemberLimit) return 'unknown';
  return isOwnCoupon(id, member) ? { campaignId: id.campaignId, slot: String(id.slot) } : 'foreign';
};

const isInScope = ({ scope, brands }: Offer, { channel, brand }: OrderEvent): boolean => {
  switch (scope) {
    case 'all':
      return true;
    case 'far':
    case 'near':
      return channel === scope;
    case 'brands':
      return brands!.includes(brand);
    default:
      return scope satisfies never;
  }
};

/** Refunded orders that a coupon remembers: at most this many lie between a crash and the redelivery that repairs it. */
const MAX_EARLIER = 16;

/** The new state of a coupon that an order used. */
export type UsedChange = Exclude<GrantChange, { state: 'revoked' }>;

/** A coupon with its offer and its budget, each undefined where it does not exist. */
export type Redeemable = {
  grant: StoredGrant | undefined;
  offer: Offer | undefined;
  budget: Budget | undefined;
};

export type Redeeming = { kind: 'change'; change: UsedChange } | { kind: 'refused'; reason: RefusalReason };

/** Whether this order was the last to use a coupon, so that its further payments and refunds still change the coupon. */
export const isUsedOn = ({ state, redemption }: StoredGrant, { orderId }: OrderEvent): boolean =>
  (state === 'redeemed' || state === 'live') && redemption?.orderId === orderId;

/**
 * The next state of a coupon, which depends on nothing but the account of the order that used it: sums and a maximum do not
 * depend on the order in which payments and refunds arrive. Once everything paid is refunded, a coupon that is still valid
 * can be used again. Where the latest refund came after its expiry the coupon expires, which is final, and its face value
 * goes back to the budget.
 */
const nextCouponState = (grant: StoredGrant, redemption: Redemption, budget: Budget): UsedChange => {
  if (redemption.refundedFen < redemption.paidFen) return { grant, state: 'redeemed', redemption };
  return redemption.refundedMs < grant.expiresMs
    ? { grant, state: 'live', redemption }
    : { grant, state: 'expired', redemption, budget };
};

/**
 * What a paid order does to the coupon that it names. `account` is what arrived of the order before. The threshold is compared
 * with the event's own amount. An order across brands comes as one event a brand: the first event that qualifies uses the
 * coupon, and the amounts of the others are added to it.
 */
export const redeem = (
  { grant, offer, budget }: Redeemable,
  order: OrderEvent,
  account: Account,
): Redeeming => {
  if (grant === undefined || offer === undefined || budget === undefined) {
    return { kind: 'refused', reason: 'unknown' };
  }
  const { state, redemption } = grant;
  if (redemption !== undefined && isUsedOn(grant, order)) {
    return {
      kind: 'change',
      change: nextCouponState(grant, withPayment(redemption, order.amountFen), budget),
    };
  }
  if (state === 'redeemed') return { kind: 'refused', reason: 'used' };
  if (state !== 'live' || order.timeMs >= grant.expiresMs) return { kind: 'refused', reason: 'expired' };
  if (order.amountFen < offer.thresholdFen) return { kind: 'refused', reason: 'below-threshold' };
  if (!isInScope(offer, order)) return { kind: 'refused', reason: 'wrong-scope' };
  const used: Redemption = {
    orderId: order.orderId,
    ...withPayment(account, order.amountFen),
    earlier: redemption === undefined ? [] : [...redemption.earlier, redemption.orderId].slice(-MAX_EARLIER),
  };
  return { kind: 'change', change: nextCouponState(grant, used, budget) };
};

/** What a refund does to the coupon that was used on its order, see {@link isUsedOn}. */
export const giveBack = (grant: StoredGrant, refund: OrderEvent, budget: Budget): UsedChange =>
  nextCouponState(grant, withRefund(grant.redemption!, refund.amountFen, refund.timeMs), budget);
