/**
 * Features and outcomes as whole numbers. Sums of whole numbers below 2^53 are exact in a double, so the sum over a set of rows
 * has the same bits in any order and for any partition of the rows.
 */

/** A feature is kept in steps of 1/64. */
export const STEPS_PER_UNIT = 64;
/** Features are clipped to this many units on either side of 0. */
const FEATURE_LIMIT = 8;
/** The largest feature, in steps. */
export const FEATURE_STEPS_MAX = FEATURE_LIMIT * STEPS_PER_UNIT;
/** The largest outcome, in outcome steps. */
export const OUTCOME_STEPS_MAX = 2 ** 20;
/**
 * The largest number of rows whose sums are guaranteed to be exact: 2^53 divided by the largest product of a feature and an
 * outcome.
 */
export const ROWS_MAX = 2 ** 53 / (FEATURE_STEPS_MAX * OUTCOME_STEPS_MAX);

/** A feature in whole steps, clipped; what is not a number counts as 0. */
export const toFeatureSteps = (value: number): number => {
  const steps = Math.round(value * STEPS_PER_UNIT);
  if (steps >= FEATURE_STEPS_MAX) return FEATURE_STEPS_MAX;
  // Written so that neither NaN nor -0 gets through.
  return steps > -FEATURE_STEPS_MAX ? steps + 0 : steps <= -FEATURE_STEPS_MAX ? -FEATURE_STEPS_MAX : 0;
};

/**
 * The size of an outcome step for outcomes of at most `largest` in absolute value: a power of two, so that counts and
 * flags are kept exactly, and amounts to within a millionth of the largest.
 */
export const outcomeStepFor = (largest: number): number => {
  if (!(largest > 0)) return 1 / OUTCOME_STEPS_MAX;
  return 2 ** Math.ceil(Math.log2(largest / OUTCOME_STEPS_MAX));
};

/** An outcome in whole steps, clipped. */
export const toOutcomeSteps = (value: number, step: number): number =>
  Math.max(-OUTCOME_STEPS_MAX, Math.min(OUTCOME_STEPS_MAX, Math.round(value / step)));
