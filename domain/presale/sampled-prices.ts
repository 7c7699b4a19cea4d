import { constraintsOf, pricesOf } from '#domain/allocation/budget.ts';
import { CandidateList, type Candidates } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { minimiseDual } from '#domain/allocation/dual.ts';
import type { Sample } from '#domain/allocation/sample.ts';

/** The temperatures between which prices are searched, as shares of a mean value. */
const WARMEST_SHARE = 0.1;
const COLDEST_SHARE = 1e-9;
/** Of more members, one coupon is too small a part of a budget to be worth a search. */
const ROUNDED_MEMBERS_MAX = 30_000;
/** The coupons of each pool, beyond its money, for which prices are tried. */
const ROUNDINGS = [0, 0.5, 1, 2, 3];

/** The candidates with only their offers of some pools. */
const ofPools = (from: Candidates, isIn: (pool: number) => boolean): Candidates => {
  const into = new CandidateList();
  for (let member = 0; member < from.members; member++) {
    into.member(from.hash[member]!);
    const end = from.first[member + 1]!;
    for (let at = from.first[member]!; at < end; at++) {
      if (isIn(from.pool[at]!)) into.offer(from.value[at]!, from.costFen[at]!, from.pool[at]!);
    }
  }
  return into;
};

/** The prices, one for each pool, at which these members would spend `capsFen`, except for at most a coupon of each pool. */
const pricesFor = (candidates: Candidates, capsFen: readonly number[]): number[] => {
  const offers = candidates.first[candidates.members]!;
  let value = 0;
  let costFen = 0;
  for (let at = 0; at < offers; at++) {
    value += candidates.value[at]!;
    costFen += candidates.costFen[at]!;
  }
  const constraints = constraintsOf({
    totalFen: Number.POSITIVE_INFINITY,
    poolFen: capsFen.map((fen) => (fen > 0 ? fen : Number.POSITIVE_INFINITY)),
  });
  const width = constraints.capFen.length;
  const { dual } = minimiseDual(candidates, constraints, {
    start: new Float64Array(width).fill(value / costFen),
    low: new Float64Array(width),
    high: new Float64Array(width).fill(Number.POSITIVE_INFINITY),
    warmest: WARMEST_SHARE,
    coldest: COLDEST_SHARE,
  });
  return [...pricesOf(constraints, dual, new Float64Array(capsFen.length))];
};

type Given = { value: number; fen: number[]; coupons: number[] };

/** What members are given at some prices, one after the other, by pool. A coupon for which too little money is left is not. */
const givenWithin = (
  candidates: Candidates,
  prices: readonly number[],
  capsFen: readonly number[] = prices.map(() => Number.POSITIVE_INFINITY),
): Given => {
  const given: Given = { value: 0, fen: prices.map(() => 0), coupons: prices.map(() => 0) };
  for (let member = 0; member < candidates.members; member++) {
    const at = choose(candidates, member, prices);
    if (at === NONE) continue;
    const pool = candidates.pool[at]!;
    if (given.fen[pool]! + candidates.costFen[at]! > capsFen[pool]!) continue;
    given.value += candidates.value[at]!;
    given.fen[pool]! += candidates.costFen[at]!;
    given.coupons[pool]!++;
  }
  return given;
};

/**
 * Of the prices for somewhat more money than there is, those at which a small audience gets the most. Prices cannot spend the last
 * coupon of a pool: either its money is left over, or somebody is refused and smaller coupons use the money.
 */
const rounded = (candidates: Candidates, prices: number[], capsFen: readonly number[]): number[] => {
  const { fen, coupons } = givenWithin(candidates, prices);
  const tried = ROUNDINGS.map((more) =>
    more === 0
      ? prices
      : pricesFor(
          candidates,
          capsFen.map((cap, pool) => cap + (more * fen[pool]!) / Math.max(1, coupons[pool]!)),
        ),
  );
  const values = tried.map((one) => givenWithin(candidates, one, capsFen).value);
  return tried[values.indexOf(Math.max(...values))]!;
};

/** The offers of a sample that the pools with money pay for, and the money for the sample's share of the members. */
const affordable = ({ kept, share }: Sample, capsFen: readonly number[]) => ({
  candidates: ofPools(kept, (pool) => capsFen[pool]! > 0),
  shareFen: capsFen.map((fen) => fen * share),
});

/**
 * The prices at which a sampled audience spends these budgets, one for each pool. Pools without money are left out and have the
 * price 0. A sample of n members has an error of about 1/√n of what is spent ({@link correctedCaps}).
 */
export const sampledPrices = (sample: Sample, capsFen: readonly number[]): number[] => {
  const { candidates, shareFen } = affordable(sample, capsFen);
  if (candidates.first[candidates.members]! === 0) return capsFen.map(() => 0);
  const prices = pricesFor(candidates, shareFen);
  return sample.isWhole && candidates.members <= ROUNDED_MEMBERS_MAX
    ? rounded(candidates, prices, shareFen)
    : prices;
};

/** Less than a fen would be no money at all, and then no price would be found. */
const LEAST_FEN = 1;

/**
 * What the sample should spend so that the whole audience spends `capsFen`, in fen for each pool. At the prices of a draft,
 * everybody was given `givenFen`, random choices included. What the sample's members are given at these prices misses that by the
 * sample's error. The error hardly changes while prices change a little, so the money is changed by it (a control variate).
 */
export const correctedCaps = (
  sample: Sample,
  capsFen: readonly number[],
  draft: { prices: readonly number[]; givenFen: readonly number[] },
): number[] => {
  const { candidates } = affordable(sample, capsFen);
  const { fen } = givenWithin(candidates, draft.prices);
  return capsFen.map((cap, pool) =>
    cap > 0 ? Math.max(LEAST_FEN, cap - (draft.givenFen[pool]! - fen[pool]! / sample.share)) : 0,
  );
};
