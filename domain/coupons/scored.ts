import type { Candidates } from '#domain/allocation/candidates.ts';
import { demandBucketOf, demandEdges } from '#domain/allocation/demand.ts';
import { sumOf } from '#platform/collections.ts';
import { digestOf, HASH_RANGE } from '#platform/hash.ts';

/** What the metrics count for one decision: the model's calls, and the member's demand as the model saw it. */
export type Scored = {
  /** Offers scored, including "no coupon". */
  calls: number;
  /** One edge of the member's demand, with the cost of all edges as `fen`; undefined for a member without demand. */
  edge?: { pool: number; bucket: number; fen: number };
};

/**
 * Picks one edge of a member's demand (`allocation/demand.ts`), so that one event for each order is enough. A hash of the
 * order's event picks it, with a probability equal to the edge's share of the cost, and the picked edge stands for the cost of
 * all. So in each bucket the picked edges of many orders add up, on average, to what all their edges would. The total does not
 * depend on the picks.
 */
export const drawnEdge = (
  candidates: Candidates,
  price: ArrayLike<number>,
  eventId: string,
): Scored['edge'] => {
  const edges = demandEdges(candidates, 0, price);
  const fen = sumOf(edges.map(({ costFen }) => costFen));
  let left = (digestOf('scored', eventId).readUInt32LE(0) / HASH_RANGE) * fen;
  for (const { pool, efficiency, costFen } of edges) {
    left -= costFen;
    if (left < 0) return { pool, bucket: demandBucketOf(efficiency), fen };
  }
  return undefined;
};
