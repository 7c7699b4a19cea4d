import { type Constraints, pricesOf } from './budget.ts';
import type { Candidates } from './candidates.ts';
import { NONE, tieFactor } from './choose.ts';

/** Where the prices may lie: for each constraint a start and the bounds of the search. */
export interface DualBox {
  readonly start: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The temperature to begin and the one to end with, as shares of the mean value; see {@link minimiseDual}. */
  readonly warmest: number;
  readonly coldest: number;
}

export interface DualPoint {
  /** A price for each constraint, >= 0, in value per fen. */
  readonly dual: Float64Array;
  /** The dual function there: no plan, fractional or not, is worth more. */
  readonly bound: number;
  /** How often the candidates were evaluated. */
  readonly evaluations: number;
}

const COOLING = 0.2;
const MAX_NEWTON_STEPS = 25;
const MAX_HALVINGS = 14;
const STEP_SHRINK = 0.4;
const SUFFICIENT_DECREASE = 1e-4;
const NOISE = 1e-13;
const GRADIENT_TOLERANCE = 1e-4;
/** exp(-36) is below the rounding of a double: what lies that many temperatures lower has no weight. */
const NEGLIGIBLE_TEMPERATURES = 36;
const DAMPING = 1e-9;
/** A price is at most halved at once where nobody buys. */
const PROPORTIONAL_STEP = 0.5;
const RETRIED_COOLINGS = 4;
/** A member whose choice leads by this many temperatures is left out of colder ones, where prices move less than that. */
const FROZEN_TEMPERATURES = 4 * NEGLIGIBLE_TEMPERATURES;
/** Left out members whose choices did not change leave the dual function unchanged, but for rounding. */
const ROUNDING = 1e-11;

/** Solves a symmetric positive definite system over the variables in `free` by elimination, in place; null if singular. */
const solved = (
  matrix: Float64Array,
  right: Float64Array,
  free: readonly number[],
  width: number,
): Float64Array | null => {
  const size = free.length;
  const a = free.map((row) =>
    Float64Array.from([...free.map((column) => matrix[row * width + column]!), right[row]!]),
  );
  for (let k = 0; k < size; k++) {
    const pivot = a[k]![k]!;
    if (!(pivot > 0)) return null;
    for (let row = k + 1; row < size; row++) {
      const factor = a[row]![k]! / pivot;
      if (factor === 0) continue;
      for (let column = k; column <= size; column++) a[row]![column]! -= factor * a[k]![column]!;
    }
  }
  const x = new Float64Array(size);
  for (let k = size - 1; k >= 0; k--) {
    let sum = a[k]![size]!;
    for (let column = k + 1; column < size; column++) sum -= a[k]![column]! * x[column]!;
    x[k] = sum / a[k]![k]!;
  }
  return x;
};

/** The dual function of a set of candidates, smoothed and not, with its derivatives. */
class Dual {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  evaluations = 0;

  readonly #candidates: Candidates;
  readonly #constraints: Constraints;
  readonly #worth: Float64Array;
  readonly #price: Float64Array;
  readonly #profit: Float64Array;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  readonly #poolMean: Float64Array;
  readonly #cross: Float64Array;
  /** The members that are evaluated. Of the others the choice is known, and only what they spend and bring is kept. */
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

  /** Evaluates every member again. */
  thaw(): void {
    for (let member = 0; member < this.#active.length; member++) this.#active[member] = member;
    this.#activeMembers = this.#active.length;
    this.#frozenFen.fill(0);
    this.#frozenWorth = 0;
  }

  /** Leaves out the members whose choice leads by more than `lead`, a value. */
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

  /** What the dual function has beside the members evaluated. */
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
    this.evaluations++;
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
   * The dual with each member's maximum replaced by `warmth`·log Σ exp(profit / warmth); sets {@link gradient} and
   * {@link hessian}.
   */
  smoothAt(dual: Float64Array, warmth: number): number {
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
    const window = NEGLIGIBLE_TEMPERATURES * warmth;
    this.evaluations++;

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
      let sum = Math.exp(-best / warmth);
      for (let n = 0; n < end - begin; n++) {
        const weight = Math.exp((profit[n]! - best) / warmth);
        profit[n] = weight;
        sum += weight;
      }
      total += warmth * Math.log(sum);
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
    this.#gather(warmth);
    return total;
  }

  /** Turns sums over pools into derivatives by the constraints' prices. */
  #gather(warmth: number): void {
    const { capFen, own, total } = this.#constraints;
    const width = capFen.length;
    const pools = own.length;
    this.gradient.set(capFen);
    this.hessian.fill(0);
    const add = (a: number, b: number, of: number) => {
      if (a >= 0 && b >= 0) this.hessian[a * width + b]! += of / warmth;
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

/** A step that changes each price in proportion to itself and to what its budget has left or lacks. */
const proportional = (
  at: Float64Array,
  slope: Float64Array,
  free: readonly number[],
  constraints: Constraints,
): Float64Array => {
  const mean = at.reduce((sum, price) => sum + price, 0) / at.length;
  return Float64Array.from(free, (k) => {
    const share = slope[k]! / Math.max(1, constraints.capFen[k]!);
    return Math.max(at[k]!, mean) * Math.max(-1, Math.min(PROPORTIONAL_STEP, share));
  });
};

/** Newton steps at one temperature, from a point within the box to the minimum within it. */
const descended = (
  problem: Dual,
  constraints: Constraints,
  box: DualBox,
  from: Float64Array,
  warmth: number,
): Float64Array => {
  const { gradient, hessian } = problem;
  const width = from.length;
  let at = from;
  let height = problem.smoothAt(at, warmth);
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    const free: number[] = [];
    let steepest = 0;
    for (let k = 0; k < width; k++) {
      const g = gradient[k]!;
      if ((at[k]! <= box.low[k]! && g >= 0) || (at[k]! >= box.high[k]! && g <= 0)) continue;
      free.push(k);
      steepest = Math.max(steepest, Math.abs(g) / Math.max(1, constraints.capFen[k]!));
    }
    if (steepest < GRADIENT_TOLERANCE) return at;
    for (const k of free) hessian[k * width + k]! *= 1 + DAMPING;
    const slope = gradient.slice();
    // Where prices are so high that nobody buys, the function is as good as linear: a Newton step leads nowhere then.
    const newton = solved(hessian, gradient, free, width);
    const direct = proportional(at, slope, free, constraints);
    const directions = newton ? [newton, direct] : [direct];
    let moved = false;
    for (const direction of directions) {
      let length = 1;
      for (let halving = 0; halving < MAX_HALVINGS && !moved; halving++, length *= STEP_SHRINK) {
        const next = at.slice();
        let promised = 0;
        free.forEach((k, n) => {
          next[k] = Math.min(box.high[k]!, Math.max(box.low[k]!, at[k]! - length * direction[n]!));
          promised += slope[k]! * (at[k]! - next[k]!);
        });
        const there = problem.smoothAt(next, warmth);
        if (there > height - SUFFICIENT_DECREASE * promised + NOISE * Math.abs(height)) continue;
        at = next;
        height = there;
        moved = true;
      }
    }
    if (!moved) return at;
  }
  return at;
};

/** One descent from the warmest to the coldest temperature. The bound is that of the members not frozen on the way. */
const cooled = (
  problem: Dual,
  constraints: Constraints,
  box: DualBox,
  start: Float64Array,
  warmest: number,
  coldest: number,
  freezes: boolean,
): { dual: Float64Array; bound: number } => {
  const within = (x: number, k: number) => Math.min(box.high[k]!, Math.max(box.low[k]!, x));
  let at: Float64Array = start.map(within);
  let before: Float64Array | null = null;
  let best = at;
  let bound = problem.exactAt(at);
  for (let warmth = warmest; ; warmth = Math.max(coldest, warmth * COOLING)) {
    const earlier: Float64Array | null = before;
    before = at;
    if (earlier) {
      const from = at;
      const guess = at.map((x, k) => within(x + (x - earlier[k]!) * COOLING, k));
      if (problem.smoothAt(guess, warmth) < problem.smoothAt(from, warmth)) at = guess;
    }
    at = descended(problem, constraints, box, at, warmth);
    const exact = problem.exactAt(at);
    if (exact < bound) {
      bound = exact;
      best = at;
    }
    if (warmth === coldest) return { dual: best, bound };
    if (freezes) problem.freeze(at, warmth * FROZEN_TEMPERATURES);
  }
};

/**
 * Finds the prices that minimise the dual of a multiple-choice knapsack with any number of budgets, inside a box.
 *
 * Each member's maximum is smoothed into a soft maximum (Y. Nesterov, Smooth minimization of non-smooth functions,
 * Mathematical Programming 103, 2005), the smooth convex function is minimised by projected Newton steps (D. Bertsekas,
 * SIAM Journal on Control and Optimization 20, 1982), and the temperature is lowered from `warmest` to `coldest`, each
 * time from the minimum before, moved along the path the minima take. Some 3 evaluations a temperature suffice
 * whatever the number of members, and the members evaluated become fewer as it gets colder, since more and more
 * choices are beyond doubt. The smoothed minimum at temperature t lies within t·log(offers + 1) a member of the
 * true one.
 *
 * One budget needs no second method: the same steps then walk down a function of one variable.
 */
export const minimiseDual = (candidates: Candidates, constraints: Constraints, box: DualBox): DualPoint => {
  const problem = new Dual(candidates, constraints);
  const mean = Math.max(problem.meanWorth, Number.MIN_VALUE);
  const coldest = mean * box.coldest;
  let { dual, bound } = cooled(problem, constraints, box, box.start, mean * box.warmest, coldest, true);
  problem.thaw();
  const exact = problem.exactAt(dual);
  if (exact - bound > ROUNDING * exact) {
    // A member left out would have chosen differently in the end. This is rare, and done again with everybody.
    ({ dual, bound } = cooled(
      problem,
      constraints,
      box,
      dual,
      coldest / COOLING ** RETRIED_COOLINGS,
      coldest,
      false,
    ));
  } else bound = exact;
  return { dual, bound, evaluations: problem.evaluations };
};
