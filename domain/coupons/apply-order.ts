/** What an order changes: the coupons that it uses, its member, and the coupons that it brings. Makes no calls. */
import { armOf } from '#domain/campaigns/arms.ts';
import type { Halt } from '#domain/campaigns/budget-items.ts';
import { budgetOf } from '#domain/campaigns/layout.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { orderKeyOf } from '#domain/grants/coupon-account.ts';
import type { CouponIdKey } from '#domain/grants/coupon-id.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import type { GrantDebit } from '#domain/grants/grant-claim.ts';
import { lineHashOf, type OrderLine, orderLineOf } from '#domain/grants/order-line.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import { type Features, featuresOf, observe, type Profile, remember } from '#domain/members/profile.ts';
import { type KnownOrder, MAX_ORDER_LINES, withLine } from './accounts.ts';
import type { CouponCampaign } from './campaigns.ts';
import { decide } from './decide.ts';
import type { DecidingModel } from './deciding-model.ts';
import type { Chance } from './explore.ts';
import type { CouponLookup } from './lookup.ts';
import { type CampaignDecision, type CouponOutcome, type DecisionResult, encodeOutcome } from './outcome.ts';
import { applyLine, type CouponEffect, fallWithOrder, type LineInput, type UsedChange } from './redeem.ts';
import type { ReportedCoupon } from './report.ts';
import type { Scored } from './scored.ts';
import { firstOrderSlot, nextSlotIn, withNextSlot } from './slots.ts';

/** A campaign as a decision sees it. */
export type DecidingCampaign = CouponCampaign & {
  prices: Prices;
  model: DecidingModel;
  /** What was left of the budgets when they were last seen, in fen, by budget key. */
  remainders: ReadonlyMap<string, number>;
  /** Why the campaign gives nothing at all, as far as is known; undefined if it gives coupons. */
  halt: Halt | undefined;
  /** The key of its coupons' ids; undefined if they have the former form. */
  idKey: CouponIdKey | undefined;
  /** All slots below this one are known to be taken. */
  slotFloor: number;
  /** How many coupons the member's aliases have in the campaign. */
  takenByAliases: number;
};

/** What an order changes: the member and the profile afterwards, the writes that go along with them, and the outcome. */
export type OrderTransition = {
  member: Member;
  profile: Profile;
  debits: GrantDebit[];
  changes: UsedChange[];
  coupons: ReportedCoupon[];
  outcome: CouponOutcome;
  /** What the model saw, by campaign. Campaigns in which it was not asked have no entry. */
  scored: Map<string, Scored>;
};

/** The order, its coupons and its campaigns: everything that a transition depends on besides the member. */
export type OrderInput = {
  order: OrderEvent;
  known: KnownOrder;
  /** Further events of the order that are applied next. */
  pending: readonly OrderEvent[];
  found: CouponLookup;
  campaigns: readonly DecidingCampaign[];
  /**
   * Whether the event may have been applied before and dropped from the profile since. Coupons remember every
   * event, so it is still applied to them. No coupon is decided for it, and the profile stays as it is.
   */
  isLate: boolean;
  /** The present time on the orders' own clock, see `noteReached`. */
  reachedMs: number;
};

/**
 * The most coupons that are given for one order, even if the order belongs to more campaigns. Each takes at
 * least two of the hundred writes of a transaction.
 */
export const MAX_GIVEN_FOR_ORDER = 20;

type CouponsAfter = {
  isFull: boolean;
  effects: (CouponEffect & Pick<ReportedCoupon, 'settings' | 'coupons'>)[];
};

const effectsOf = (line: OrderLine, input: OrderInput): CouponsAfter => {
  const { order, known, pending, found } = input;
  const faces = new Map(found.coupons.map(({ grant }) => [lineHashOf(grant.id), grant.faceFen]));
  const lineInput: LineInput = {
    order,
    line,
    known: known.lines,
    pending: pending.map(orderLineOf),
    faces,
  };
  const isKnown = known.lines.some(({ id }) => id === line.id);
  if (!isKnown && known.lines.length >= MAX_ORDER_LINES) return { isFull: true, effects: [] };
  const after: CouponsAfter = { isFull: false, effects: [] };
  for (const { grant, offer, settings, coupons, budget, mayFall } of found.coupons) {
    const fallen = mayFall ? fallWithOrder(grant, budget, lineInput) : undefined;
    const isOfAccount =
      grant.id === order.couponId ||
      grant.redemption?.lines.some((one) => one.order === orderKeyOf(order.orderId)) === true;
    const effect = fallen ?? (isOfAccount ? applyLine(grant, offer, lineInput) : undefined);
    if (effect === 'too-many-lines') return { isFull: true, effects: [] };
    if (effect !== undefined) after.effects.push({ ...effect, settings, coupons });
  }
  return after;
};

/** The slot after those of the campaign's coupons that the order changes: no transaction may write an item twice. */
const slotAfter = (changes: readonly UsedChange[], campaignId: string): number =>
  Math.max(
    0,
    ...changes
      .filter(({ grant }) => grant.campaignId === campaignId)
      .map(({ grant }) => Number(grant.slot) + 1),
  );

/** Decides on the next coupon in one campaign, in the arm of the member id that the order names. */
const decideIn = (
  {
    coupons,
    settings,
    layout,
    prices,
    model,
    remainders,
    halt,
    slotFloor,
    takenByAliases,
    idKey,
  }: DecidingCampaign,
  member: Member,
  features: Features,
  { order, changes, reachedMs }: OrderInput & { changes: readonly UsedChange[] },
): { result: DecisionResult; chance?: Chance; debit?: GrantDebit; scored: Scored | undefined } => {
  const { campaignId } = settings;
  const slot = Math.max(
    nextSlotIn(member.nextSlots, campaignId) ?? firstOrderSlot(coupons),
    slotFloor,
    slotAfter(changes, campaignId),
  );
  const decision = decide(
    {
      campaignId,
      coupons,
      sale: { startsAtMs: settings.startsAtMs, endsAtMs: settings.endsAtMs },
      eventId: order.id,
      timeMs: order.timeMs,
      reachedMs,
      member: order.member,
      tier: member.tier,
      arm: armOf(coupons, order.member),
      features,
      prices,
      isBelowLimit: slot + takenByAliases < coupons.perMemberLimit,
      remainders,
      halt,
    },
    model,
  );
  if (decision.kind === 'withhold') {
    const { reason: result, chance, scored } = decision;
    // Without exploration no choice is random.
    return { result, scored, ...(chance && coupons.epsilon !== 0 && { chance }) };
  }
  const { offer, arm, reason, scored } = decision;
  const grant = couponGrant({
    campaignId,
    member: member.member,
    slot,
    offer,
    arm,
    trigger: order.id,
    grantedMs: order.timeMs,
    reason: order.member === member.member ? reason : { ...reason, isLinked: true },
    idKey,
  });
  return { result: 'given', debit: { grant, budget: budgetOf(layout, grant.budget) }, scored };
};

/** The decisions published for an event that may have been decided before. */
const lateDecisions = ({ campaigns, found, order }: OrderInput): CampaignDecision[] =>
  campaigns.map(({ coupons, settings: { campaignId } }) => {
    const isGiven = found.issued.some((grant) => grant.campaignId === campaignId);
    const withheld = armOf(coupons, order.member) === 'control' ? 'control' : 'too-late-to-decide';
    return { campaignId, result: isGiven ? 'given' : withheld };
  });

/** Decides in each campaign, and collects the debits, the decisions and the member's next slots. */
const decideAll = (
  member: Member,
  features: Features,
  input: OrderInput & { changes: readonly UsedChange[] },
): Pick<OrderTransition, 'debits' | 'scored'> & {
  decisions: CampaignDecision[];
  nextSlots: Member['nextSlots'];
} => {
  const debits: GrantDebit[] = [];
  const decisions: CampaignDecision[] = [];
  const scored = new Map<string, Scored>();
  let { nextSlots } = member;
  for (const campaign of input.campaigns) {
    const { campaignId } = campaign.settings;
    const decision = decideIn(campaign, member, features, input);
    const isEnough = decision.debit !== undefined && debits.length === MAX_GIVEN_FOR_ORDER;
    const { result, chance } = decision;
    decisions.push({
      campaignId,
      ...(isEnough ? { result: 'enough-for-order' } : { result, ...(chance && { chance }) }),
    });
    if (decision.scored !== undefined) scored.set(campaignId, decision.scored);
    if (decision.debit === undefined || isEnough) continue;
    debits.push(decision.debit);
    nextSlots = withNextSlot(nextSlots, campaignId, Number(decision.debit.grant.slot) + 1);
  }
  return { debits, decisions, scored, nextSlots };
};

/**
 * Applies an order's event that the member's profile does not hold. The coupons that the order names or has used are changed,
 * and its line is kept in case a later part of the order names a coupon. The order is added to the profile. If it is a payment,
 * each campaign decides on a next coupon. The caller writes all of this in one transaction.
 */
export const applyOrder = (member: Member, profile: Profile, input: OrderInput): OrderTransition => {
  const { order, found, isLate } = input;
  const line = orderLineOf(order);
  const { isFull, effects } = effectsOf(line, input);
  const changes = effects.flatMap(({ change }) => (change === undefined ? [] : [change]));
  const coupons = effects
    .filter((effect) => effect.effects !== 0)
    .map(({ grant, settings, coupons: section, effects: bits }) => ({
      grant,
      settings,
      coupons: section,
      effects: bits,
    }));
  const accounts = isFull ? member.accounts : withLine(member.accounts, order.orderId, line);
  const touched = effects.length > 0 ? 'touched' : 'none';
  const refused = found.refusal === undefined ? touched : (`refused-${found.refusal.reason}` as const);
  const coupon = isFull ? 'too-many-lines' : refused;
  if (isLate) {
    const decisions = order.kind === 'paid' ? lateDecisions(input) : [];
    const outcome: CouponOutcome = { coupon, decisions };
    return {
      member: { ...member, accounts },
      profile,
      debits: [],
      changes,
      coupons,
      outcome,
      scored: new Map(),
    };
  }
  const observed = observe(profile, order);
  const decided =
    order.kind === 'paid'
      ? decideAll(member, featuresOf(observed, order.timeMs), { ...input, changes })
      : { debits: [], decisions: [], scored: new Map<string, Scored>(), nextSlots: member.nextSlots };
  const { debits, decisions, scored, nextSlots } = decided;
  const outcome: CouponOutcome = { coupon, decisions };
  const { joined } = member;
  const isFirst = joined?.firstId === '' && order.member === member.member;
  return {
    member: {
      ...member,
      accounts,
      nextSlots,
      ...(joined && isFirst && { joined: { ...joined, firstId: order.id } }),
    },
    profile: remember(observed, order, encodeOutcome(outcome)),
    debits,
    changes,
    coupons,
    outcome,
    scored,
  };
};
