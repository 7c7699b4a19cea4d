/** The difference of two arms in a figure for each member, with its interval. */
import { boundary } from './boundary.ts';
import type { Interval } from './view.ts';

/** Orders that each of two arms needs before their difference is shown: a mean of fewer is not close to Gaussian. */
export const FEWEST_ORDERS = 25;

/** The sum of a figure, such as net fen, over an arm's members. */
export type ArmSum = {
  /** The expected number of members in the arm, whether or not they ordered. It need not be a whole number. */
  eligible: number;
  orders: number;
  sum: number;
  /** The sum of the squares of the members' figures: all orders of one member are one observation. */
  squares: number;
};

/**
 * The difference of two arms in a figure for each eligible member, `arm` less `other`, as a confidence sequence (see
 * `boundary.ts`). Undefined while an arm has no eligible members or fewer than {@link FEWEST_ORDERS} orders.
 *
 * The squares are not taken about the mean, because the number of ordering members in an arm is random too. Each member is in
 * the arm with the probability of its share, and the variance of such a sum is the second moment about zero, less a part in
 * proportion to that share. The difference has no such part: a member is in only one of the arms, and their covariance makes
 * up for it.
 */
export const differenceOf = (arm: ArmSum, other: ArmSum, confidence: number): Interval | undefined => {
  if (Math.min(arm.eligible, other.eligible) <= 0) return undefined;
  if (Math.min(arm.orders, other.orders) < FEWEST_ORDERS) return undefined;
  const estimate = arm.sum / arm.eligible - other.sum / other.eligible;
  const standardError = Math.sqrt(arm.squares / arm.eligible ** 2 + other.squares / other.eligible ** 2);
  const reach = boundary(clockOf(arm, other), confidence) * standardError;
  return { estimate, low: estimate - reach, high: estimate + reach };
};

/**
 * The variance that the difference of orders would have if all orders were independent, in units of one order of the
 * smaller arm. It never decreases, because refunds are not in it.
 */
const clockOf = (arm: ArmSum, other: ArmSum): number =>
  (arm.orders / arm.eligible ** 2 + other.orders / other.eligible ** 2) *
  Math.min(arm.eligible, other.eligible) ** 2;
