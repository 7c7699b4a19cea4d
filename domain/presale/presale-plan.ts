/** Plans a presale: its prices, and the grant that they give a member. */
import type { Budgets } from '#domain/allocation/budget.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { type Demand, demandOn } from '#domain/allocation/demand.ts';
import { type PriceBand, priceBand, priceFor, priceIn, servedShare } from '#domain/allocation/price.ts';
import { correctedPrices, sampledPrices } from '#domain/allocation/sampled-prices.ts';
import type { SpendingArm } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { type CampaignBudget, campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { choiceOf, engineReason, type GrantReason } from '#domain/coupons/decide.ts';
import { deciderFor } from '#domain/coupons/deciding-model.ts';
import { PRESALE_SLOT } from '#domain/coupons/slots.ts';
import { couponGrant, type Grant } from '#domain/grants/grant.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type ArmTally, type AudienceTallies, candidatesOf } from './audience-tallies.ts';
import type { Presale, PresaleCandidate } from './evaluate-for-presale.ts';
import { issuesInPresale } from './issued.ts';
import { presaleChoice } from './presale-choice.ts';

/** What an arm's money costs in the presale: one budget has a band of prices, several have a price each. */
export type Pricing = { kind: 'band'; band: PriceBand } | { kind: 'prices'; prices: number[] };

export type PresalePlan = {
  /** One for each arm that has money for the presale. */
  pricings: Partial<Record<SpendingArm, Pricing>>;
  /** The prices that the sale begins with, by budget key: the price if the whole budget were spent on this audience. */
  opening: Prices;
  /** The expected demand of the sale on each budget, by budget key, at the opening prices, estimated from a sample. */
  demand: Record<string, Demand>;
};

/**
 * Prices change only by factors, so none may begin at 0. Money that is not scarce costs this share of its average return, a
 * price at which almost nothing is refused.
 */
const FLOOR_SHARE = 0.01;
/** With fewer members who are expected to order, the sample says nothing about those who will. */
const MIN_EXPECTED_ORDERS = 30;

/** Budgets that limit each pool alone, and not all pools together. */
const budgetsOf = (poolFen: readonly number[]): Budgets => ({ totalFen: Number.POSITIVE_INFINITY, poolFen });

const pricingOf = (tally: ArmTally, capsFen: readonly number[]): Pricing =>
  tally.kind === 'histogram'
    ? {
        kind: 'band',
        band: priceBand(tally.histogram, Math.max(0, Math.max(...capsFen) - tally.randomFen), tally.ties),
      }
    : { kind: 'prices', prices: sampledPrices(tally.sample, budgetsOf(capsFen)) };

/** What a fen brings on average, over everything that could be given. */
const meanEfficiency = (tally: ArmTally): number => {
  let value = 0;
  let costFen = 0;
  if (tally.kind === 'histogram') {
    const { histogram } = tally;
    for (let bucket = histogram.lowest; bucket <= histogram.highest; bucket++) {
      costFen += histogram.costFenOf(bucket);
      value += histogram.valueOf(bucket);
    }
  } else {
    const { kept } = tally.sample;
    for (let at = 0; at < kept.first[kept.members]!; at++) {
      value += kept.value[at]!;
      costFen += kept.costFen[at]!;
    }
  }
  return costFen === 0 ? 0 : value / costFen;
};

const priceOfPool = (pricing: Pricing, pool: number): number =>
  pricing.kind === 'band' ? priceIn(pricing.band) : pricing.prices[pool]!;

/** What an arm may spend, in fen for each pool. The baseline spends only from the pool of its one coupon. */
const capsOf = (
  presale: Presale,
  arm: SpendingArm,
  budgets: readonly CampaignBudget[],
  fen: 'presaleFen' | 'totalFen',
): number[] => {
  const { offers, baselineOffer } = presale.coupons;
  const baselinePool = offers.find(({ offerId }) => offerId === baselineOffer)?.pool;
  return budgets
    .filter((budget) => budget.arm === arm)
    .map((budget) => (arm === 'engine' || budget.pool === baselinePool ? budget[fen] : 0));
};

const expectedDemand = (
  { coupons }: Presale,
  { orders }: AudienceTallies,
  opening: Prices,
): PresalePlan['demand'] => {
  if (orders.kept.members < MIN_EXPECTED_ORDERS) return {};
  const keys = coupons.budgets.map(({ pool }) => budgetKeyOf('engine', pool));
  const price = keys.map((key) => opening[key]!);
  return Object.fromEntries(keys.map((key, pool) => [key, demandOn(pool, orders.kept, price)]));
};

/**
 * Whether a second count of the audience corrects the plan. The plan for several budgets is made from a sample, which says less
 * than the histogram for a single one.
 */
export const isCorrected = (coupons: Coupons): boolean =>
  coupons.budgets.length > 1 && issuesInPresale(coupons);

/**
 * Corrects the draft of a plan by what its prices give to the whole audience, in fen for each pool. The prices that the sale begins
 * with stay: pacing corrects them.
 */
export const correctPlan = (
  presale: Presale,
  tallies: AudienceTallies,
  draft: PresalePlan,
  givenFen: readonly number[],
): PresalePlan => {
  const tally = tallies.arms.get('engine');
  const pricing = draft.pricings.engine;
  if (tally?.kind !== 'sample' || pricing?.kind !== 'prices') return draft;
  const capsFen = capsOf(presale, 'engine', campaignBudgets(presale.coupons), 'presaleFen');
  const { prices } = pricing;
  const corrected = correctedPrices(tally.sample, budgetsOf(capsFen), { prices, givenFen });
  return { ...draft, pricings: { ...draft.pricings, engine: { kind: 'prices', prices: corrected } } };
};

/** Plans a presale, and the prices that its sale begins with, from the tallies of the whole audience. */
export const planPresale = (presale: Presale, tallies: AudienceTallies): PresalePlan => {
  const budgets = campaignBudgets(presale.coupons);
  const plan: PresalePlan = { pricings: {}, opening: {}, demand: {} };
  for (const [arm, tally] of tallies.arms) {
    const presaleFen = capsOf(presale, arm, budgets, 'presaleFen');
    if (presaleFen.some((fen) => fen > 0)) plan.pricings[arm] = pricingOf(tally, presaleFen);
    if (arm !== 'engine') continue;
    const floor = FLOOR_SHARE * meanEfficiency(tally);
    const whole = pricingOf(tally, capsOf(presale, arm, budgets, 'totalFen'));
    for (const [pool, budget] of presale.coupons.budgets.entries()) {
      plan.opening[budgetKeyOf(arm, budget.pool)] = Math.max(floor, priceOfPool(whole, pool));
    }
    plan.demand = expectedDemand(presale, tallies, plan.opening);
  }
  return plan;
};

/** The trigger of a presale's grants: a function of the campaign, because a campaign has one presale. */
export const presaleTrigger = (campaignId: string): string => eventIdOf('/zhihui/presale', campaignId);

type Priced = { at: number; best: number; price: number; propensity: number };

/** What the member's arm chooses at these prices; undefined for no coupon. */
const chosenAt = (presale: Presale, candidate: PresaleCandidate, pricing: Pricing): Priced | undefined => {
  const price = pricing.kind === 'band' ? priceFor(pricing.band, candidate.hash) : 0;
  const prices =
    pricing.kind === 'band' ? Array<number>(presale.coupons.budgets.length).fill(price) : pricing.prices;
  const best = choose(candidatesOf(candidate), 0, prices);
  const { chosen: at, propensity } = presaleChoice(presale, candidate, best);
  if (at === NONE) return undefined;
  return {
    at,
    best,
    price: prices[candidate.options[at]!.pool]!,
    // The baseline serves its members in the order of a hash, so the propensity is the share that it serves.
    propensity:
      candidate.arm === 'baseline' && pricing.kind === 'band' ? servedShare(pricing.band) : propensity,
  };
};

const reasonOf = (
  { model, coupons }: Presale,
  candidate: PresaleCandidate,
  { best, price, propensity }: Priced,
): GrantReason =>
  candidate.arm === 'baseline'
    ? { arm: 'baseline', propensity }
    : engineReason(candidate.evaluation, candidate.features, {
        price,
        propensity,
        decider: deciderFor(model, coupons, candidate.member),
        choice: choiceOf(coupons, candidate.options, best),
      });

/**
 * The presale's grant for a member, if the plan has one: valid from the start of the sale, whenever it is issued. Only
 * pools with money for the presale are drawn on.
 */
export const presaleGrant = (
  presale: Presale,
  { pricings }: PresalePlan,
  candidate: PresaleCandidate,
): Grant | undefined => {
  const { campaignId, startsAtMs, coupons, idKey } = presale;
  const pricing = pricings[candidate.arm];
  if (pricing === undefined) return undefined;
  const isOpen = ({ pool }: { pool: number }): boolean => coupons.budgets[pool]!.presaleShare > 0;
  const open: PresaleCandidate =
    candidate.arm === 'engine'
      ? { ...candidate, options: candidate.options.filter(isOpen) }
      : { ...candidate, options: candidate.options.filter(isOpen) };
  const chosen = chosenAt(presale, open, pricing);
  if (chosen === undefined) return undefined;
  return couponGrant({
    campaignId,
    member: open.member,
    slot: PRESALE_SLOT,
    offer: open.options[chosen.at]!.offer,
    arm: open.arm,
    trigger: presaleTrigger(campaignId),
    grantedMs: startsAtMs,
    reason: reasonOf(presale, open, chosen),
    idKey,
  });
};
