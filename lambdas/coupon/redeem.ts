import type { Coupons, Offer } from '#events/sections/coupons.ts';
import type { Budget } from '#lambdas/shared/budget.ts';
import { isOwnCoupon, parseCouponId } from '#lambdas/shared/coupon-id.ts';
import type { StoredGrant } from '#lambdas/shared/grant.ts';
import type { GrantChange } from '#lambdas/shared/grants-table.ts';
import type { OrderEvent } from '#lambdas/shared/member-event.ts';

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

export type Redeeming =
  | { kind: 'change'; change: GrantChange; isFirst: boolean }
  | { kind: 'refused'; reason: RefusalReason };

/**
 * What an order does to the coupon that it names. The threshold is compared with the amount that the event states. An order
 * across brands comes as an event a brand: the first of them uses the coupon, and what the others pay is added to it.
 */
export const redeem = (
  grant: StoredGrant | undefined,
  offer: Offer | undefined,
  order: OrderEvent,
): Redeeming => {
  if (grant === undefined || offer === undefined) return { kind: 'refused', reason: 'unknown' };
  const { state, redemption } = grant;
  if (state === 'redeemed' && redemption?.orderId === order.orderId) {
    const paidFen = redemption.paidFen + order.amountFen;
    return {
      kind: 'change',
      change: { grant, state: 'redeemed', redemption: { ...redemption, paidFen } },
      isFirst: false,
    };
  }
  if (state === 'redeemed') return { kind: 'refused', reason: 'used' };
  if (state !== 'live' || order.timeMs >= grant.expiresMs) return { kind: 'refused', reason: 'expired' };
  if (order.amountFen < offer.thresholdFen) return { kind: 'refused', reason: 'below-threshold' };
  if (!isInScope(offer, order)) return { kind: 'refused', reason: 'wrong-scope' };
  return {
    kind: 'change',
    change: {
      grant,
      state: 'redeemed',
      redemption: {
        orderId: order.orderId,
        paidFen: order.amountFen,
        refundedFen: 0,
        earlier:
          redemption === undefined ? [] : [...redemption.earlier, redemption.orderId].slice(-MAX_EARLIER),
      },
    },
    isFirst: true,
  };
};

/** Whether a coupon was used on the order that a refund is of. */
export const isUsedOn = ({ state, redemption }: StoredGrant, { orderId }: OrderEvent): boolean =>
  state === 'redeemed' && redemption?.orderId === orderId;

/**
 * What a refund does to the coupon that was used on its order. Once all that was paid is given back, the coupon is as it was
 * before, while it is valid; later it expires, and its face value goes back to the budget. A part given back is noted.
 */
export const giveBack = (
  grant: StoredGrant,
  refund: OrderEvent,
  budget: Budget,
): Exclude<GrantChange, { state: 'revoked' }> => {
  const known = grant.redemption!;
  const redemption = { ...known, refundedFen: known.refundedFen + refund.amountFen };
  if (redemption.refundedFen < redemption.paidFen) return { grant, state: 'redeemed', redemption };
  return refund.timeMs < grant.expiresMs
    ? { grant, state: 'live', redemption }
    : { grant, state: 'expired', redemption, budget };
};
