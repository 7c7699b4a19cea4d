import { armOf } from '#domain/campaigns/arms.ts';
import { budgetOf } from '#domain/campaigns/campaign-budgets.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import type { GrantDebit } from '#domain/grants/grant-claim.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import { type Features, featuresOf, observe, type Profile, remember } from '#domain/members/profile.ts';
import { accountOf, withAccount, withoutAccount, withPayment, withRefund } from './accounts.ts';
import type { CouponCampaign } from './campaigns.ts';
import { decide } from './decide.ts';
import type { CouponLookup } from './lookup.ts';
import type { Model } from './model.ts';
import { noiseOf } from './noise.ts';
import {
  type CouponOutcome,
  type CouponResult,
  type DecisionResult,
  encodeOutcome,
  MAX_DECISIONS,
} from './outcome.ts';
import { giveBack, isUsedOn, redeem, type UsedChange } from './redeem.ts';
import type { Scored } from './scored.ts';
import { firstOrderSlot, withNextSlot } from './slots.ts';

/** A campaign as a decision sees it. */
export type DecidingCampaign = CouponCampaign & {
  prices: Prices;
  /** What is left of the budgets that were found short, by budget key. */
  remainders: ReadonlyMap<string, number>;
  /** All slots below this one are known to be taken. */
  slotFloor: number;
};

/** What an order changes: the member and the profile afterwards, the writes that go along with them, and the outcome. */
export type OrderTransition = {
  member: Member;
  profile: Profile;
  debits: GrantDebit[];
  change?: UsedChange;
  outcome: CouponOutcome;
  /** What the model saw, in the order of the decisions; none where it was not asked. */
  scored: (Scored | undefined)[];
};

/** Results by the coupon's state for the order before (`new` where the order had not used it), and by its state afterwards. */
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

const payEffect = (accounts: Uint8Array, order: OrderEvent, found: CouponLookup): CouponEffect => {
  if (found.kind === 'none') return { result: 'none', accounts };
  if (found.kind === 'refused') return { result: `refused-${found.reason}`, accounts };
  const account = accountOf(accounts, order.orderId);
  const redeeming = redeem(found, order, account);
  if (redeeming.kind === 'refused') {
    const { reason } = redeeming;
    // A payment at another brand may still let the order use the coupon.
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

const refundEffect = (accounts: Uint8Array, order: OrderEvent, found: CouponLookup): CouponEffect => {
  const { orderId, amountFen, timeMs } = order;
  if (found.kind !== 'coupon' || found.grant === undefined || found.budget === undefined) {
    const account = withRefund(accountOf(accounts, orderId), amountFen, timeMs);
    return { result: 'none', accounts: withAccount(accounts, orderId, account) };
  }
  const change = giveBack(found.grant, order, found.budget);
  return { result: resultOf(order, change), change, accounts };
};

/** The order, its coupon and its campaigns: everything that a transition depends on beside the member. */
export type OrderInput = {
  order: OrderEvent;
  found: CouponLookup;
  campaigns: readonly DecidingCampaign[];
  model: Model;
};

const effectOf = (accounts: Uint8Array, order: OrderEvent, found: CouponLookup): CouponEffect => {
  const { kind } = order;
  switch (kind) {
    case 'paid':
      return payEffect(accounts, order, found);
    case 'refunded':
      return refundEffect(accounts, order, found);
    default:
      return kind satisfies never;
  }
};

/** The decision on a next coupon in one campaign. `used` is the coupon that the order has used. */
const decideIn = (
  { coupons, settings, prices, remainders, slotFloor }: DecidingCampaign,
  member: Member,
  features: Features,
  { order, model, used }: OrderInput & { used: StoredGrant | undefined },
): { result: DecisionResult; debit?: GrantDebit; scored: Scored | undefined } => {
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
      eventId: order.id,
      member: member.member,
      tier: member.tier,
      arm: armOf(coupons, member.member),
      features,
      prices,
      noise: noiseOf(coupons.offers.length, coupons.salt, campaignId, order.id),
      isBelowLimit: slot < coupons.perMemberLimit,
      remainders,
    },
    model,
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
  return { result: 'given', debit: { grant, budget: budgetOf(campaignId, coupons, grant.budget) }, scored };
};

/**
 * Applies an order that the member's profile does not hold yet. The coupon that the order used is redeemed or given back;
 * where it has used none, its account is kept in case it still does. The profile observes the order. Where it was paid, each
 * campaign decides on a next coupon. All of this is to be written at once.
 */
export const applyOrder = (member: Member, profile: Profile, input: OrderInput): OrderTransition => {
  const { order, found, campaigns } = input;
  const { result, change, accounts } = effectOf(member.accounts, order, found);
  const observed = observe(profile, order);
  const features = featuresOf(observed, order.timeMs);
  const debits: GrantDebit[] = [];
  const decisions: DecisionResult[] = [];
  const scored: OrderTransition['scored'] = [];
  let { nextSlots } = member;
  if (order.kind === 'paid') {
    for (const campaign of campaigns.slice(0, MAX_DECISIONS)) {
      const decision = decideIn(campaign, member, features, { ...input, used: change?.grant });
      decisions.push(decision.result);
      scored.push(decision.scored);
      if (decision.debit === undefined) continue;
      debits.push(decision.debit);
      const { campaignId, slot } = decision.debit.grant;
      nextSlots = withNextSlot(nextSlots, campaignId, Number(slot) + 1);
    }
  }
  const outcome: CouponOutcome = { coupon: result, decisions };
  return {
    member: { ...member, accounts, nextSlots },
    profile: remember(observed, order.id, encodeOutcome(outcome)),
    debits,
    ...(change === undefined ? {} : { change }),
    outcome,
    scored,
  };
};
