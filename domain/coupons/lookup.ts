import type { Budget } from '#domain/campaigns/budget.ts';
import { budgetOf } from '#domain/campaigns/campaign-budgets.ts';
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { GrantKey } from '#domain/grants/grant-item.ts';
import { readGrant, readGrants, readGrantsOf } from '#domain/grants/grant-statements.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Offer } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import { couponCampaign } from './campaigns.ts';
import { isUsedOn, locate, type RefusalReason } from './redeem.ts';

/** The coupon that an order names or was used with, as far as it was found. */
export type CouponLookup =
  | { kind: 'none' }
  | { kind: 'refused'; reason: RefusalReason }
  | { kind: 'coupon'; grant: StoredGrant | undefined; offer: Offer | undefined; budget: Budget | undefined };

const ofGrant = async (
  runtime: Runtime,
  grant: StoredGrant | undefined,
  nowMs: number,
): Promise<CouponLookup> => {
  const campaign = grant && (await couponCampaign(runtime, grant.campaignId, nowMs));
  return {
    kind: 'coupon',
    grant,
    offer: campaign?.coupons.offers.find(({ offerId }) => offerId === grant?.offer),
    budget: grant && campaign && budgetOf(grant.campaignId, campaign.coupons, grant.budget),
  };
};

/** Where the coupon is that a paid order names, or why it cannot be the member's; undefined where the order names none. */
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
 * Finds the coupon that a paid order names, in `read` where it is there, or the coupon that was used on a refunded order. A
 * refund need not name its coupon, so all coupons of the member are read for it.
 */
export const findCoupon = async (
  runtime: Runtime,
  order: OrderEvent,
  read: CouponsRead,
  nowMs: number,
): Promise<CouponLookup> => {
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

const issuedFor = (order: OrderEvent, grants: readonly StoredGrant[]): StoredGrant[] =>
  grants.filter(({ kind, trigger }) => kind === 'coupon' && trigger === order.id);

/** The coupons that were issued for an order. */
export const couponsIssuedFor = async (runtime: Runtime, order: OrderEvent): Promise<StoredGrant[]> =>
  issuedFor(order, await readGrantsOf(runtime, order.member));

/** The coupons that were issued for an order, and the one that it used or gave back: what a redelivery republishes. */
export const couponsConcernedBy = async (
  runtime: Runtime,
  order: OrderEvent,
): Promise<{ grants: StoredGrant[]; coupon: StoredGrant | undefined }> => {
  const all = await readGrantsOf(runtime, order.member);
  return {
    grants: issuedFor(order, all),
    coupon:
      all.find(({ id }) => id === order.couponId) ??
      all.find(
        ({ redemption }) =>
          redemption?.orderId === order.orderId || redemption?.earlier.includes(order.orderId) === true,
      ),
  };
};
