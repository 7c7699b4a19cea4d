import type { Candidates } from './candidates.ts';
import { tieFactor } from './choose.ts';

const INITIAL_POINTS = 64;

/**
 * The upper concave hull of one member's offers in the plane of cost and value, from the point of no offer.
 *
 * An offer below the hull is never the choice at any price (dominance and LP-dominance), and the edges of the
 * hull, from steep to flat, are the increments that the linear relaxation buys, in that order: Kellerer,
 * Pferschy, Pisinger, Knapsack Problems (2004), sections 11.2.1 and 11.2.2; Zemel, Information Processing
 * Letters 18 (1984).
 *
 * One object serves any number of members, one at a time, without allocating: {@link of} overwrites the
 * arrays.
 */
export class Hull {
  /** Value gained per fen along each edge, falling. */
  efficiency = new Float64Array(INITIAL_POINTS);
  /** Fen that each edge costs, above 0. */
  costFen = new Float64Array(INITIAL_POINTS);
  /** The number of edges. */
  edges = 0;
  /** The best value among offers that cost nothing: taken at any price. */
  freeValue = 0;

  #x = new Float64Array(INITIAL_POINTS + 1);
  #y = new Float64Array(INITIAL_POINTS + 1);
  #sortedCost = new Float64Array(INITIAL_POINTS);
  #sortedValue = new Float64Array(INITIAL_POINTS);

  #reserve(points: number): void {
    if (points <= this.efficiency.length) return;
    this.efficiency = new Float64Array(points);
    this.costFen = new Float64Array(points);
    this.#x = new Float64Array(points + 1);
    this.#y = new Float64Array(points + 1);
    this.#sortedCost = new Float64Array(points);
    this.#sortedValue = new Float64Array(points);
  }

  /** Computes the hull of a member's offers in all pools. Each value is multiplied by the {@link tieFactor} of its pool. */
  of(candidates: Candidates, member: number): void {
    const begin = candidates.first[member]!;
    const points = candidates.first[member + 1]! - begin;
    this.#reserve(points);
    const bits = candidates.hash[member]!;
    const cost = this.#sortedCost;
    const value = this.#sortedValue;
    // Offers mostly come sorted by cost already. An insertion sort then takes a single scan.
    for (let n = 0; n < points; n++) {
      const at = begin + n;
      const c = candidates.costFen[at]!;
      let k = n - 1;
      while (k >= 0 && cost[k]! > c) {
        cost[k + 1] = cost[k]!;
        value[k + 1] = value[k]!;
        k--;
      }
      cost[k + 1] = c;
      value[k + 1] = candidates.value[at]! * tieFactor(bits, candidates.pool[at]!);
    }

    const x = this.#x;
    const y = this.#y;
    let top = 0;
    x[0] = 0;
    y[0] = 0;
    for (let n = 0; n < points; n++) {
      const c = cost[n]!;
      const v = value[n]!;
      if (v <= y[top]!) continue;
      while (
        top > 0 &&
        (v - y[top - 1]!) * (x[top]! - x[top - 1]!) >= (y[top]! - y[top - 1]!) * (c - x[top - 1]!)
      ) {
        top--;
      }
      if (c > x[top]!) top++;
      x[top] = c;
      y[top] = v;
    }

    this.edges = top;
    this.freeValue = y[0]!;
    for (let n = 0; n < top; n++) {
      const c = x[n + 1]! - x[n]!;
      this.costFen[n] = c;
      this.efficiency[n] = (y[n + 1]! - y[n]!) / c;
    }
  }
}
