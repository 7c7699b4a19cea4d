import type { Candidates } from '#domain/allocation/candidates.ts';
import { demandBucketOf, demandEdges } from '#domain/allocation/demand.ts';
import { sumOf } from '#domain/campaigns/budget.ts';
import { digestOf, HASH_RANGE } from '#platform/hash.ts';

/** What a decision tells of the model's calls and of the demand that they showed. */
export type Scored = {
  /** Offers scored, the empty one included. */
  calls: number;
  /** One edge of the member's demand; undefined for a member without any. */
  edge?: { pool: number; bucket: number; fen: number };
};

/**
 * One edge of a member's demand (`audience/demand.ts`) instead of all, so that an order tells it in one event: it is drawn by
 * a hash of the order, each with the probability of its share of the cost, and stands for the cost of all. So what many orders
 * tell is on the average what all their edges would, bucket by bucket, and how much it is in all does not depend on the draw.
 */
export const drawnEdge = (
  candidates: Candidates,
  price: ArrayLike<number>,
  orderId: string,
): Scored['edge'] => {
  const edges = demandEdges(candidates, 0, price);
  const fen = sumOf(edges.map(({ costFen }) => costFen));
  let left = (digestOf('scored', orderId).readUInt32LE(0) / HASH_RANGE) * fen;
  for (const { pool, efficiency, costFen } of edges) {
    left -= costFen;
    if (left < 0) return { pool, bucket: demandBucketOf(efficiency), fen };
  }
  return undefined;
};
