/** How much of each pool's money members would take, by efficiency. The pacer finds the pool's price from it. */
import { type Candidates, candidatesOfMember } from './candidates.ts';
import { tieFactor } from './choose.ts';
import { EfficiencyScale } from './efficiency-scale.ts';
import { Histogram, PACE_BITS } from './histogram.ts';
import { Hull } from './hull.ts';

/** What a member would take of a pool's money when the pool's price falls below an efficiency. */
export type DemandEdge = {
  pool: number;
  /** Value per fen. */
  efficiency: number;
  costFen: number;
};

/** Demand on a budget, in fen by bucket of efficiency ({@link demandBucketOf}), the lowest bucket first. */
export type Demand = [bucket: number, fen: number][];

/**
 * The bucket of an efficiency above 0. An octave, which is a doubling of the efficiency, has eight buckets.
 */
export const demandBucketOf = (efficiency: number): number =>
  new EfficiencyScale(PACE_BITS).bucketOf(efficiency);

/** The best profit of an offer of the other pools: its value less its cost at its pool's price; at least 0. */
const bestElsewhere = (candidates: Candidates, member: number, price: ArrayLike<number>, own: number) => {
  const { value, costFen, pool, first, hash } = candidates;
  let best = 0;
  for (let at = first[member]!; at < first[member + 1]!; at++) {
    const from = pool[at]!;
    if (from === own) continue;
    best = Math.max(best, value[at]! * tieFactor(hash[member]!, from) - price[from]! * costFen[at]!);
  }
  return best;
};

/**
 * The demand of one member: for each pool, the edges of the hull of its offers (`hull.ts`), in the order in which they are
 * bought as the pool's price falls. The other pools' prices stay as they are, and an offer must bring more than the member gains
 * from the other pools. This is one step of coordinate descent on the dual problem, a pool at a time. With one pool these are the
 * edges that a plan counts. `hull` is scratch memory, to share among many calls.
 */
export const demandEdges = (
  candidates: Candidates,
  member: number,
  price: ArrayLike<number>,
  hull = new Hull(),
): DemandEdge[] => {
  const { value, costFen, pool, first, hash } = candidates;
  const edges: DemandEdge[] = [];
  const begin = first[member]!;
  const end = first[member + 1]!;
  const pools = new Set(pool.subarray(begin, end));
  for (const own of pools) {
    let from: Candidates = candidates;
    let at = member;
    if (pools.size > 1) {
      // The hull multiplies its values by this pool's tie factor. The profit in another pool must not be
      // multiplied, so it is divided here.
      const foregone = bestElsewhere(candidates, member, price, own) / tieFactor(hash[member]!, own);
      const offers = [{ value: foregone, costFen: 0, pool: own }];
      for (let at = begin; at < end; at++) {
        if (pool[at] === own) offers.push({ value: value[at]!, costFen: costFen[at]!, pool: own });
      }
      from = candidatesOfMember(hash[member]!, offers);
      at = 0;
    }
    hull.of(from, at);
    for (let edge = 0; edge < hull.edges; edge++) {
      edges.push({ pool: own, efficiency: hull.efficiency[edge]!, costFen: hull.costFen[edge]! });
    }
  }
  return edges;
};

/** Demand, multiplied by `share`, as a histogram. A price is found in it as in the histogram of a plan. */
export const histogramOf = (demand: Demand, share = 1): Histogram => {
  const histogram = new Histogram(PACE_BITS);
  for (const [bucket, fen] of demand) histogram.addBucket(bucket, fen * share);
  return histogram;
};

/** The demand in a histogram, in whole fen. */
export const demandOf = (histogram: Histogram): Demand => {
  const demand: Demand = [];
  for (let bucket = histogram.lowest; bucket <= histogram.highest; bucket++) {
    const fen = Math.round(histogram.costFenOf(bucket));
    if (fen > 0) demand.push([bucket, fen]);
  }
  return demand;
};

/** The demand of all members on one pool. */
export const demandOn = (pool: number, candidates: Candidates, price: ArrayLike<number>): Demand => {
  const histogram = new Histogram(PACE_BITS);
  const hull = new Hull();
  for (let member = 0; member < candidates.members; member++) {
    for (const edge of demandEdges(candidates, member, price, hull)) {
      if (edge.pool === pool) histogram.addEdge(edge.efficiency, edge.costFen);
    }
  }
  return demandOf(histogram);
};

export const demandFen = (demand: Demand): number => demand.reduce((sum, [, fen]) => sum + fen, 0);
