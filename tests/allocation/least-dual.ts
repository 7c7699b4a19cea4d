import { constraintsOf } from '#domain/allocation/budget.ts';
import { minimiseDual } from '#domain/allocation/dual.ts';
import type { Instance } from './instances.ts';

/**
 * The least value of the dual function over all prices: no plan, fractional or not, is worth more, and the best fractional plan is
 * worth as much (strong duality of linear programs).
 */
export const leastDual = ({ candidates, budgets }: Instance): number => {
  const constraints = constraintsOf(budgets);
  const width = constraints.capFen.length;
  return minimiseDual(candidates, constraints, {
    start: new Float64Array(width).fill(1),
    low: new Float64Array(width),
    high: new Float64Array(width).fill(Number.POSITIVE_INFINITY),
    warmest: 0.1,
    coldest: 1e-9,
  }).bound;
};
