/** The prices of several budgets, found from a sample of the audience. */
import { sumOf } from '#platform/collections.ts';
import { type Budgets, constraintsOf, pricesOf } from './budget.ts';
import { CandidateList, type Candidates } from './candidates.ts';
import { choose, NONE } from './choose.ts';
import { minimiseDual } from './dual.ts';
import type { Sample } from './sample.ts';

/** With more members than this, one coupon is too small a part of a budget to be worth a search. */
const ROUNDED_MEMBERS_MAX = 30_000;
/**
 * The search tries the prices for budgets that are larger by these multiples of the mean cost of a coupon, pool by pool.
 */
const ROUNDINGS = [0, 0.5, 1, 2, 3];

/** The same candidates, but only with offers of pools that have money. */
const affordable = (from: Candidates, { poolFen }: Budgets): Candidates => {
  const into = new CandidateList();
  for (let member = 0; member < from.members; member++) {
    into.member(from.hash[member]!);
    const end = from.first[member + 1]!;
    for (let at = from.first[member]!; at < end; at++) {
      if (poolFen[from.pool[at]!]! > 0) into.offer(from.value[at]!, from.costFen[at]!, from.pool[at]!);
    }
  }
  return into;
};

/**
 * The prices, one for each pool, in value per fen, at which these members would spend the budgets, except for
 * at most one coupon of each budget.
 */
const pricesFor = (candidates: Candidates, { totalFen, poolFen }: Budgets): number[] => {
  const offers = candidates.first[candidates.members]!;
  let value = 0;
  let costFen = 0;
  for (let at = 0; at < offers; at++) {
    value += candidates.value[at]!;
    costFen += candidates.costFen[at]!;
  }
  if (costFen === 0) return poolFen.map(() => 0);
  const constraints = constraintsOf({
    totalFen,
    // No offer of a pool without money is left, so the pool needs no price.
    poolFen: poolFen.map((fen) => (fen > 0 ? fen : Number.POSITIVE_INFINITY)),
  });
  const { dual } = minimiseDual(candidates, constraints, value / costFen);
  return [...pricesOf(constraints, dual, new Float64Array(poolFen.length))];
};

type Given = { value: number; fen: number[]; coupons: number[] };

/** What members are given one after the other at these prices, by pool. With `budgets`, no coupon costs more than is left. */
export const givenWithin = (candidates: Candidates, prices: readonly number[], budgets?: Budgets): Given => {
  const given: Given = { value: 0, fen: prices.map(() => 0), coupons: prices.map(() => 0) };
  let leftFen = budgets?.totalFen ?? Number.POSITIVE_INFINITY;
  for (let member = 0; member < candidates.members; member++) {
    const at = choose(candidates, member, prices);
    if (at === NONE) continue;
    const pool = candidates.pool[at]!;
    const costFen = candidates.costFen[at]!;
    if (costFen > leftFen || (budgets && given.fen[pool]! + costFen > budgets.poolFen[pool]!)) continue;
    leftFen -= costFen;
    given.value += candidates.value[at]!;
    given.fen[pool]! += costFen;
    given.coupons[pool]!++;
  }
  return given;
};

/**
 * Tries the prices for somewhat more money than there is, and returns those at which a small audience gets
 * the most value. Prices alone cannot spend the money of a pool's last coupon: either it is left over, or
 * somebody is refused and smaller coupons use it.
 */
const rounded = (candidates: Candidates, prices: number[], budgets: Budgets): number[] => {
  const { fen, coupons } = givenWithin(candidates, prices);
  const meanFen = fen.map((ofPool, pool) => ofPool / Math.max(1, coupons[pool]!));
  const tried = ROUNDINGS.map((more) =>
    more === 0
      ? prices
      : pricesFor(candidates, {
          totalFen: budgets.totalFen + more * sumOf(meanFen),
          poolFen: budgets.poolFen.map((cap, pool) => cap + more * meanFen[pool]!),
        }),
  );
  const values = tried.map((one) => givenWithin(candidates, one, budgets).value);
  return tried[values.indexOf(Math.max(...values))]!;
};

/** The prices at which a sample's members, given as `candidates`, spend the sample's share of the budgets. */
const pricesOfSample = (candidates: Candidates, { share, isWhole }: Sample, budgets: Budgets): number[] => {
  const ofSample: Budgets = {
    totalFen: budgets.totalFen * share,
    poolFen: budgets.poolFen.map((fen) => fen * share),
  };
  const prices = pricesFor(candidates, ofSample);
  return isWhole && candidates.members <= ROUNDED_MEMBERS_MAX
    ? rounded(candidates, prices, ofSample)
    : prices;
};

/**
 * The prices at which a sampled audience spends these budgets, one for each pool, in value per fen. Pools
 * without money are left out and have the price 0. A sample of n members has an error of about 1/√n of what
 * is spent ({@link correctedPrices}).
 */
export const sampledPrices = (sample: Sample, budgets: Budgets): number[] =>
  pricesOfSample(affordable(sample.kept, budgets), sample, budgets);

/** Less than a fen would be no money at all, and then no price would be found. */
const LEAST_FEN = 1;

/**
 * The prices at which the whole audience spends the budgets, in value per fen. At the prices of a draft, the
 * whole audience was given `givenFen` (for each pool), random choices included. What the sample's members are
 * given at the draft's prices, scaled to the audience, differs from `givenFen` by the sample's error. This
 * error hardly changes while prices change a little, so it is subtracted from the budgets before they are
 * solved (a control variate).
 */
export const correctedPrices = (
  sample: Sample,
  budgets: Budgets,
  draft: { prices: readonly number[]; givenFen: readonly number[] },
): number[] => {
  const candidates = affordable(sample.kept, budgets);
  const { fen } = givenWithin(candidates, draft.prices);
  const missedFen = fen.map((ofPool, pool) => draft.givenFen[pool]! - ofPool / sample.share);
  const corrected = (cap: number, missed: number) => (cap > 0 ? Math.max(LEAST_FEN, cap - missed) : 0);
  return pricesOfSample(candidates, sample, {
    totalFen: corrected(budgets.totalFen, sumOf(missedFen)),
    poolFen: budgets.poolFen.map((cap, pool) => corrected(cap, missedFen[pool]!)),
  });
};
