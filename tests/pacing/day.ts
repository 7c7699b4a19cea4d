import { CandidateList, type Candidates, mixed } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { type Demand, demandOn } from '#domain/allocation/demand.ts';
import { Histogram, PLAN_BITS } from '#domain/allocation/histogram.ts';
import { Hull } from '#domain/allocation/hull.ts';
import { priceBand, priceIn } from '#domain/allocation/price.ts';
import { drawnEdge } from '#domain/coupons/scored.ts';
import { seededRandom } from '../support/random.ts';

/** A day of a sale with one budget, as the pipeline sees it, and its optimum in hindsight. */

export const INSTANCE_CLASSES = ['uncorrelated', 'weakly', 'strongly'] as const;
export type InstanceClass = (typeof INSTANCE_CLASSES)[number];

/**
 * In which order members arrive. Half of all members are keen, and their values are a multiple of the others'. Members come in
 * random order; or the share of keen ones rises over the day from below a half to above, falls, or swings once; or members come
 * in random order while the number of arrivals a minute goes from a third of its peak up to the peak and back, twice.
 */
export const DRIFTS = ['rising', 'falling', 'swinging'] as const;
export type Order = 'random' | (typeof DRIFTS)[number] | 'rhythm';

export type DayPlan = {
  kind: InstanceClass;
  order: Order;
  /** What a keen member's values are multiplied by. */
  keen: number;
  /** How far the share of keen members moves from a half, down and up. */
  swing: number;
  /** The share of keen members if it does not drift; a half by default. */
  mix?: number;
  arrivals: number;
  /** The budget as a share of what everybody's best offer would cost. */
  budgetShare: number;
  seed: number;
};

export type Day = {
  candidates: Candidates;
  /** When each member arrives, in ms from the start, rising. */
  atMs: Float64Array;
  /** The demand that each member's order shows. With one budget it does not depend on the price. */
  observed: ReturnType<typeof drawnEdge>[];
  budgetFen: number;
  /** The value of the linear relaxation of the whole day within the budget. */
  optimum: number;
};

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

const UNIT_FEN = 10;
const RANGE = 1_000;
const FEWEST_OFFERS = 5;
const MOST_OFFERS = 10;
/** How many members a presale's plan counts. */
const AUDIENCE_MEMBERS = 4_000;
const AUDIENCE_SEED = 1_000_003;

/** The share of keen members by default. */
export const EVEN_MIX = 0.5;

const keenShare = ({ order, swing, mix = EVEN_MIX }: DayPlan, part: number): number => {
  switch (order) {
    case 'random':
    case 'rhythm':
      return mix;
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

/** The value of the linear relaxation for some members: it takes the edges of their hulls, the steepest first. */
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

/** What the best plan that spends the same every hour would have reached, divided by the optimum. */
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

/** How many members the rhythm brings a minute at a part of the day, divided by the peak. */
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
  const one = new CandidateList();
  return {
    candidates,
    observed: Array.from({ length: arrivals }, (_, member) => {
      one.clear();
      one.copy(candidates, member);
      return drawnEdge(one, [0], `${seed}/${member}`);
    }),
    atMs: parts.map((part) => part * DAY_MS),
    budgetFen,
    optimum: optimumOf(candidates, budgetFen, 0, arrivals),
  };
};

/** What a presale's plan knows before such a day, from other members: their share of keen ones is that of the day, or another. */
export type Foreknown = { audience: Demand; openingPrice: number };

export const foreknown = (plan: DayPlan, mix = EVEN_MIX): Foreknown => {
  const { candidates, budgetFen } = drawDay({
    ...plan,
    order: 'random',
    mix,
    arrivals: AUDIENCE_MEMBERS,
    seed: plan.seed + AUDIENCE_SEED,
  });
  const histogram = new Histogram(PLAN_BITS);
  histogram.add(candidates);
  return {
    audience: demandOn(0, candidates, [0]),
    openingPrice: priceIn(priceBand(histogram, budgetFen)),
  };
};
