import type { Budget } from '#domain/campaigns/budget.ts';
import { isOwnCoupon, parseCouponId } from '#domain/grants/coupon-id.ts';
import type { Redemption, StoredGrant } from '#domain/grants/grant.ts';
import type { GrantChange } from '#domain/grants/grants-table.ts';
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

/** Why a coupon is not taken. The order counts all the same: it was paid. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Where a coupon is, by its id. */
export type CouponPlace = { campaignId: string; slot: string };

/**
 * Where a member's coupon is to be found, told from its id alone: the reason where it cannot be the member's coupon.
 * `coupons` are the coupons of the campaign that the id names, where there is one.
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

/** Orders given back that a coupon remembers: so many lie between a death and the delivery that makes up for it at most. */
const MAX_EARLIER = 16;

/** What is to become of a coupon that an order used. */
export type UsedChange = Exclude<GrantChange, { state: 'revoked' }>;

export type Redeeming = { kind: 'change'; change: UsedChange } | { kind: 'refused'; reason: RefusalReason };

/** Whether it is this order that a coupon was used on last, and what the order pays or gets back still concerns it. */
export const isUsedOn = ({ state, redemption }: StoredGrant, { orderId }: OrderEvent): boolean =>
  (state === 'redeemed' || state === 'live') && redemption?.orderId === orderId;

/**
 * What becomes of a coupon by the account of the order that used it, and by nothing else: sums and a maximum do not depend on
 * the order in which payments and refunds arrive. Once all that was paid is given back, the coupon is as it was before,
 * while it is valid; where the latest refund came later it expires, which is final, and its face value goes back to the budget.
 */
const settle = (grant: StoredGrant, redemption: Redemption, budget: Budget): UsedChange => {
  if (redemption.refundedFen < redemption.paidFen) return { grant, state: 'redeemed', redemption };
  return redemption.refundedMs < grant.expiresMs
    ? { grant, state: 'live', redemption }
    : { grant, state: 'expired', redemption, budget };
};

/**
 * What a paid order does to the coupon that it names. `account` is what arrived of the order before it used a coupon. The
 * threshold is compared with the amount that the event states. An order across brands comes as an event a brand: the first of
 * them that may uses the coupon, and what the others pay is added to it.
 */
export const redeem = (
  grant: StoredGrant | undefined,
  offer: Offer | undefined,
  budget: Budget | undefined,
  order: OrderEvent,
  account: Account,
): Redeeming => {
  if (grant === undefined || offer === undefined || budget === undefined) {
    return { kind: 'refused', reason: 'unknown' };
  }
  const { state, redemption } = grant;
  if (redemption !== undefined && isUsedOn(grant, order)) {
    return { kind: 'change', change: settle(grant, withPayment(redemption, order.amountFen), budget) };
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
  return { kind: 'change', change: settle(grant, used, budget) };
};

/** What a refund does to the coupon that was used on its order, see {@link isUsedOn}. */
export const giveBack = (grant: StoredGrant, refund: OrderEvent, budget: Budget): UsedChange =>
  settle(grant, withRefund(grant.redemption!, refund.amountFen, refund.timeMs), budget);
