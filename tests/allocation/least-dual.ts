import { constraintsOf } from '#domain/allocation/budget.ts';
import { minimiseDual } from '#domain/allocation/dual.ts';
import type { Instance } from './instances.ts';

/**
 * The least value of the dual function over all prices: no plan, fractional or not, is worth more, and the best fractional plan is
 * worth as much (strong duality of linear programs).
 */
export const leastDual = ({ candidates, budgets }: Instance): number =>
  minimiseDual(candidates, constraintsOf(budgets), 1).bound;
