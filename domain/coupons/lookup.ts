import { budgetOf } from '#domain/campaigns/campaign-budgets.ts';
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { type GrantKey, readGrant, readGrants, readGrantsOf } from '#domain/grants/grants-table.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Runtime } from '#platform/runtime.ts';
import { couponCampaign } from './campaigns.ts';
import { isUsedOn, locate, type RefusalReason } from './redeem.ts';
import type { Found } from './step.ts';

const ofGrant = async (runtime: Runtime, grant: StoredGrant | undefined, nowMs: number): Promise<Found> => {
  const campaign = grant && (await couponCampaign(runtime, grant.campaignId, nowMs));
  return {
    kind: 'coupon',
    grant,
    offer: campaign?.coupons.offers.find(({ offerId }) => offerId === grant?.offer),
    budget: grant && campaign && budgetOf(grant.campaignId, campaign.coupons, grant.budget),
  };
};

/** Where the coupon is that a paid order names; why it cannot be the member's; undefined where the order names none. */
const namedBy = async (
  runtime: Runtime,
  order: OrderEvent,
  nowMs: number,
): Promise<GrantKey | RefusalReason | undefined> => {
  if (order.couponId === '') return undefined;
  const id = parseCouponId(order.couponId);
  const campaign = id && (await couponCampaign(runtime, id.campaignId, nowMs));
  const place = locate(order.couponId, order.member, () => campaign?.coupons);
  return typeof place === 'string' ? place : { ...place, member: order.member, kind: 'coupon' };
};

/** Coupons that were read together, by their ids; undefined for an id under which there is none. */
export type CouponsRead = ReadonlyMap<string, StoredGrant | undefined>;

/** Reads the coupons that paid orders of different members name, a hundred a call. */
export const readCouponsNamedBy = async (
  runtime: Runtime,
  orders: readonly OrderEvent[],
  nowMs: number,
): Promise<CouponsRead> => {
  const read = new Map<string, StoredGrant | undefined>();
  const keys: GrantKey[] = [];
  for (const order of orders) {
    const key = await namedBy(runtime, order, nowMs);
    if (typeof key !== 'object') continue;
    keys.push(key);
    read.set(order.couponId, undefined);
  }
  for (const grant of await readGrants(runtime, keys)) read.set(grant.id, grant);
  return read;
};

/**
 * Finds the coupon that an order names, among those `read` if it is there, or that was used on the order that is refunded. A
 * refund need not name it: it is looked for among the member's coupons, at one read of all of them.
 */
export const findCoupon = async (
  runtime: Runtime,
  order: OrderEvent,
  read: CouponsRead,
  nowMs: number,
): Promise<Found> => {
  if (order.kind === 'refunded') {
    const grants = await readGrantsOf(runtime, order.member);
    const used = grants.find((grant) => grant.kind === 'coupon' && isUsedOn(grant, order));
    return used === undefined ? { kind: 'none' } : ofGrant(runtime, used, nowMs);
  }
  const key = await namedBy(runtime, order, nowMs);
  if (key === undefined) return { kind: 'none' };
  if (typeof key === 'string') return { kind: 'refused', reason: key };
  const isRead = read.has(order.couponId);
  return ofGrant(runtime, isRead ? read.get(order.couponId) : await readGrant(runtime, key), nowMs);
};

/** The coupons that an order brought. */
export const findBrought = async (runtime: Runtime, order: OrderEvent): Promise<StoredGrant[]> =>
  (await readGrantsOf(runtime, order.member)).filter(
    ({ kind, trigger }) => kind === 'coupon' && trigger === order.id,
  );

/** The grants that an order brought, and the coupon that it used or gave back: for telling of it once more. */
export const findTraces = async (
  runtime: Runtime,
  order: OrderEvent,
): Promise<{ grants: StoredGrant[]; coupon: StoredGrant | undefined }> => {
  const all = await readGrantsOf(runtime, order.member);
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
