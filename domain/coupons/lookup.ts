/** Finds the coupons that an order concerns. */
import type { Budget } from '#domain/campaigns/budget.ts';
import { budgetOf } from '#domain/campaigns/layout.ts';
import { orderKeyOf } from '#domain/grants/coupon-account.ts';
import { isOwnCoupon, parseCouponId } from '#domain/grants/coupon-id.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { GrantKey } from '#domain/grants/grant-item.ts';
import { readGrant, readGrants, readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { lineIdOf, unionOf } from '#domain/grants/order-line.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { isErasedName } from '#domain/members/members-table.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { KnownOrder } from './accounts.ts';
import { couponCampaign, idKeyOf } from './campaigns.ts';
import { locate } from './redeem.ts';

/** A coupon with its offer, its campaign and its budget. */
export type FoundCoupon = {
  grant: StoredGrant;
  offer: Offer;
  settings: CampaignSettings;
  coupons: Coupons;
  budget: Budget;
  /** Whether the coupon may be voided: the event refunds the order that earned it, and the campaign's rule allows it. */
  mayFall: boolean;
};

/** A named coupon that does not exist or is another member's, with the campaign that its id names, if there is one. */
export type CouponRefusal = { reason: 'unknown' | 'foreign'; settings: CampaignSettings | undefined };

/**
 * The coupons that an order's event concerns: the one that it names, those that its order has used already and, for a refund,
 * those that its order has earned.
 */
export type CouponLookup = {
  refusal?: CouponRefusal;
  coupons: FoundCoupon[];
  /** The coupons that were issued for this event. Only filled when all of the member's grants were read. */
  issued: StoredGrant[];
};

/**
 * What is known of an order: the member's lines and the lines in the accounts of its coupons. A member keeps a limited number
 * of lines, so older lines are forgotten. A coupon's account keeps its lines for good. So if a later payment of the order
 * names another coupon, the older lines are still found in the account of the first coupon.
 */
export const withAccountLines = (
  known: KnownOrder,
  { coupons }: CouponLookup,
  { orderId }: OrderEvent,
): KnownOrder => {
  const key = orderKeyOf(orderId);
  const kept = coupons.flatMap(
    ({ grant }) => grant.redemption?.lines.filter(({ order }) => order === key) ?? [],
  );
  return { ...known, lines: unionOf(known.lines, kept) };
};

const foundOf = async (
  runtime: Runtime,
  grants: readonly StoredGrant[],
  nowMs: number,
  brought: ReadonlySet<string> = new Set(),
): Promise<FoundCoupon[]> => {
  const found: FoundCoupon[] = [];
  for (const grant of grants) {
    const campaign = await couponCampaign(runtime, grant.campaignId, nowMs);
    const offer = campaign?.coupons.offers.find(({ offerId }) => offerId === grant.offer);
    if (campaign !== undefined && offer !== undefined) {
      const { settings, coupons, layout } = campaign;
      const mayFall = coupons.fallsWithOrder === true && brought.has(grant.id);
      const budget = budgetOf(layout, grant.budget);
      found.push({ grant, offer, settings, coupons, budget, mayFall });
    }
  }
  return found;
};

/** An order, and the ids of its member, whose coupons it may use. */
export type NamingOrder = { order: OrderEvent; owners: readonly string[] };

/**
 * The order with the id that its coupon is stored under. A coupon with a keyed id (`coupon-id.ts`) is also found by the id that
 * the previous version would have given it, because recorded events use ids of that form.
 */
export const withStoredCouponId = async (
  runtime: Runtime,
  { order, owners }: NamingOrder,
  nowMs: number,
): Promise<OrderEvent> => {
  const id = parseCouponId(order.couponId);
  if (id === undefined || id.isKeyed) return order;
  if (!owners.some((owner) => isOwnCoupon(id, owner, undefined))) return order;
  const { campaignId, slot } = id;
  if ((await idKeyOf(runtime, campaignId, nowMs)) === undefined) return order;
  // An erased member's coupon is stored under the name that replaces the member's id (`tombstones.ts`). That name cannot be
  // compared with the hash in the coupon's id.
  for (const member of owners.filter((owner) => isErasedName(owner) || isOwnCoupon(id, owner, undefined))) {
    const grant = await readGrant(runtime, { campaignId, slot: String(slot), member, kind: 'coupon' });
    if (grant !== undefined) return { ...order, couponId: grant.id };
  }
  return order;
};

/** Where to find the coupon that a paid order names, or why it cannot be the member's; undefined if the order names none. */
const namedBy = async (
  runtime: Runtime,
  { order, owners }: NamingOrder,
  nowMs: number,
): Promise<GrantKey | CouponRefusal | undefined> => {
  if (order.couponId === '') return undefined;
  const id = parseCouponId(order.couponId);
  const campaign = id && (await couponCampaign(runtime, id.campaignId, nowMs));
  const idKey = id && (await idKeyOf(runtime, id.campaignId, nowMs));
  const naming = campaign && { coupons: campaign.coupons, idKey };
  for (const member of owners) {
    const place = locate(order.couponId, member, naming);
    if (place === 'unknown') return { reason: place, settings: campaign?.settings };
    if (place !== 'foreign') return { ...place, member, kind: 'coupon' };
  }
  return { reason: 'foreign', settings: campaign?.settings };
};

/** Coupons that were read together, by their ids; undefined for an id that does not exist. */
export type CouponsRead = ReadonlyMap<string, StoredGrant | undefined>;

/** Reads the coupons that paid orders of different members name, a hundred in each call. */
export const readCouponsNamedBy = async (
  runtime: Runtime,
  orders: readonly NamingOrder[],
  nowMs: number,
): Promise<CouponsRead> => {
  const read = new Map<string, StoredGrant | undefined>();
  const keys: GrantKey[] = [];
  for (const naming of orders) {
    const key = await namedBy(runtime, naming, nowMs);
    if (key === undefined || 'reason' in key) continue;
    keys.push(key);
    read.set(naming.order.couponId, undefined);
  }
  for (const grant of await readGrants(runtime, keys)) read.set(grant.id, grant);
  return read;
};

/** What is known before coupons are looked up. */
export type LookupInput = { known: KnownOrder; read: CouponsRead; nowMs: number; readsAll: boolean };

/**
 * Finds the coupons that an order's event concerns. All grants of the member are read in three cases: for a refund, which need
 * not name its coupon; for an order with another payment or refund that named a coupon; and when `readsAll` is set.
 */
export const findCoupons = async (
  runtime: Runtime,
  naming: NamingOrder,
  { known, read, nowMs, readsAll }: LookupInput,
): Promise<CouponLookup> => {
  const { order, owners } = naming;
  const key = order.kind === 'paid' ? await namedBy(runtime, naming, nowMs) : undefined;
  const refusal = key !== undefined && 'reason' in key ? key : undefined;
  const isNamedElsewhere = known.lines.some(({ coupon }) => coupon !== '');
  if (readsAll || order.kind === 'refunded' || isNamedElsewhere) {
    const grants = await readGrantsOfAll(runtime, owners);
    const orderKey = orderKeyOf(order.orderId);
    const lineIds = new Set(known.lines.map(({ id }) => id));
    const broughtByOrder = grants.filter(
      ({ kind, trigger }) => kind === 'coupon' && order.kind === 'refunded' && lineIds.has(lineIdOf(trigger)),
    );
    const brought = new Set(broughtByOrder.map(({ id }) => id));
    const concerned = grants.filter(
      ({ id, kind, redemption }) =>
        kind === 'coupon' &&
        (brought.has(id) ||
          (key !== undefined && refusal === undefined && id === order.couponId) ||
          redemption?.lines.some((line) => line.order === orderKey)),
    );
    const isFound = concerned.some(({ id }) => id === order.couponId);
    return {
      ...(refusal === undefined
        ? key !== undefined && !isFound
          ? { refusal: await absent(runtime, order, nowMs) }
          : {}
        : { refusal }),
      coupons: await foundOf(runtime, concerned, nowMs, brought),
      issued: grants.filter(({ kind, trigger }) => kind === 'coupon' && trigger === order.id),
    };
  }
  if (key === undefined) return { coupons: [], issued: [] };
  if ('reason' in key) return { refusal: key, coupons: [], issued: [] };
  const grant = read.has(order.couponId) ? read.get(order.couponId) : await readGrant(runtime, key);
  // An id may name a place whose coupon has another cause than the id says. Then no coupon has this id.
  return grant?.id !== order.couponId
    ? { refusal: await absent(runtime, order, nowMs), coupons: [], issued: [] }
    : { coupons: await foundOf(runtime, [grant], nowMs), issued: [] };
};

/** The refusal of a coupon that its campaign has not given. */
const absent = async (runtime: Runtime, { couponId }: OrderEvent, nowMs: number): Promise<CouponRefusal> => {
  const campaignId = parseCouponId(couponId)?.campaignId;
  const campaign = campaignId && (await couponCampaign(runtime, campaignId, nowMs));
  return { reason: 'unknown', settings: campaign ? campaign.settings : undefined };
};
