/** Finds the prices of several budgets at once, by minimising their dual function. */
import type { Constraints } from './budget.ts';
import type { Candidates } from './candidates.ts';
import { DualFunction, NEGLIGIBLE_TEMPERATURES } from './dual-function.ts';
import { solvePositiveDefinite } from './linear-solver.ts';

export interface DualPoint {
  /** A price for each constraint, >= 0, in value per fen. */
  readonly dual: Float64Array;
  /** The value of the dual function at these prices: no plan, fractional or not, is worth more. */
  readonly bound: number;
}

/** The first and the last temperature, as shares of the mean value of an offer. */
const WARMEST_SHARE = 0.1;
const COLDEST_SHARE = 1e-9;
/** Each temperature is this times the one before. */
const COOLING = 0.2;
const MAX_NEWTON_STEPS = 25;
/**
 * A step is tried at up to this many lengths, each {@link STEP_SHRINK} times the one before, until it
 * decreases the function enough.
 */
const MAX_SHORTENINGS = 14;
const STEP_SHRINK = 0.4;
/** A step must reach at least this share of the decrease that the slope promises (Armijo's rule). */
const SUFFICIENT_DECREASE = 1e-4;
/** An increase by up to this share of the function's value may come from rounding. */
const NOISE = 1e-13;
/** At a minimum, what is spent of each budget that has a price differs from the budget by less than this share of it. */
const GRADIENT_TOLERANCE = 1e-4;
/** Added to the Hessian's diagonal as a share of it, so that the matrix is not singular. */
const DAMPING = 1e-9;
/** A proportional step lowers a price by at most this share of it, or of the mean price if that is higher. */
const PROPORTIONAL_STEP = 0.5;
/** A search that is repeated begins this many coolings above the coldest temperature. */
const RETRIED_COOLINGS = 4;
/**
 * A member whose best choice leads the second best by more than this many temperatures is left out at colder
 * ones. Prices change little there, so the choice almost always stays the best.
 */
const FROZEN_TEMPERATURES = 4 * NEGLIGIBLE_TEMPERATURES;
/**
 * If leaving members out changed no choice, the dual function over all members differs from the bound found
 * without evaluating them only by rounding, within this share.
 */
const ROUNDING = 1e-11;

/** A step that changes each price in proportion to the price and to the money that its budget has left or lacks. */
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

type DualSearch = { problem: DualFunction; constraints: Constraints };

/** Newton steps at one temperature, from a point to the minimum. No price is below 0. */
const descended = (
  { problem, constraints }: DualSearch,
  from: Float64Array,
  temperature: number,
): Float64Array => {
  const { gradient, hessian } = problem;
  const width = from.length;
  let at = from;
  let height = problem.smoothAt(at, temperature);
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    const free: number[] = [];
    let steepest = 0;
    for (let k = 0; k < width; k++) {
      const g = gradient[k]!;
      if (at[k]! <= 0 && g >= 0) continue;
      free.push(k);
      steepest = Math.max(steepest, Math.abs(g) / Math.max(1, constraints.capFen[k]!));
    }
    if (steepest < GRADIENT_TOLERANCE) return at;
    for (const k of free) hessian[k * width + k]! *= 1 + DAMPING;
    const slope = gradient.slice();
    // Where prices are so high that nobody buys, the function is nearly linear, and a Newton step is useless.
    const newton = solvePositiveDefinite({ matrix: hessian, right: gradient }, free);
    const direct = proportional(at, slope, free, constraints);
    const directions = newton ? [newton, direct] : [direct];
    let moved = false;
    for (const direction of directions) {
      let length = 1;
      for (let tried = 0; tried < MAX_SHORTENINGS && !moved; tried++, length *= STEP_SHRINK) {
        const next = at.slice();
        let promised = 0;
        free.forEach((k, n) => {
          next[k] = Math.max(0, at[k]! - length * direction[n]!);
          promised += slope[k]! * (at[k]! - next[k]!);
        });
        const there = problem.smoothAt(next, temperature);
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

/** Temperatures, in units of value, and whether members are left out as it gets colder. */
type Cooling = { warmest: number; coldest: number; freezes: boolean };

/** One descent from the warmest to the coldest temperature. Frozen members keep their choices, so the bound may be too low. */
const cooled = (
  search: DualSearch,
  start: Float64Array,
  { warmest, coldest, freezes }: Cooling,
): { dual: Float64Array; bound: number } => {
  const { problem } = search;
  let at = start;
  let before: Float64Array | null = null;
  let best = at;
  let bound = problem.exactAt(at);
  for (let temperature = warmest; ; temperature = Math.max(coldest, temperature * COOLING)) {
    const earlier: Float64Array | null = before;
    before = at;
    if (earlier) {
      const from = at;
      const guess = at.map((x, k) => Math.max(0, x + (x - earlier[k]!) * COOLING));
      if (problem.smoothAt(guess, temperature) < problem.smoothAt(from, temperature)) at = guess;
    }
    at = descended(search, at, temperature);
    const exact = problem.exactAt(at);
    if (exact < bound) {
      bound = exact;
      best = at;
    }
    if (temperature === coldest) return { dual: best, bound };
    if (freezes) problem.freeze(at, temperature * FROZEN_TEMPERATURES);
  }
};

/**
 * Finds the prices that minimise the dual of a multiple-choice knapsack with any number of budgets. `start`
 * is the price of each budget at the beginning, in value per fen.
 *
 * Each member's maximum is smoothed into a soft maximum (Y. Nesterov, Smooth minimization of non-smooth
 * functions, Mathematical Programming 103, 2005), the smooth convex function is minimised by projected Newton
 * steps (D. Bertsekas, SIAM Journal on Control and Optimization 20, 1982), and the temperature is lowered
 * step by step. Each descent starts from the previous minimum, extrapolated along the path of the minima.
 * About 3 evaluations per temperature suffice for any number of members. As it gets colder, more choices are
 * beyond doubt, so fewer members are evaluated. The smoothed minimum at temperature t lies within
 * t·log(offers + 1) per member of the true one.
 *
 * One budget needs no second method: the same steps then walk down a function of one variable.
 */
export const minimiseDual = (candidates: Candidates, constraints: Constraints, start: number): DualPoint => {
  const problem = new DualFunction(candidates, constraints);
  const search = { problem, constraints };
  const mean = Math.max(problem.meanWorth, Number.MIN_VALUE);
  const coldest = mean * COLDEST_SHARE;
  let { dual, bound } = cooled(search, new Float64Array(constraints.capFen.length).fill(start), {
    warmest: mean * WARMEST_SHARE,
    coldest,
    freezes: true,
  });
  problem.thaw();
  const exact = problem.exactAt(dual);
  if (exact - bound > ROUNDING * exact) {
    // A member left out would have chosen differently in the end. This is rare: repeat with everybody.
    const warmest = coldest / COOLING ** RETRIED_COOLINGS;
    ({ dual, bound } = cooled(search, dual, { warmest, coldest, freezes: false }));
  } else bound = exact;
  return { dual, bound };
};
