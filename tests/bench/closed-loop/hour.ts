import { type Arm, armOf, type SpendingArm } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { decide } from '#domain/coupons/decide.ts';
import type { DecidingModel } from '#domain/coupons/deciding-model.ts';
import { firstOrderSlot } from '#domain/coupons/slots.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import { memberEventOf, type OrderEvent } from '#domain/members/member-event.ts';
import { type Member, newMember } from '#domain/members/members-table.ts';
import { emptyProfile, encodeProfile, featuresOf, observe, type Profile } from '#domain/members/profile.ts';
import { paced, type Reading } from '#domain/pacing/pace.ts';
import { timeLeftIn } from '#domain/pacing/pace-campaigns.ts';
import {
  count,
  countOrder,
  emptyTallies,
  limitsOfSegment,
  mergeTallies,
} from '#domain/presale/audience-tallies.ts';
import { evaluateForPresale, type Presale } from '#domain/presale/evaluate-for-presale.ts';
import { expectedOrder } from '#domain/presale/expected-order.ts';
import { planPresale, presaleGrant } from '#domain/presale/presale-plan.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { SALE_END_MS, SALE_MS } from '#simulator/calendar.ts';
import { everydayDefinition, SALE } from '#simulator/campaigns.ts';
import { type Simulation, simulate } from '#simulator/simulator.ts';
import { type Truth, truthOf } from '#simulator/truth.ts';

/** What decides on coupons: a change of the definition, and a model for each decision. */
export type Engine = {
  coupons: (definition: Coupons) => Coupons;
  presaleModel: (member: string) => DecidingModel;
  orderModel: (eventId: string) => DecidingModel;
};

const MINUTE_MS = 60_000;
const STEP_MS = 1_000;
const PRICE_AGE_MS = 5_000;

/** The members after the history, in which everybody in the engine's arm of the everyday campaign got a trial coupon. */
const historyOf = ({
  texts,
  trial,
}: Simulation['history']): Map<string, { tier: string; profile: Profile }> => {
  const members = new Map<string, { tier: string; profile: Profile }>();
  const see = (text: string): void => {
    const event = memberEventOf(JSON.parse(text));
    const known = members.get(event.member) ?? { tier: '', profile: emptyProfile() };
    if (event.kind === 'tier') known.tier = event.tier;
    else known.profile = observe(known.profile, event);
    members.set(event.member, known);
  };
  for (const ofMember of texts) for (const text of ofMember) see(text);
  const { campaignId, coupons } = everydayDefinition();
  for (const memberId of members.keys()) {
    if (armOf(coupons!, memberId) === 'engine')
      trial.tell([{ grantId: `trial-${memberId}`, campaignId, memberId }]);
  }
  for (const text of trial.take()) see(text);
  return members;
};

export type HourResult = {
  truth: Truth;
  /** The share of an arm's money that was spent. A simulated sale has one pool. */
  spentShare: Record<SpendingArm, number>;
  /** Members by arm. */
  eligible: Record<Arm, number>;
};

/** Plays a simulated hour as a closed loop: each coupon, of whichever arm, changes the orders that follow. */
export const liveHour = (seed: number, scale: number, engine: Engine): HourResult => {
  const simulation = simulate(seed, scale);
  const { hour, members } = simulation;
  const coupons = engine.coupons(simulation.sale.coupons!);
  const presaleFor = (member: string): Presale => ({
    campaignId: SALE,
    startsAtMs: SALE_MS,
    endsAtMs: SALE_END_MS,
    coupons,
    model: engine.presaleModel(member),
    idKey: undefined,
  });
  const known = historyOf(simulation.history);
  const budgets = campaignBudgets(coupons);
  const remaining = new Map(budgets.map(({ key, totalFen }) => [key, totalFen]));
  const tallies = emptyTallies(coupons, limitsOfSegment(1));
  const stored: Member[] = [...known].map(([member, { tier, profile }]) => ({
    ...newMember(member),
    tier,
    profile: encodeProfile(profile),
  }));
  for (const member of stored) {
    const presale = presaleFor(member.member);
    const candidate = evaluateForPresale(presale, member);
    if (candidate !== undefined) count(tallies, presale, candidate);
    if (armOf(coupons, member.member) !== 'engine') continue;
    const order = expectedOrder(presale, member);
    if (order !== undefined) countOrder(tallies, order);
  }
  const plan = planPresale(presaleFor(''), mergeTallies(coupons, [tallies]));
  const give = (grant: Grant, atMs: number): boolean => {
    const left = remaining.get(grant.budget)!;
    if (left < grant.faceFen) return false;
    remaining.set(grant.budget, left - grant.faceFen);
    hour.tell(
      [
        {
          grantId: grant.id,
          campaignId: SALE,
          memberId: grant.member,
          offerId: grant.offer,
          budget: grant.budget,
        },
      ],
      atMs,
    );
    return true;
  };
  for (const member of stored) {
    const presale = presaleFor(member.member);
    const candidate = evaluateForPresale(presale, member);
    const grant = candidate && presaleGrant(presale, plan, candidate);
    if (grant !== undefined) give(grant, SALE_MS);
  }

  let prices: Prices = { ...plan.opening };
  let facing = prices;
  const slots = new Map<string, number>();
  const demand = new Map<string, { orders: number; demand: Map<number, number> }>();
  let before: Reading = {
    atMs: SALE_MS,
    remainingFen: Object.fromEntries(remaining),
    observedShare: 0,
    courses: {},
  };
  const couponFen = Object.fromEntries(
    budgets.map(({ key }) => [
      key,
      coupons.offers.reduce((sum, offer) => sum + faceValueFen(offer), 0) / coupons.offers.length,
    ]),
  );
  const sale = { startsAtMs: SALE_MS, endsAtMs: SALE_END_MS };
  const timeLeft = timeLeftIn(sale, coupons);
  const onOrder = (order: OrderEvent): void => {
    const state = known.get(order.member) ?? { tier: '', profile: emptyProfile() };
    state.profile = observe(state.profile, order);
    known.set(order.member, state);
    if (order.kind !== 'paid') return;
    const slot = slots.get(order.member) ?? firstOrderSlot(coupons);
    const arm = armOf(coupons, order.member);
    const decision = decide(
      {
        campaignId: SALE,
        coupons,
        sale: { startsAtMs: SALE_MS, endsAtMs: SALE_END_MS },
        eventId: order.id,
        timeMs: order.timeMs,
        reachedMs: order.timeMs,
        member: order.member,
        tier: state.tier,
        arm,
        features: featuresOf(state.profile, order.timeMs),
        prices: facing,
        isBelowLimit: slot < coupons.perMemberLimit,
        halt: undefined,
        remainders: remaining,
      },
      engine.orderModel(order.id),
    );
    const edge = decision.scored?.edge;
    if (decision.scored !== undefined && edge !== undefined) {
      const key = budgetKeyOf('engine', coupons.budgets[edge.pool]!.pool);
      const seen = demand.get(key) ?? { orders: 0, demand: new Map<number, number>() };
      seen.orders++;
      seen.demand.set(edge.bucket, (seen.demand.get(edge.bucket) ?? 0) + edge.fen);
      demand.set(key, seen);
    }
    if (decision.kind !== 'give') return;
    const grant = couponGrant({
      campaignId: SALE,
      member: order.member,
      slot,
      offer: decision.offer,
      arm: decision.arm,
      trigger: order.id,
      grantedMs: order.timeMs,
      reason: decision.reason,
      idKey: undefined,
    });
    if (give(grant, order.timeMs)) slots.set(order.member, slot + 1);
  };
  for (let nowMs = SALE_MS + STEP_MS; nowMs <= SALE_END_MS; nowMs += STEP_MS) {
    for (const { text, alone } of hour.due(nowMs)) {
      if (alone) continue;
      const event = memberEventOf(JSON.parse(text));
      if (event.kind !== 'tier') onOrder(event);
    }
    const sinceTick = (nowMs - SALE_MS) % MINUTE_MS;
    if (sinceTick === PRICE_AGE_MS) facing = prices;
    if (sinceTick !== 0) continue;
    const now = { atMs: nowMs, remainingFen: Object.fromEntries(remaining) };
    const observed = Object.fromEntries(
      [...demand].map(([key, { orders, demand: of }]) => [
        key,
        { orders, demand: [...of].sort(([a], [b]) => a - b) },
      ]),
    );
    const outlook = { observedUntilMs: nowMs, observed, audience: plan.demand };
    ({ prices, reading: before } = paced(
      prices,
      { before, now },
      { sale, couponFen, outlook, ...(timeLeft && { timeLeft }) },
    ));
  }
  const eligible = { engine: 0, baseline: 0, control: 0 };
  for (const { member } of members) eligible[armOf(coupons, member)]++;
  const spentShare = { engine: 0, baseline: 0 };
  for (const { arm, key, totalFen } of budgets) spentShare[arm] = 1 - remaining.get(key)! / totalFen;
  return { truth: truthOf(hour.effects, eligible), spentShare, eligible };
};
