import { STEPS_PER_UNIT, toFeatureSteps } from '#domain/learning/fixed-point.ts';
import { type Moments, type Scaling, scaledMoments, scalingOf } from '#domain/learning/moments.ts';
import {
  emptyStatistics,
  rowCollector,
  type Statistics,
  sumOfStatistics,
} from '#domain/learning/statistics.ts';

/** A row of a made-up trial: features without the constant. Arm 0 is the control. */
export type TrialRow = { features: readonly number[]; arm: number; outcome: number };

/** A step that is fine enough for all outcomes in these tests. */
export const OUTCOME_STEP = 2 ** -12;

/** Features as they are kept: in steps, the constant first. */
export const stepsOf = (features: readonly number[]): Int32Array =>
  Int32Array.from([STEPS_PER_UNIT, ...features.map(toFeatureSteps)]);

/** Sums by fold and arm. A row's fold is its index modulo the number of folds. */
export const collect = (rows: readonly TrialRow[], folds: number, arms: number): Statistics[][] => {
  const size = rows[0]!.features.length + 1;
  const cells = Array.from({ length: folds }, () =>
    Array.from({ length: arms }, () => emptyStatistics(size)),
  );
  rows.forEach(({ features, arm, outcome }, i) => {
    const collector = rowCollector(cells[i % folds]![arm]!);
    collector.add(stepsOf(features), [Math.round(outcome / OUTCOME_STEP)]);
    collector.done();
  });
  return cells;
};

export const momentsOf = (
  cells: readonly (readonly Statistics[])[],
): { folds: Moments[][]; scaling: Scaling } => {
  const total = sumOfStatistics(cells.flat());
  const scaling = scalingOf(total);
  const chosen = Array.from({ length: total.size }, (_, i) => i);
  return { scaling, folds: cells.map((arms) => arms.map((arm) => scaledMoments(arm, scaling, chosen))) };
};

/** The prediction for a row by weights of scaled features, in the outcome's unit. */
export const predictionOf = (
  weights: Float64Array,
  { means, deviations }: Scaling,
  features: readonly number[],
): number =>
  OUTCOME_STEP *
  [...stepsOf(features)].reduce(
    (sum, steps, i) =>
      sum + weights[i]! * (i === 0 ? 1 : (steps / STEPS_PER_UNIT - means[i]!) / deviations[i]!),
    0,
  );

/** A standard normal number (G. Box and M. Muller, Ann. Math. Statist. 29, 1958). */
export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
