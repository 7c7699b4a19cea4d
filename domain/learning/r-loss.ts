import { type Moments, times, totalMoments, weightedMoments } from './moments.ts';
import { type Choices, fitRidge, type Quadratic, type RidgeFit } from './ridge.ts';

/**
 * The R-learner (X. Nie and S. Wager, Quasi-oracle estimation of heterogeneous treatment effects, Biometrika 108, 2021) with
 * ridge, for any number of arms, where chance alone decides the arm. With e_k the share of arm k and m(x) the expected outcome,
 * it minimises
 *
 *   Σ ( y − m(x) − Σ_k (1[arm = k] − e_k) · τ_k(x) )² + penalty
 *
 * over effects τ_k(x) = β_k·x relative to arm 0; m is cross-fitted. Since e_k is constant and m is linear, every sum in the loss
 * is a combination of the arms' own sums A = Σ x·xᵀ and b = Σ x·y: the rows are read once, however many strengths of the
 * penalty, folds and sets of features are tried.
 */

/** A fold's sums, one entry for each arm; arm 0 is the control. */
export type ArmMoments = readonly Moments[];

/** The share of the rows in each arm. */
const sharesOf = (arms: ArmMoments): number[] => {
  const rows = arms.reduce((sum, arm) => sum + arm.rows, 0);
  return arms.map((arm) => arm.rows / rows);
};

/** Weights of arms' sums: 1[arm = k] − e_k for each arm. */
const centredOn = (k: number, shares: readonly number[]): number[] =>
  shares.map((_, arm) => (arm === k ? 1 : 0) - shares[k]!);

/** A fold's R-loss as a quadratic in the coefficients β of all effects, those of one effect after those of another. */
const residualLoss = (
  arms: ArmMoments,
  shares: readonly number[],
  expected: Float64Array,
  outcome: number,
): Quadratic => {
  const size = arms[0]!.size;
  const effects = shares.length - 1;
  const all = size * effects;
  const gram = new Float64Array(all * all);
  const right = new Float64Array(all);
  for (let k = 1; k <= effects; k++) {
    const own = centredOn(k, shares);
    const { products, sums } = weightedMoments(arms, own);
    const explained = times(products, expected);
    const from = (k - 1) * size;
    for (let i = 0; i < size; i++) right[from + i] = sums[outcome]![i]! - explained[i]!;
    for (let l = 1; l <= k; l++) {
      const other = centredOn(l, shares);
      const block = weightedMoments(
        arms,
        own.map((weight, arm) => weight * other[arm]!),
      ).products;
      const to = (l - 1) * size;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          gram[(from + i) * all + to + j] = block[i * size + j]!;
          gram[(to + j) * all + from + i] = block[i * size + j]!;
        }
      }
    }
  }
  return { gram, right };
};

/** The R-loss of each fold, and what it is made of. */
export type RProblem = {
  readonly folds: readonly ArmMoments[];
  readonly losses: readonly Quadratic[];
  /** The share of the rows in each arm. */
  readonly shares: readonly number[];
  readonly size: number;
  readonly rows: number;
  readonly outcome: number;
  readonly expected: RidgeFit;
  readonly choices: Choices;
};

/** The R-loss of folds, from their sums. Throws RangeError for fewer than two folds or arms. */
export const rProblem = (folds: readonly ArmMoments[], outcome: number, choices: Choices): RProblem => {
  const arms = folds[0]?.length ?? 0;
  if (arms < 2) throw new RangeError(`arms: expected at least 2, got ${arms}`);
  const totals = Array.from({ length: arms }, (_, arm) => totalMoments(folds.map((fold) => fold[arm]!)));
  const shares = sharesOf(totals);
  const expected = fitRidge(folds.map(totalMoments), outcome, choices);
  return {
    folds,
    losses: folds.map((fold, f) => residualLoss(fold, shares, expected.crossFitted[f]!, outcome)),
    shares,
    choices,
    size: totals[0]!.size,
    rows: totals.reduce((sum, arm) => sum + arm.rows, 0),
    outcome,
    expected,
  };
};
