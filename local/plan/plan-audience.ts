import { type Budgets, constraintsOf } from '#domain/allocation/budget.ts';
import type { Candidates } from '#domain/allocation/candidates.ts';
import { choose, NONE, tieFactor } from '#domain/allocation/choose.ts';
import { Histogram, PLAN_BITS } from '#domain/allocation/histogram.ts';
import { type PriceBand, priceBand, priceFor, priceIn } from '#domain/allocation/price.ts';
import { Sample } from '#domain/allocation/sample.ts';
import { correctedPrices, givenWithin, sampledPrices } from '#domain/allocation/sampled-prices.ts';
import { TieCells } from '#domain/allocation/tie-cells.ts';

/** An audience that can be read more than once, each time in the same order. */
export interface Audience {
  /** The members in parts of any size; a part may be overwritten when the next one is asked for. */
  parts(): Iterable<Candidates>;
}

/** Who gets what, as a function of the member: a presale's rule (`domain/presale/presale-plan.ts`). */
export type AudiencePlan =
  | { kind: 'band'; band: PriceBand; budgets: Budgets }
  | { kind: 'prices'; prices: number[]; budgets: Budgets };

/** The result of a plan: the value in the unit of the offers' values, what was spent from each pool, and the members served. */
export type PlanOutcome = {
  value: number;
  /** No choice of offers within the budgets is worth more. */
  bound: number;
  spentFen: number[];
  served: number;
};

/** At 17 bytes an offer: about 18 MB. A presale's sample is as large. */
const SAMPLE_OFFERS = 1 << 20;

/** The price of a fen of a pool without money: only offers that cost nothing are worth it. */
const NEVER = Number.MAX_VALUE;

/** The price of a fen of each pool. In a band each member has a price of its own; this one inside the band is to be shown. */
export const pricesIn = (plan: AudiencePlan): number[] =>
  plan.kind === 'band' ? [priceIn(plan.band)] : plan.prices;

/** What a member would be given if there were money enough: the index of one of the part's offers, or {@link NONE}. */
const chooser = (plan: AudiencePlan): ((part: Candidates, member: number) => number) =>
  plan.kind === 'prices'
    ? (part, member) => choose(part, member, plan.prices)
    : (part, member) => choose(part, member, [priceFor(plan.band, part.hash[member]!)]);

const sampledPlan = (audience: Audience, budgets: Budgets, sampleOffers: number): AudiencePlan => {
  const sample = new Sample(sampleOffers);
  for (const part of audience.parts()) sample.add(part);
  const planAt = (found: readonly number[]) => ({
    kind: 'prices' as const,
    prices: found.map((price, pool) => (budgets.poolFen[pool] === 0 ? NEVER : price)),
    budgets,
  });
  const prices = sampledPrices(sample, budgets);
  const draft = planAt(prices);
  if (sample.isWhole) return draft;
  const givenFen = budgets.poolFen.map(() => 0);
  for (const part of audience.parts())
    for (const [pool, fen] of givenWithin(part, draft.prices).fen.entries()) givenFen[pool]! += fen;
  return planAt(correctedPrices(sample, budgets, { prices, givenFen }));
};

const counted = (audience: Audience, ties?: TieCells): Histogram => {
  const histogram = new Histogram(PLAN_BITS);
  for (const part of audience.parts()) histogram.add(part, ties);
  return histogram;
};

/**
 * Plans who of an audience gets which offer within the budgets, as a presale does. The price of a single budget comes from a
 * histogram of the whole audience and the ties at that price. The prices of several budgets come from a sample of at most
 * `sampleOffers` offers, and are corrected in a second pass. The memory is the same for any number of members.
 */
export const planAudience = (
  audience: Audience,
  { totalFen, poolFen }: Budgets,
  sampleOffers = SAMPLE_OFFERS,
): AudiencePlan => {
  const budgets = { totalFen, poolFen: poolFen.map((fen) => Math.min(fen, totalFen)) };
  if (poolFen.length > 1) return sampledPlan(audience, budgets, sampleOffers);
  const histogram = counted(audience);
  const draft = priceBand(histogram, budgets.poolFen[0]!);
  // A presale counts the ties of all buckets in one pass. Here a second pass over the file costs less.
  const ties = new TieCells(histogram.bucketOf(draft.low));
  counted(audience, ties);
  return { kind: 'band', band: priceBand(histogram, budgets.poolFen[0]!, ties), budgets };
};

/**
 * What the money itself is worth at some prices: the part of the dual function that does not depend on the members. The price of
 * the total is part of every pool's price, so it is at most the least of them.
 */
const worthOfMoney = (prices: readonly number[], budgets: Budgets): number => {
  const { capFen, own, total } = constraintsOf(budgets);
  const ofTotal = total < 0 ? 0 : Math.min(...prices);
  let worth = total < 0 ? 0 : ofTotal * capFen[total]!;
  for (const [pool, price] of prices.entries())
    if (own[pool]! >= 0 && price !== NEVER) worth += (price - ofTotal) * capFen[own[pool]!]!;
  return worth;
};

/**
 * Reads an audience and gives each member what the plan says. A budget is never exceeded, whatever the plan: an offer that no
 * longer fits is not given.
 *
 * @param give is called for each offer given, with its index among the offers of the part it belongs to.
 */
export const issue = (
  plan: AudiencePlan,
  audience: Audience,
  give: (part: Candidates, member: number, at: number) => void,
): PlanOutcome => {
  const { budgets } = plan;
  const prices = pricesIn(plan);
  const chosen = chooser(plan);
  const leftFen = [...budgets.poolFen];
  let totalLeftFen = budgets.totalFen;
  const outcome: PlanOutcome = { value: 0, bound: 0, spentFen: leftFen.map(() => 0), served: 0 };
  let profit = worthOfMoney(prices, budgets);
  for (const part of audience.parts()) {
    for (let member = 0; member < part.members; member++) {
      const at = chosen(part, member);
      if (at === NONE) continue;
      const fen = part.costFen[at]!;
      const pool = part.pool[at]!;
      profit += part.value[at]! * tieFactor(part.hash[member]!, pool) - prices[pool]! * fen;
      if (fen > leftFen[pool]! || fen > totalLeftFen) continue;
      leftFen[pool]! -= fen;
      totalLeftFen -= fen;
      outcome.spentFen[pool]! += fen;
      outcome.value += part.value[at]!;
      outcome.served++;
      give(part, member, at);
    }
  }
  outcome.bound = plan.kind === 'band' ? plan.band.bound : profit;
  return outcome;
};
