/** What an order's event does to the coupons that the order names, has used or has earned. Makes no calls. */
import type { Budget } from '#domain/campaigns/budget.ts';
import {
  type AccountLine,
  type CouponUse,
  EFFECTS,
  effectsBetween,
  isSameSource,
  MAX_ACCOUNT_LINES,
  orderKeyOf,
  paidBackOf,
  usesOf,
} from '#domain/grants/coupon-account.ts';
import { type CouponIdKey, isOwnCoupon, parseCouponId } from '#domain/grants/coupon-id.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { GrantChange } from '#domain/grants/grant-claim.ts';
import { lineHashOf, lineIdOf, type OrderLine, unionOf } from '#domain/grants/order-line.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';

export const REFUSAL_REASONS = ['unknown', 'foreign', 'expired', 'used', 'too-many-lines'] as const;

/** Why a coupon is refused. The order was paid and still counts. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Where a coupon is stored, as its id says. */
export type CouponPlace = { campaignId: string; slot: string };

/** What is needed of a campaign to read the ids of its coupons. */
export type NamingCampaign = { coupons: Pick<Coupons, 'perMemberLimit'>; idKey: CouponIdKey | undefined };

/**
 * Finds the place of a member's coupon by its id alone, or says why it cannot be the member's. `campaign` is the one that the id
 * names; undefined if there is no such campaign. The coupon in that place may still have another id.
 */
export const locate = (
  couponId: string,
  member: string,
  campaign: NamingCampaign | undefined,
): CouponPlace | 'unknown' | 'foreign' => {
  const id = parseCouponId(couponId);
  if (id === undefined || campaign === undefined || id.slot >= campaign.coupons.perMemberLimit)
    return 'unknown';
  // A campaign without a key has given no coupon with a keyed id.
  if (id.isKeyed && campaign.idKey === undefined) return 'unknown';
  return isOwnCoupon(id, member, campaign.idKey)
    ? { campaignId: id.campaignId, slot: String(id.slot) }
    : 'foreign';
};

/** What changes in a coupon by an event of an order that names it, has used it or has earned it. */
export type UsedChange = Exclude<GrantChange, { state: 'revoked' }>;

/**
 * What an order's event does to one coupon; `effects` are bits, see {@link EFFECTS}. Without `change`, the event was applied to
 * the coupon before, with these effects.
 */
export type CouponEffect = { grant: StoredGrant; effects: number; change?: UsedChange };

/** An order's event, with what is known of its order. */
export type LineInput = {
  order: OrderEvent;
  line: OrderLine;
  /** The lines of the order that are known. This one is among them if it comes again. */
  known: readonly OrderLine[];
  /** Lines of the order that have arrived with this one and are applied after it. */
  pending: readonly OrderLine[];
  /** The face values of coupons, in fen, by their hashes. */
  faces: ReadonlyMap<string, number>;
};

/** Why an order's event may not use a coupon, as an effect; 0 if it may. A coupon that the shop accepted in time is honoured. */
const refusalOf = (
  { state, expiresMs }: StoredGrant,
  { order, source, timeMs }: AccountLine,
  before: readonly CouponUse[],
): number => {
  const isUsed = before.some(
    (use) => !use.isReturned && !(use.order === order && isSameSource(use.source, source)),
  );
  if (isUsed) return EFFECTS.refusedUsed;
  return state === 'expired' && timeMs >= expiresMs ? EFFECTS.refusedExpired : 0;
};

const changeOf = (
  grant: StoredGrant,
  lines: readonly AccountLine[],
  uses: readonly CouponUse[],
  order: OrderEvent,
): UsedChange => {
  const use = uses.find(({ isReturned }) => !isReturned) ?? uses.at(-1);
  const key = orderKeyOf(order.orderId);
  const brands = new Set(use?.named.map(({ brand }) => brand));
  const coupon = lineHashOf(grant.id);
  const refunds = lines.filter(
    (line) =>
      line.kind === 'refunded' &&
      line.order === use?.order &&
      (line.coupon === '' ? brands.has(line.brand) || brands.has('') : line.coupon === coupon),
  );
  const sumFen = (of: readonly AccountLine[]): number => of.reduce((sum, { fen }) => sum + fen, 0);
  const stored = grant.redemption;
  const known = [order.orderId, ...(stored === undefined ? [] : [stored.orderId, ...stored.otherOrders])];
  const orderId = known.find((id) => orderKeyOf(id) === (use?.order ?? key)) ?? order.orderId;
  const redemption = {
    orderId,
    paidFen: sumFen(use?.named ?? []),
    refundedFen: sumFen(refunds),
    lines: [...lines],
    otherOrders: [...new Set(known)].filter((id) => id !== orderId),
  };
  // Money that went back to its budget is never taken again, so a later use counts as an overdraft.
  if (grant.state === 'expired') return { grant, state: 'expired', redemption };
  const isUsed = uses.some(({ isReturned }) => !isReturned);
  return { grant, state: isUsed ? 'redeemed' : 'live', redemption };
};

/**
 * Applies an event of an order to a coupon that the order names or has used. The coupon's account is a set of lines, so the
 * order of arrival only decides at which event something is counted. The total counts do not depend on it.
 */
export const applyLine = (
  grant: StoredGrant,
  offer: Offer,
  { order, line, known, pending, faces }: LineInput,
): CouponEffect | 'too-many-lines' => {
  const stored = grant.redemption?.lines ?? [];
  const key = orderKeyOf(order.orderId);
  const applied = stored.find((one) => one.order === key && one.id === line.id);
  if (applied !== undefined) return { grant, effects: applied.effects };
  const inOrder = (one: OrderLine): AccountLine => ({ ...one, order: key, effects: 0 });
  const coupon = lineHashOf(grant.id);
  const terms = { offer, expiresMs: grant.expiresMs, faces, pending: pending.map(inOrder) };
  const before = usesOf(stored, coupon, terms);
  const own = inOrder(line);
  const refusal = line.kind === 'paid' && line.coupon === coupon ? refusalOf(grant, own, before) : 0;
  const others = known.filter(({ id }) => id !== line.id).map(inOrder);
  const lines = unionOf(stored, refusal === EFFECTS.refusedExpired ? [] : others, [
    { ...own, effects: refusal },
  ]);
  if (lines.length > MAX_ACCOUNT_LINES) return 'too-many-lines';
  const after = usesOf(lines, coupon, terms);
  const isFreed = grant.state === 'expired';
  const isHeld = isFreed ? before.some(({ isReturned }) => !isReturned) : grant.state === 'redeemed';
  const effects = refusal | effectsBetween(before, after, { order: key, isFreed, isHeld });
  const withEffects = lines.map((one) =>
    one.id === own.id && one.order === key ? { ...one, effects } : one,
  );
  return { grant, effects, change: changeOf(grant, withEffects, after, order) };
};

/**
 * What a refund does to a coupon that its order earned, if the campaign's rule voids such coupons. Once the payment that earned
 * it is paid back, an unused coupon is void and its money goes back to the budget. Undefined for a coupon that stays as it is.
 */
export const fallWithOrder = (
  grant: StoredGrant,
  budget: Budget,
  { order, line, known }: LineInput,
): CouponEffect | undefined => {
  if (grant.state !== 'live') return undefined;
  if (!paidBackOf(unionOf(known, [line])).has(lineIdOf(grant.trigger))) return undefined;
  const before = grant.redemption ?? {
    orderId: order.orderId,
    paidFen: 0,
    refundedFen: 0,
    lines: [],
    otherOrders: [],
  };
  const own = { ...line, order: orderKeyOf(order.orderId), effects: EFFECTS.fell };
  const redemption = { ...before, lines: unionOf([own], before.lines) };
  return { grant, effects: EFFECTS.fell, change: { grant, state: 'expired', redemption, budget } };
};
