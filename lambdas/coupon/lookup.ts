import { budgetOf } from '#lambdas/shared/campaign-budgets.ts';
import { parseCouponId } from '#lambdas/shared/coupon-id.ts';
import type { StoredGrant } from '#lambdas/shared/grant.ts';
import { readGrant, readGrantsOf } from '#lambdas/shared/grants-table.ts';
import type { OrderEvent } from '#lambdas/shared/member-event.ts';
import { couponCampaign } from './campaigns.ts';
import { isUsedOn, locate } from './redeem.ts';
import type { Found } from './step.ts';

const ofGrant = async (grant: StoredGrant | undefined, nowMs: number): Promise<Found> => {
  const campaign = grant && (await couponCampaign(grant.campaignId, nowMs));
  return {
    kind: 'coupon',
    grant,
    offer: campaign?.coupons.offers.find(({ offerId }) => offerId === grant?.offer),
    budget: grant && campaign && budgetOf(grant.campaignId, campaign.coupons, grant.budget),
  };
};

/**
 * Finds the coupon that an order names, or that was used on the order that is refunded. A refund need not name it: it is
 * looked for among the member's coupons, at one read of all of them.
 */
export const findCoupon = async (order: OrderEvent, nowMs: number): Promise<Found> => {
  if (order.kind === 'refunded') {
    const grants = await readGrantsOf(order.member);
    const used = grants.find((grant) => grant.kind === 'coupon' && isUsedOn(grant, order));
    return used === undefined ? { kind: 'none' } : ofGrant(used, nowMs);
  }
  if (order.couponId === '') return { kind: 'none' };
  const id = parseCouponId(order.couponId);
  const campaign = id && (await couponCampaign(id.campaignId, nowMs));
  const place = locate(order.couponId, order.member, () => campaign?.coupons);
  if (typeof place === 'string') return { kind: 'refused', reason: place };
  return ofGrant(await readGrant(order.member, place.campaignId, 'coupon', place.slot), nowMs);
};

/** The coupons that an order brought. */
export const findBrought = async (order: OrderEvent): Promise<StoredGrant[]> =>
  (await readGrantsOf(order.member)).filter(({ kind, trigger }) => kind === 'coupon' && trigger === order.id);

/** The grants that an order brought, and the coupon that it used or gave back: for telling of it once more. */
export const findTraces = async (
  order: OrderEvent,
): Promise<{ grants: StoredGrant[]; coupon: StoredGrant | undefined }> => {
  const all = await readGrantsOf(order.member);
  return {
    grants: all.filter(({ kind, trigger }) => kind === 'coupon' && trigger === order.id),
    coupon:
      all.find(({ id }) => id === order.couponId) ??
      all.find(
        ({ redemption }) =>
          redemption?.orderId === order.orderId || redemption?.earlier.includes(order.orderId) === true,
      ),
  };
};
