import { CandidateList, type Candidates, mixed } from '#lambdas/audience/candidates.ts';
import { choose, NONE } from '#lambdas/audience/choose.ts';
import { Histogram, PLAN_BITS } from '#lambdas/audience/histogram.ts';
import { Hull } from '#lambdas/audience/hull.ts';
import { priceBand, priceIn } from '#lambdas/audience/price.ts';
import { paced, type Reading } from '#lambdas/pacer/pace.ts';
import type { Prices } from '#lambdas/shared/prices.ts';
import { seededRandom } from '../audience/random.ts';

/** A day of a sale with one budget, as the pipeline lives through it, and what its optimum was in hindsight. */

export const INSTANCE_CLASSES = ['uncorrelated', 'weakly', 'strongly'] as const;
export type InstanceClass = (typeof INSTANCE_CLASSES)[number];

/**
 * How the arrivals come. Half of all members are keen, and their values are a multiple of the others'. They come in random
 * order; or make up a share that rises over the day from below a half to above, falls so, or swings so once; or come in
 * random order while the number of arrivals a minute goes from a third of its peak up to it and back, twice.
 */
export const DRIFTS = ['rising', 'falling', 'swinging'] as const;
export type Order = 'random' | (typeof DRIFTS)[number] | 'rhythm';

export type DayPlan = {
  kind: InstanceClass;
  order: Order;
  /** What a keen member's values are multiplied by. */
  keen: number;
  /** How far the share of keen members goes from a half, down and up. */
  swing: number;
  arrivals: number;
  /** The budget as a share of what everybody's best offer would cost. */
  budgetShare: number;
  seed: number;
};

export type Day = {
  candidates: Candidates;
  /** When each member arrives, in ms from the start, rising. */
  atMs: Float64Array;
  budgetFen: number;
  /** The value of the linear relaxation of the whole day within the budget. */
  optimum: number;
};

export type DayResult = {
  /** Value given out over the value of the optimum. */
  ratio: number;
  /** Money given out over the budget. */
  spendShare: number;
  /** The most that was given out beyond the budget at any time. */
  overspendFen: number;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const KEY = 'engine/platform';
/** The coupon function goes by prices as old as this. */
const PRICE_AGE_MS = 5_000;

const UNIT_FEN = 10;
const RANGE = 1_000;
const FEWEST_OFFERS = 5;
const MOST_OFFERS = 10;
/** The members of the sample that a presale's plan has its price from. */
const SAMPLE_MEMBERS = 2_000;
const SAMPLE_SEED = 1_000_003;

const keenShare = ({ order, swing }: DayPlan, part: number): number => {
  switch (order) {
    case 'random':
    case 'rhythm':
      return 0.5;
    case 'rising':
      return 0.5 + swing * (2 * part - 1);
    case 'falling':
      return 0.5 - swing * (2 * part - 1);
    case 'swinging':
      return 0.5 + swing * Math.sin(2 * Math.PI * part);
    default:
      return order satisfies never;
  }
};

/** Classes of instances as in Kellerer, Pferschy, Pisinger, Knapsack Problems (2004), with costs from 1 to 1,000 units. */
const worthOf = (kind: InstanceClass, cost: number, random: () => number): number => {
  switch (kind) {
    case 'uncorrelated':
      return 1 + Math.floor(random() * RANGE);
    case 'weakly':
      return Math.max(1, cost - RANGE / 10 + Math.floor((random() * RANGE) / 5));
    case 'strongly':
      return cost + RANGE / 10;
    default:
      return kind satisfies never;
  }
};

/** The linear relaxation for the members from one to another: the edges of their hulls, from steep to flat. */
const optimumOf = (candidates: Candidates, budgetFen: number, from: number, to: number): number => {
  const hull = new Hull();
  const edges: [efficiency: number, costFen: number][] = [];
  let value = 0;
  for (let member = from; member < to; member++) {
    hull.of(candidates, member);
    value += hull.freeValue;
    for (let edge = 0; edge < hull.edges; edge++) edges.push([hull.efficiency[edge]!, hull.costFen[edge]!]);
  }
  edges.sort(([a], [b]) => b - a);
  let leftFen = budgetFen;
  for (const [efficiency, costFen] of edges) {
    value += efficiency * Math.min(costFen, leftFen);
    if (costFen >= leftFen) break;
    leftFen -= costFen;
  }
  return value;
};

/** What the best of all plans that spend the same every hour would have reached, over the optimum. */
export const evenRatio = ({ candidates, atMs, budgetFen, optimum }: Day): number => {
  const hours = DAY_MS / HOUR_MS;
  let value = 0;
  let from = 0;
  for (let hour = 1; hour <= hours; hour++) {
    let to = from;
    while (to < candidates.members && atMs[to]! < hour * HOUR_MS) to++;
    value += optimumOf(candidates, budgetFen / hours, from, to);
    from = to;
  }
  return value / optimum;
};

const bestCostFen = (candidates: Candidates): number => {
  let sumFen = 0;
  for (let member = 0; member < candidates.members; member++) {
    const at = choose(candidates, member, [0]);
    if (at !== NONE) sumFen += candidates.costFen[at]!;
  }
  return sumFen;
};

/** The demand of the rhythm at a part of the day, over its peak. */
const demandAt = (part: number): number => (1 - 0.5 * Math.cos(4 * Math.PI * part)) / 1.5;

export const drawDay = (plan: DayPlan): Day => {
  const { kind, order, keen, arrivals, budgetShare, seed } = plan;
  const random = seededRandom(seed);
  const parts = new Float64Array(arrivals);
  for (let i = 0; i < arrivals; i++) {
    let part = random();
    while (order === 'rhythm' && random() > demandAt(part)) part = random();
    parts[i] = part;
  }
  parts.sort();
  const candidates = new CandidateList();
  for (const [i, part] of parts.entries()) {
    candidates.member(mixed(i + seed * arrivals));
    const factor = random() < keenShare(plan, part) ? keen : 1;
    const offers = FEWEST_OFFERS + Math.floor(random() * (MOST_OFFERS - FEWEST_OFFERS + 1));
    for (let n = 0; n < offers; n++) {
      const cost = 1 + Math.floor(random() * RANGE);
      candidates.offer(worthOf(kind, cost, random) * factor * UNIT_FEN, cost * UNIT_FEN, 0);
    }
  }
  const budgetFen = Math.floor(bestCostFen(candidates) * budgetShare);
  return {
    candidates,
    atMs: parts.map((part) => part * DAY_MS),
    budgetFen,
    optimum: optimumOf(candidates, budgetFen, 0, arrivals),
  };
};

/** The price that a presale's plan opens such a day with: the one at which other members, all in all alike, would spend it. */
export const openingPrice = (plan: DayPlan): number => {
  const sample = drawDay({
    ...plan,
    order: 'random',
    arrivals: SAMPLE_MEMBERS,
    seed: plan.seed + SAMPLE_SEED,
  });
  const histogram = new Histogram(PLAN_BITS);
  histogram.add(sample.candidates);
  return priceIn(priceBand(histogram, sample.budgetFen));
};

/** The offers of a member that a budget still has money for, which the coupon function decides among when it is short. */
const affordable = (candidates: Candidates, member: number, leftFen: number): CandidateList => {
  const list = new CandidateList();
  list.member(candidates.hash[member]!);
  for (let at = candidates.first[member]!; at < candidates.first[member + 1]!; at++) {
    if (candidates.costFen[at]! <= leftFen) list.offer(candidates.value[at]!, candidates.costFen[at]!, 0);
  }
  return list;
};

const meanCostFen = ({ costFen, first, members }: Candidates): number => {
  const offers = first[members]!;
  let sumFen = 0;
  for (let at = 0; at < offers; at++) sumFen += costFen[at]!;
  return sumFen / offers;
};

/** The day as it goes: members choose at the current price while there is money, and the pacer moves it every minute. */
export const liveThrough = ({ candidates, atMs, budgetFen, optimum }: Day, firstPrice: number): DayResult => {
  const couponFen = { [KEY]: meanCostFen(candidates) };
  let prices: Prices = { [KEY]: firstPrice };
  const facing = [firstPrice];
  let leftFen = budgetFen;
  let value = 0;
  let overspendFen = 0;
  let member = 0;
  const serveUntil = (ms: number): void => {
    for (; member < candidates.members && atMs[member]! < ms; member++) {
      let from = candidates;
      let at = choose(from, member, facing);
      if (at !== NONE && from.costFen[at]! > leftFen) {
        from = affordable(candidates, member, leftFen);
        at = choose(from, 0, facing);
      }
      if (at === NONE) continue;
      leftFen -= from.costFen[at]!;
      value += from.value[at]!;
      overspendFen = Math.max(overspendFen, -leftFen);
    }
  };
  let before: Reading = { atMs: 0, remainingFen: { [KEY]: leftFen } };
  for (let ms = MINUTE_MS; ms <= DAY_MS; ms += MINUTE_MS) {
    serveUntil(before.atMs + PRICE_AGE_MS);
    facing[0] = prices[KEY]!;
    serveUntil(ms);
    const now: Reading = { atMs: ms, remainingFen: { [KEY]: leftFen } };
    prices = paced(prices, before, now, { startsAtMs: 0, endsAtMs: DAY_MS }, couponFen);
    before = now;
  }
  return { ratio: value / optimum, spendShare: 1 - leftFen / budgetFen, overspendFen };
};
