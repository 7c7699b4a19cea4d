/** How much more often the coupons of one arm are redeemed than those of another, with an interval. */
import { boundary } from './boundary.ts';
import type { Interval } from './view.ts';

/** Redeemed coupons that each arm needs before the lift is shown: with fewer, the logarithm of a conversion is too skewed. */
export const FEWEST_REDEEMED = 25;

/** An arm's coupons at one look: each issued coupon is a trial, which succeeds if it is redeemed by then. */
export type Conversion = { issued: number; redeemed: number };

/** The variance of the logarithm of a conversion (delta method for a binomial share). */
const logVariance = ({ issued, redeemed }: Conversion): number => 1 / redeemed - 1 / issued;

/**
 * How much more often one arm's issued coupons are redeemed than another's: 0.162 is 16.2 % more often. The interval
 * is a confidence sequence (see `boundary.ts`) on the logarithm of the ratio, so it is longer on the upper
 * side and never below -1. Undefined while an arm has fewer than {@link FEWEST_REDEEMED} redeemed coupons, or at
 * least as many redeemed coupons as issued ones, which counts that were read at different moments may show.
 *
 * The boundary's clock is the information here, one over the variance: a coupon is redeemed once, so the share redeemed among
 * coupons issued together is a Brownian bridge. Divided by the share that it estimates, the bridge is a Brownian motion that
 * runs backwards in time and forwards in the information (J. L. Doob, "Heuristic approach to the Kolmogorov-Smirnov theorems",
 * Annals of Mathematical Statistics 20, 1949), with exactly the correlations that the boundary assumes. If coupons have unequal
 * chances of redemption, the variance is smaller than the binomial one. If a member redeemed either all or none of several
 * coupons, it would be larger.
 */
export const liftOf = (arm: Conversion, other: Conversion, confidence: number): Interval | undefined => {
  if (Math.min(arm.redeemed, other.redeemed) < FEWEST_REDEEMED) return undefined;
  if (arm.redeemed >= arm.issued || other.redeemed >= other.issued) return undefined;
  const ratio = arm.redeemed / arm.issued / (other.redeemed / other.issued);
  const variance = logVariance(arm) + logVariance(other);
  const factor = Math.exp(boundary(1 / variance, confidence) * Math.sqrt(variance));
  return { estimate: ratio - 1, low: ratio / factor - 1, high: ratio * factor - 1 };
};
