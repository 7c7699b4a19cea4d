/** Evaluates the dual function of several budgets, exactly or smoothed, for the search in `dual.ts`. */
import { type Constraints, pricesOf } from './budget.ts';
import type { Candidates } from './candidates.ts';
import { NONE, tieFactor } from './choose.ts';

/** exp(-36) is about 2^-52, the rounding of a double: a choice this many temperatures worse than the best has no weight. */
export const NEGLIGIBLE_TEMPERATURES = 36;

/**
 * The dual function of a set of candidates: at any prices of the constraints, an upper bound on the value of any plan. It is
 * evaluated exactly, or smoothed and then with its derivatives.
 */
export class DualFunction {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;

  readonly #candidates: Candidates;
  readonly #constraints: Constraints;
  readonly #worth: Float64Array;
  readonly #price: Float64Array;
  readonly #profit: Float64Array;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  readonly #poolMean: Float64Array;
  readonly #cross: Float64Array;
  /** The members that are evaluated. The choices of the others are known, so only the sums of their cost and value are kept. */
  readonly #active: Uint32Array;
  #activeMembers = 0;
  readonly #frozenFen: Float64Array;
  #frozenWorth = 0;

  constructor(candidates: Candidates, constraints: Constraints) {
    const pools = constraints.own.length;
    const width = constraints.capFen.length;
    this.#candidates = candidates;
    this.#constraints = constraints;
    this.gradient = new Float64Array(width);
    this.hessian = new Float64Array(width * width);
    this.#price = new Float64Array(pools);
    this.#mean = new Float64Array(pools);
    this.#square = new Float64Array(pools);
    this.#poolMean = new Float64Array(pools);
    this.#cross = new Float64Array(pools * pools);

    const { first, hash, members, value, pool } = candidates;
    this.#worth = new Float64Array(first[members]!);
    let most = 0;
    for (let member = 0; member < members; member++) {
      const end = first[member + 1]!;
      most = Math.max(most, end - first[member]!);
      for (let at = first[member]!; at < end; at++)
        this.#worth[at] = value[at]! * tieFactor(hash[member]!, pool[at]!);
    }
    this.#profit = new Float64Array(most);
    this.#frozenFen = new Float64Array(pools);
    this.#active = new Uint32Array(members);
    this.thaw();
  }

  /** From now on evaluates every member again. */
  thaw(): void {
    for (let member = 0; member < this.#active.length; member++) this.#active[member] = member;
    this.#activeMembers = this.#active.length;
    this.#frozenFen.fill(0);
    this.#frozenWorth = 0;
  }

  /**
   * From now on evaluates only the members whose best choice is at most `lead` ahead of their second best, in units of value. The
   * choices of the others stay as they are at these prices.
   */
  freeze(dual: Float64Array, lead: number): void {
    const { first, costFen, pool } = this.#candidates;
    const price = pricesOf(this.#constraints, dual, this.#price);
    const worth = this.#worth;
    let kept = 0;
    for (let n = 0; n < this.#activeMembers; n++) {
      const member = this.#active[n]!;
      const end = first[member + 1]!;
      let best = 0;
      let second = Number.NEGATIVE_INFINITY;
      let chosen = NONE;
      for (let at = first[member]!; at < end; at++) {
        const profit = worth[at]! - price[pool[at]!]! * costFen[at]!;
        if (profit > best) {
          second = best;
          best = profit;
          chosen = at;
        } else if (profit > second) second = profit;
      }
      if (best - second <= lead) {
        this.#active[kept++] = member;
      } else if (chosen !== NONE) {
        this.#frozenFen[pool[chosen]!]! += costFen[chosen]!;
        this.#frozenWorth += worth[chosen]!;
      }
    }
    this.#activeMembers = kept;
  }

  /** The part of the dual function that does not depend on the members that are evaluated. */
  #constant(dual: Float64Array): number {
    let sum = this.#frozenWorth;
    for (let k = 0; k < dual.length; k++) sum += dual[k]! * this.#constraints.capFen[k]!;
    for (let p = 0; p < this.#price.length; p++) sum -= this.#price[p]! * this.#frozenFen[p]!;
    return sum;
  }

  /** The mean value of an offer: the scale of temperatures. */
  get meanWorth(): number {
    let sum = 0;
    for (const worth of this.#worth) sum += worth;
    return sum / Math.max(1, this.#worth.length);
  }

  /** Σ price·cap + Σ over members of the best profit: an upper bound on the value of any plan. */
  exactAt(dual: Float64Array): number {
    const { first, costFen, pool } = this.#candidates;
    const price = pricesOf(this.#constraints, dual, this.#price);
    const worth = this.#worth;
    let bound = this.#constant(dual);
    for (let n = 0; n < this.#activeMembers; n++) {
      const member = this.#active[n]!;
      const end = first[member + 1]!;
      let best = 0;
      for (let at = first[member]!; at < end; at++) {
        const profit = worth[at]! - price[pool[at]!]! * costFen[at]!;
        if (profit > best) best = profit;
      }
      bound += best;
    }
    return bound;
  }

  /**
   * The dual with each member's maximum replaced by `temperature`·log Σ exp(profit / temperature); sets {@link gradient} and
   * {@link hessian}. The temperature is in units of value.
   */
  smoothAt(dual: Float64Array, temperature: number): number {
    const { first, costFen, pool } = this.#candidates;
    const price = pricesOf(this.#constraints, dual, this.#price);
    const worth = this.#worth;
    const profit = this.#profit;
    const mean = this.#mean;
    const square = this.#square;
    const poolMean = this.#poolMean;
    poolMean.set(this.#frozenFen);
    const cross = this.#cross.fill(0);
    const pools = price.length;
    const window = NEGLIGIBLE_TEMPERATURES * temperature;

    let total = this.#constant(dual);
    for (let active = 0; active < this.#activeMembers; active++) {
      const member = this.#active[active]!;
      const begin = first[member]!;
      const end = first[member + 1]!;
      let best = 0;
      let chosen = NONE;
      let second = Number.NEGATIVE_INFINITY;
      for (let at = begin; at < end; at++) {
        const p = worth[at]! - price[pool[at]!]! * costFen[at]!;
        profit[at - begin] = p;
        if (p > best) {
          second = best;
          best = p;
          chosen = at;
        } else if (p > second) second = p;
      }
      total += best;
      if (best - second > window) {
        if (chosen !== NONE) poolMean[pool[chosen]!]! += costFen[chosen]!;
        continue;
      }
      let sum = Math.exp(-best / temperature);
      for (let n = 0; n < end - begin; n++) {
        const weight = Math.exp((profit[n]! - best) / temperature);
        profit[n] = weight;
        sum += weight;
      }
      total += temperature * Math.log(sum);
      mean.fill(0);
      square.fill(0);
      for (let at = begin; at < end; at++) {
        const cost = (profit[at - begin]! / sum) * costFen[at]!;
        mean[pool[at]!]! += cost;
        square[pool[at]!]! += cost * costFen[at]!;
      }
      for (let p = 0; p < pools; p++) {
        const m = mean[p]!;
        if (m === 0) continue;
        poolMean[p]! += m;
        cross[p * pools + p]! += square[p]!;
        for (let q = 0; q < pools; q++) cross[p * pools + q]! -= m * mean[q]!;
      }
    }
    this.#gather(temperature);
    return total;
  }

  /** Turns the sums of each pool into derivatives with respect to the constraints' prices. */
  #gather(temperature: number): void {
    const { capFen, own, total } = this.#constraints;
    const width = capFen.length;
    const pools = own.length;
    this.gradient.set(capFen);
    this.hessian.fill(0);
    const add = (a: number, b: number, of: number) => {
      if (a >= 0 && b >= 0) this.hessian[a * width + b]! += of / temperature;
    };
    for (let p = 0; p < pools; p++) {
      for (const a of [own[p]!, total]) {
        if (a >= 0) this.gradient[a]! -= this.#poolMean[p]!;
        for (let q = 0; q < pools; q++) {
          add(a, own[q]!, this.#cross[p * pools + q]!);
          add(a, total, this.#cross[p * pools + q]!);
        }
      }
    }
  }
}
