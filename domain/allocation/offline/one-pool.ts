import type { Constraints } from '../budget.ts';
import { CandidateList, mixed } from '../candidates.ts';
import { choose, NONE } from '../choose.ts';
import { Histogram, PLAN_BITS } from '../histogram.ts';
import { Hull } from '../hull.ts';
import { priceBand, priceIn } from '../price.ts';
import type { Audience } from './audience.ts';
import { type AudiencePlan, completed, surveyed, withoutDecided } from './core.ts';
import { boxOfOne, type PriceBox } from './price-box.ts';
import type { Survey } from './survey.ts';

/** With fewer hull edges than this between the two ends of a price range, there is too little to round with. */
const MIN_CORE_EDGES = 4096;
/** An audience that is known to be 8 times larger than this is first estimated from a sample of this many members. */
const SAMPLED_MEMBERS = 1 << 14;
const SAMPLED_BELOW_SHARE = 1 / 8;
const SAMPLING_SALT = 0x7468_696e;
/** A range of this many standard errors around a sampled figure misses the true one in 1 of 370 plans. */
const SAFE_ERRORS = 3;
const MAX_PASSES = 16;
/** A range almost never leaves this many times more offers undecided than its sample says. */
const UNLIKELY_FACTOR = 1.25;
const BAND_SLOTS = 4096;
/** A core rarely has more offers per edge than this; if it does, fewer edges are tried. */
const OFFERS_PER_EDGE = 32;
const FEWER = 4;

/** The two budgets between which a budget lies, in fen; equal if it is known. */
type BudgetRange = { leastFen: number; mostFen: number };

const exactly = (budgetFen: number): BudgetRange => ({ leastFen: budgetFen, mostFen: budgetFen });

/** The prices of two budgets, moved apart until {@link MIN_CORE_EDGES} edges lie between them. */
const bandBox = (histogram: Histogram, { leastFen, mostFen }: BudgetRange): PriceBox => {
  const marginFen = (histogram.allFen * MIN_CORE_EDGES) / Math.max(1, histogram.edges) / 2;
  const { low } = priceBand(histogram, mostFen + marginFen);
  const { high } = priceBand(histogram, Math.max(0, leastFen - marginFen));
  return boxOfOne(low, Math.max(high, Number.MIN_VALUE));
};

/**
 * Narrows the range of two budgets' prices: the edges in it are counted again, by 4,096 equal steps of efficiency.
 *
 * @param minEdges how many edges are to remain in the range, if there are as many.
 */
const narrowed = (
  audience: Audience,
  box: PriceBox,
  { leastFen, mostFen }: BudgetRange,
  minEdges: number,
): PriceBox => {
  const low = box.low[0]!;
  const high = box.high[0]!;
  const costFen = new Float64Array(BAND_SLOTS + 1);
  const edges = new Float64Array(BAND_SLOTS + 1);
  const hull = new Hull();
  const slots = BAND_SLOTS / (high - low);
  for (const part of audience.parts()) {
    for (let member = 0; member < part.members; member++) {
      hull.of(part, member);
      for (let edge = 0; edge < hull.edges; edge++) {
        const slot = Math.min(BAND_SLOTS, Math.floor((hull.efficiency[edge]! - low) * slots));
        if (slot < 0) continue;
        costFen[slot]! += hull.costFen[edge]!;
        edges[slot]!++;
      }
    }
  }
  const slotOf = (budgetFen: number): number => {
    let slot = BAND_SLOTS;
    for (let spentFen = costFen[slot]!; slot > 0 && spentFen <= budgetFen; ) spentFen += costFen[--slot]!;
    return slot;
  };
  let first = slotOf(mostFen);
  let last = slotOf(leastFen);
  let inside = 0;
  for (let slot = first; slot <= last; slot++) inside += edges[slot]!;
  while (inside < minEdges && (first > 0 || last < BAND_SLOTS - 1)) {
    if (first > 0) inside += edges[--first]!;
    if (last < BAND_SLOTS - 1) inside += edges[++last]!;
  }
  const step = (high - low) / BAND_SLOTS;
  return boxOfOne(low + first * step, low + (last + 1) * step);
};

/** A range of prices that is likely to hold the price of a budget, and the offers that it is likely to leave undecided. */
type LikelyBox = { box: PriceBox; coreOffers: number };

/** The likely range of a large audience's price, out of a sample of it. */
const likelyBox = (
  audience: Audience,
  constraints: Constraints,
  members: number,
  budgetFen: number,
): LikelyBox => {
  const sample = new CandidateList();
  const below = (SAMPLED_MEMBERS / members) * 2 ** 32;
  for (const part of audience.parts()) {
    for (let member = 0; member < part.members; member++) {
      if (mixed(part.hash[member]! ^ SAMPLING_SALT) < below) sample.copy(part, member);
    }
  }
  const histogram = new Histogram(PLAN_BITS);
  histogram.add(sample);
  const fen = budgetFen * (sample.members / members);
  const price = [priceIn(priceBand(histogram, fen))];
  let sum = 0;
  let squares = 0;
  for (let member = 0; member < sample.members; member++) {
    const at = choose(sample, member, price);
    if (at === NONE) continue;
    sum += sample.costFen[at]!;
    squares += sample.costFen[at]! ** 2;
  }
  const errorFen = SAFE_ERRORS * Math.sqrt(Math.max(0, squares - sum ** 2 / Math.max(1, sample.members)));
  const leastFen = Math.max(0, fen - errorFen);
  const mostFen = fen + errorFen;
  const range = { leastFen, mostFen };
  const wide = bandBox(histogram, range);
  const sampled: Audience = { parts: () => [sample] };
  const box = narrowed(sampled, wide, range, 0);
  const { core } = surveyed(sampled, constraints, box, Number.POSITIVE_INFINITY);
  return { box, coreOffers: core.offers * (members / Math.max(1, sample.members)) };
};

/** Completes a plan. The price is first narrowed among the core, which leaves almost nothing for the search to do. */
const finished = (constraints: Constraints, box: PriceBox, survey: Survey, passes: number): AudiencePlan => {
  const leftFen = withoutDecided(constraints, survey).capFen[0]!;
  const isOpen = survey.core.members > 0 && box.high[0]! > Number.MIN_VALUE;
  const near = isOpen ? narrowed({ parts: () => [survey.core] }, box, exactly(leftFen), 0) : box;
  return completed(constraints, survey, { surveyed: box, searched: near }, passes);
};

/** Plans with one budget. Its price is read off a histogram, or, if the audience is large, first estimated from a sample. */
export const plannedOfOnePool = (
  audience: Audience,
  constraints: Constraints,
  maxCoreOffers: number,
): AudiencePlan => {
  const budgetFen = constraints.capFen[0]!;
  const { members } = audience;
  let passes = 0;
  if (members !== undefined && SAMPLED_MEMBERS / members < SAMPLED_BELOW_SHARE) {
    passes += 2;
    const likely = likelyBox(audience, constraints, members, budgetFen);
    let { box } = likely;
    if (likely.coreOffers * UNLIKELY_FACTOR > maxCoreOffers) {
      // A sample of fixed size leaves a fixed share of the members undecided, which is too many here.
      passes++;
      box = narrowed(
        audience,
        box,
        exactly(budgetFen),
        Math.min(MIN_CORE_EDGES, maxCoreOffers / OFFERS_PER_EDGE),
      );
    }
    const survey = surveyed(audience, constraints, box, maxCoreOffers);
    const plan = finished(constraints, box, survey, passes);
    if (plan.isOptimal) return plan;
  }
  const histogram = new Histogram(PLAN_BITS);
  for (const part of audience.parts()) histogram.add(part);
  const isScarce = priceBand(histogram, budgetFen).high > 0;
  let box = isScarce ? bandBox(histogram, exactly(budgetFen)) : boxOfOne(0, Number.MIN_VALUE);
  let minEdges = Math.min(MIN_CORE_EDGES, maxCoreOffers / OFFERS_PER_EDGE);
  for (passes += 2; ; passes += 2) {
    const survey = surveyed(audience, constraints, box, maxCoreOffers);
    const isFinest = (box.high[0]! - box.low[0]!) / BAND_SLOTS <= Number.EPSILON * box.high[0]!;
    if (!survey.overflowed || isFinest || passes > MAX_PASSES) {
      return finished(constraints, box, survey, passes);
    }
    box = narrowed(audience, box, exactly(budgetFen), minEdges);
    minEdges /= FEWER;
  }
};
