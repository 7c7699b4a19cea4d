import { factorize, solveFactorized } from './cholesky.ts';
import { dot, type Moments, times, totalMoments, weightedMoments } from './moments.ts';

/**
 * Ridge regression (Hoerl and Kennard, Technometrics 12, 1970) from sums: the weights w that minimise Σ (y − w·x)² +
 * Σ penalty_i · w_i².
 */

/** A quadratic loss wᵀ·gram·w − 2·wᵀ·right, up to a constant. */
export type Quadratic = { readonly gram: Float64Array; readonly right: Float64Array };

/** The weights that minimise the loss plus its penalty; `penalties` are added to the diagonal. */
export const solvePenalized = ({ gram, right }: Quadratic, penalties: Float64Array): Float64Array => {
  const size = right.length;
  const matrix = Float64Array.from(gram);
  for (let i = 0; i < size; i++) matrix[i * size + i]! += penalties[i]!;
  return solveFactorized(factorize(matrix, size), right);
};

export const lossOf = ({ gram, right }: Quadratic, weights: Float64Array): number =>
  dot(weights, times(gram, weights)) - 2 * dot(weights, right);

/** The sum of losses over the same features, leaving out `without`. Throws RangeError if `parts` is empty. */
export const addQuadratics = (parts: readonly Quadratic[], without?: Quadratic): Quadratic => {
  const [first] = parts;
  if (first === undefined) throw new RangeError('losses: expected at least one, got none');
  const gram = new Float64Array(first.gram.length);
  const right = new Float64Array(first.right.length);
  for (const part of parts) {
    if (part === without) continue;
    for (let i = 0; i < gram.length; i++) gram[i]! += part.gram[i]!;
    for (let i = 0; i < right.length; i++) right[i]! += part.right[i]!;
  }
  return { gram, right };
};

/** The loss as a function of some of the weights, with the others set to 0. */
export const restrict = ({ gram, right }: Quadratic, kept: readonly number[]): Quadratic => {
  const size = right.length;
  const small = new Float64Array(kept.length ** 2);
  kept.forEach((i, p) => {
    kept.forEach((j, q) => {
      small[p * kept.length + q] = gram[i * size + j]!;
    });
  });
  return { gram: small, right: Float64Array.from(kept, (i) => right[i]!) };
};

/** Turns the weights of some features into weights of all features: those of the others are 0. */
export const spread = (weights: Float64Array, kept: readonly number[], size: number): Float64Array => {
  const all = new Float64Array(size);
  kept.forEach((i, p) => {
    all[i] = weights[p]!;
  });
  return all;
};

/** Strengths of the penalty to choose from, relative to the information that the rows have about a feature. */
export const STRENGTHS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 100] as const;

/** Which features a model may use, the constant first. */
export type FeatureSet = { readonly name: string; readonly kept: readonly number[] };

/** The settings to choose from by their loss on held-out folds. A fold is one of several parts of the rows. */
export type Choices = {
  readonly sets: readonly FeatureSet[];
  /** {@link STRENGTHS} by default. */
  readonly strengths?: readonly number[];
  /** How many folds are held out, from the first one on; by default all. Rows used to find the features must not judge them. */
  readonly heldOut?: number;
};

export type Choice = { readonly set: FeatureSet; readonly strength: number; readonly loss: number };

export type RidgeFit = Choice & {
  /** One weight for each feature. */
  readonly weights: Float64Array;
  /** For each fold, the weights fitted on all the other folds. */
  readonly crossFitted: readonly Float64Array[];
};

const quadraticOf = ({ products, sums }: Moments, outcome: number): Quadratic => ({
  gram: products,
  right: sums[outcome]!,
});

/** The constant, feature 0, has no penalty. */
const penaltiesOf = (kept: readonly number[], each: number): Float64Array =>
  Float64Array.from(kept, (feature) => (feature === 0 ? 0 : each));

/**
 * Fits an outcome by ridge, with the features and the strength that have the smallest squared error on held-out folds. Features
 * are scaled, so a penalty of strength · n, where n is the number of rows, affects each in the same way. Throws RangeError for
 * fewer than two folds.
 */
export const fitRidge = (
  folds: readonly Moments[],
  outcome: number,
  { sets, strengths = STRENGTHS, heldOut = folds.length }: Choices,
): RidgeFit => {
  if (folds.length < 2) throw new RangeError(`folds: expected at least 2, got ${folds.length}`);
  const total = totalMoments(folds);
  const others = folds.map((fold) => weightedMoments([total, fold], [1, -1]));
  const fitted = (moments: Moments, { kept }: FeatureSet, strength: number): Float64Array =>
    spread(
      solvePenalized(
        restrict(quadraticOf(moments, outcome), kept),
        penaltiesOf(kept, strength * moments.rows),
      ),
      kept,
      moments.size,
    );
  const crossFit = (set: FeatureSet, strength: number): Float64Array[] =>
    others.map((rest) => fitted(rest, set, strength));
  let best: Choice | undefined;
  for (const set of sets) {
    for (const strength of strengths) {
      const weights = crossFit(set, strength);
      const loss = folds
        .slice(0, heldOut)
        .reduce((sum, fold, f) => sum + lossOf(quadraticOf(fold, outcome), weights[f]!), 0);
      if (best === undefined || loss < best.loss) best = { set, strength, loss };
    }
  }
  const { set, strength } = best!;
  return { ...best!, weights: fitted(total, set, strength), crossFitted: crossFit(set, strength) };
};
