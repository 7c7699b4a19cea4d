/** How many members an experiment needs. */
import { normalQuantile } from './normal-quantile.ts';

export type Aim = {
  /** The share of members who convert without the lift, between 0 and 1. */
  baseRate: number;
  /** Relative: 0.15 means that members convert 15 % more often. */
  lift: number;
  /** The probability of detecting the lift if it is real. */
  power: number;
};

/**
 * Members per arm, in two arms of equal size, that are needed to detect a lift by an interval that reaches `criticalValue`
 * standard errors to each side: 1.96 for a single look at 95 %; see `boundary.ts` for looking at any time. The formula
 * compares two independent shares by the normal approximation (J. L. Fleiss, Statistical Methods for Rates and Proportions,
 * chapter 3, unpooled). The number is infinite without a lift; the raised share is cut at 1.
 */
export const membersNeeded = ({ baseRate, lift, power }: Aim, criticalValue: number): number => {
  const raised = Math.min(1, baseRate * (1 + lift));
  const variance = baseRate * (1 - baseRate) + raised * (1 - raised);
  const standardErrors = criticalValue + normalQuantile(power);
  return Math.ceil((standardErrors / (raised - baseRate)) ** 2 * variance);
};
