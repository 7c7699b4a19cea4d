import { armOf } from '#domain/campaigns/arms.ts';
import type { Budget } from '#domain/campaigns/budget.ts';
import { budgetOf } from '#domain/campaigns/campaign-budgets.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import type { Draw } from '#domain/grants/grants-table.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import { type Features, featuresOf, observe, type Profile, remember } from '#domain/members/profile.ts';
import type { Offer } from '#events/sections/coupons.ts';
import { accountOf, withAccount, withoutAccount, withPayment, withRefund } from './accounts.ts';
import type { CouponCampaign } from './campaigns.ts';
import { decide } from './decide.ts';
import { type Model, priorModel } from './model.ts';
import { noiseOf } from './noise.ts';
import {
  type CouponResult,
  type DecisionResult,
  encodeOutcome,
  MAX_DECISIONS,
  type Outcome,
} from './outcome.ts';
import { giveBack, isUsedOn, type RefusalReason, redeem, type UsedChange } from './redeem.ts';
import type { Scored } from './scored.ts';
import { firstOrderSlot, withNextSlot } from './slots.ts';

/** The coupon that an order names or was used with, as far as it was found. */
export type Found =
  | { kind: 'none' }
  | { kind: 'refused'; reason: RefusalReason }
  | { kind: 'coupon'; grant: StoredGrant | undefined; offer: Offer | undefined; budget: Budget | undefined };

/** A campaign as a decision sees it. */
export type Deciding = CouponCampaign & {
  prices: Prices;
  /** What is left of the budgets that turned out to be short, by budget key. */
  remainders: ReadonlyMap<string, number>;
  /** A slot below which all are known to be taken. */
  slotFloor: number;
};

/** What an order does: the member as it becomes, what is to be written along with it, and what came of it. */
export type Step = {
  member: Member;
  profile: Profile;
  draws: Draw[];
  change?: UsedChange;
  outcome: Outcome;
  /** What the model saw, in the order of the decisions; none where it was not asked. */
  scored: (Scored | undefined)[];
};

/** The model that decides. */
const MODEL: Model = priorModel;

/** What came of a coupon: by what it was to the order before (`new` where the order had not used it), and what it is now. */
const RESULTS = {
  new: { redeemed: 'redeemed', live: 'redeemed-returned', expired: 'redeemed-freed' },
  live: { redeemed: 'redeemed', live: 'none', expired: 'lapsed' },
  redeemed: { redeemed: 'none', live: 'returned', expired: 'freed' },
} as const;

const resultOf = (order: OrderEvent, { grant, state }: UsedChange): CouponResult => {
  const before = isUsedOn(grant, order) ? (grant.state as 'live' | 'redeemed') : 'new';
  return RESULTS[before][state];
};

type CouponEffect = { result: CouponResult; change?: UsedChange; accounts: Uint8Array };

const payEffect = (accounts: Uint8Array, order: OrderEvent, found: Found): CouponEffect => {
  if (found.kind === 'none') return { result: 'none', accounts };
  if (found.kind === 'refused') return { result: `refused-${found.reason}`, accounts };
  const account = accountOf(accounts, order.orderId);
  const redeeming = redeem(found.grant, found.offer, found.budget, order, account);
  if (redeeming.kind === 'refused') {
    const { reason } = redeeming;
    // What the order pays at another brand may let it use the coupon yet.
    const mayFollow = reason === 'below-threshold' || reason === 'wrong-scope';
    return {
      result: `refused-${reason}`,
      accounts: mayFollow
        ? withAccount(accounts, order.orderId, withPayment(account, order.amountFen))
        : accounts,
    };
  }
  const { change } = redeeming;
  return { result: resultOf(order, change), change, accounts: withoutAccount(accounts, order.orderId) };
};

const refundEffect = (accounts: Uint8Array, order: OrderEvent, found: Found): CouponEffect => {
  const { orderId, amountFen, timeMs } = order;
  if (found.kind !== 'coupon' || found.grant === undefined || found.budget === undefined) {
    const account = withRefund(accountOf(accounts, orderId), amountFen, timeMs);
    return { result: 'none', accounts: withAccount(accounts, orderId, account) };
  }
  const change = giveBack(found.grant, order, found.budget);
  return { result: resultOf(order, change), change, accounts };
};

const decideIn = (
  campaign: Deciding,
  member: Member,
  features: Features,
  order: OrderEvent,
  used: StoredGrant | undefined,
): { result: DecisionResult; draw?: Draw; scored: Scored | undefined } => {
  const { coupons, settings, prices, remainders, slotFloor } = campaign;
  const { campaignId } = settings;
  const slot = Math.max(
    member.nextSlots[campaignId] ?? firstOrderSlot(coupons),
    slotFloor,
    // The counter may have been dropped, and no transaction may write an item twice.
    used?.campaignId === campaignId ? Number(used.slot) + 1 : 0,
  );
  const decision = decide(
    {
      coupons,
      orderId: order.id,
      member: member.member,
      tier: member.tier,
      arm: armOf(coupons, member.member),
      features,
      prices,
      noise: noiseOf(coupons.offers.length, coupons.salt, campaignId, order.id),
      isBelowLimit: slot < coupons.perMemberLimit,
      remainders,
    },
    MODEL,
  );
  if (decision.kind === 'withhold') return { result: decision.reason, scored: decision.scored };
  const { offer, arm, reason, scored } = decision;
  const grant = couponGrant({
    campaignId,
    member: member.member,
    slot,
    offer,
    arm,
    trigger: order.id,
    grantedMs: order.timeMs,
    reason,
  });
  return { result: 'given', draw: { grant, budget: budgetOf(campaignId, coupons, grant.budget) }, scored };
};

/**
 * Takes an order in that the member's profile does not hold yet: the coupon that it used is redeemed or given back, or, where
 * it has used none, what may count once it does is kept; the profile learns of it, and, when it was paid, each campaign decides
 * on a next coupon. All of it is to be written at once.
 */
export const step = (
  member: Member,
  profile: Profile,
  order: OrderEvent,
  found: Found,
  campaigns: readonly Deciding[],
): Step => {
  const effect = order.kind === 'paid' ? payEffect : refundEffect;
  const { result, change, accounts } = effect(member.accounts, order, found);
  const observed = observe(profile, order);
  const features = featuresOf(observed, order.timeMs);
  const draws: Draw[] = [];
  const decisions: DecisionResult[] = [];
  const scored: Step['scored'] = [];
  let { nextSlots } = member;
  if (order.kind === 'paid') {
    for (const campaign of campaigns.slice(0, MAX_DECISIONS)) {
      const decision = decideIn(campaign, member, features, order, change?.grant);
      decisions.push(decision.result);
      scored.push(decision.scored);
      if (decision.draw === undefined) continue;
      draws.push(decision.draw);
      const { campaignId, slot } = decision.draw.grant;
      nextSlots = withNextSlot(nextSlots, campaignId, Number(slot) + 1);
    }
  }
  const outcome: Outcome = { coupon: result, decisions };
  return {
    member: { ...member, accounts, nextSlots },
    profile: remember(observed, order.id, encodeOutcome(outcome)),
    draws,
    ...(change === undefined ? {} : { change }),
    outcome,
    scored,
  };
};
