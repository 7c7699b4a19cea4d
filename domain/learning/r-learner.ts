import { type Moments, times, totalMoments, weightedMoments } from './moments.ts';
import {
  addQuadratics,
  type FeatureSet,
  fitRidge,
  lossOf,
  type Quadratic,
  type RidgeFit,
  restrict,
  STRENGTHS,
  solvePenalized,
  spread,
} from './ridge.ts';

/**
 * The R-learner (X. Nie and S. Wager, Quasi-oracle estimation of heterogeneous treatment effects, Biometrika 108, 2021) with
 * ridge, for any number of arms, where chance alone decides the arm. With e_k the share of arm k and m(x) the expected
 * outcome, it makes
 *
 *   Σ ( y − m(x) − Σ_k (1[arm = k] − e_k) · τ_k(x) )² + penalty
 *
 * least, over effects τ_k(x) = β_k·x against arm 0; m is cross-fitted. Since e_k is constant and m is linear, every sum in it
 * is a combination of the arms' own sums A and b: the rows are read once, for any number of strengths, folds and features.
 */

/** A fold's sums, an arm each; arm 0 is the control. */
export type ArmMoments = readonly Moments[];

/** A learner's effects and how it was chosen. */
export type EffectFit = {
  readonly learner: 'R' | 'T';
  readonly set: string;
  readonly strength: number;
  /** The R-loss on held-out folds, less that of a constant effect; below 0 if it found a difference between members. */
  readonly gain: number;
  /** β_k of the arms but the control, of all features. */
  readonly effects: readonly Float64Array[];
  /** The expected outcome over all arms. */
  readonly outcome: RidgeFit;
};

/** Shares of the rows, an arm each. */
const sharesOf = (arms: ArmMoments): number[] => {
  const rows = arms.reduce((sum, arm) => sum + arm.rows, 0);
  return arms.map((arm) => arm.rows / rows);
};

/** Weights of arms' sums: 1[arm = k] − e_k for each arm. */
const centredOn = (k: number, shares: readonly number[]): number[] =>
  shares.map((_, arm) => (arm === k ? 1 : 0) - shares[k]!);

/** A fold's R-loss as a quadratic in all the β, one effect after the other. */
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

/** Positions of the kept features of every effect. */
const keptOfAll = (kept: readonly number[], size: number, effects: number): number[] =>
  Array.from({ length: effects }, (_, k) => kept.map((i) => k * size + i)).flat();

/** A penalty on all effects but their constants, as a share of what the rows say of each: n·e_k·(1 − e_k). */
const effectPenalties = (
  kept: readonly number[],
  shares: readonly number[],
  rows: number,
  strength: number,
): Float64Array =>
  Float64Array.from(
    shares
      .slice(1)
      .flatMap((share) => kept.map((feature) => (feature === 0 ? 0 : strength * rows * share * (1 - share)))),
  );

type Candidate = Omit<EffectFit, 'outcome' | 'effects' | 'gain'> & {
  readonly loss: number;
  /** The effects, one after the other, fitted on all folds. */
  readonly fitted: () => Float64Array;
};

type Problem = {
  readonly folds: readonly ArmMoments[];
  readonly losses: readonly Quadratic[];
  readonly shares: readonly number[];
  readonly size: number;
  readonly rows: number;
  readonly outcome: number;
};

const rCandidates = (problem: Problem, sets: readonly FeatureSet[]): Candidate[] => {
  const { losses, shares, size, rows } = problem;
  const effects = shares.length - 1;
  const heldIn = losses.map((held) => addQuadratics(losses, held));
  const total = addQuadratics(losses);
  const heldInRows = (rows * (losses.length - 1)) / losses.length;
  return sets.flatMap((set) => {
    const kept = keptOfAll(set.kept, size, effects);
    const smallHeldIn = heldIn.map((loss) => restrict(loss, kept));
    const smallHeldOut = losses.map((loss) => restrict(loss, kept));
    return STRENGTHS.map((strength): Candidate => {
      const penalties = effectPenalties(set.kept, shares, heldInRows, strength);
      const loss = smallHeldIn.reduce(
        (sum, held, f) => sum + lossOf(smallHeldOut[f]!, solvePenalized(held, penalties)),
        0,
      );
      const fitted = () =>
        spread(
          solvePenalized(restrict(total, kept), effectPenalties(set.kept, shares, rows, strength)),
          kept,
          size * effects,
        );
      return { learner: 'R', set: set.name, strength, loss, fitted };
    });
  });
};

/** The T-learner: a ridge regression an arm; effects are differences from the control's. */
const tCandidates = (problem: Problem, sets: readonly FeatureSet[]): Candidate[] => {
  const { folds, losses, shares, outcome } = problem;
  return sets.map((set): Candidate => {
    const fits = shares.map((_, arm) =>
      fitRidge(
        folds.map((fold) => fold[arm]!),
        outcome,
        [set],
      ),
    );
    const differences = (weightsOf: (fit: RidgeFit) => Float64Array): Float64Array => {
      const control = weightsOf(fits[0]!);
      return Float64Array.from(
        fits.slice(1).flatMap((fit) => [...weightsOf(fit)].map((weight, i) => weight - control[i]!)),
      );
    };
    const loss = losses.reduce(
      (sum, held, f) =>
        sum +
        lossOf(
          held,
          differences((fit) => fit.crossFitted[f]!),
        ),
      0,
    );
    return {
      learner: 'T',
      set: set.name,
      strength: fits[1]!.strength,
      loss,
      fitted: () => differences((fit) => fit.weights),
    };
  });
};

/**
 * Fits the effects of the arms from the sums of folds. Learner, features and strength are those whose R-loss on held-out
 * folds is least; equal ones go to the first. Throws RangeError for fewer than two folds or arms.
 */
export const fitEffects = (
  folds: readonly ArmMoments[],
  outcome: number,
  sets: readonly FeatureSet[],
): EffectFit => {
  const arms = folds[0]?.length ?? 0;
  if (arms < 2) throw new RangeError(`arms: expected at least 2, got ${arms}`);
  const totals = Array.from({ length: arms }, (_, arm) => totalMoments(folds.map((fold) => fold[arm]!)));
  const shares = sharesOf(totals);
  const { size } = totals[0]!;
  const rows = totals.reduce((sum, arm) => sum + arm.rows, 0);
  const expected = fitRidge(folds.map(totalMoments), outcome, sets);
  const losses = folds.map((fold, f) => residualLoss(fold, shares, expected.crossFitted[f]!, outcome));
  const problem: Problem = { folds, losses, shares, size, rows, outcome };
  const constant = rCandidates(problem, [{ name: 'constant', kept: [0] }])[0]!;
  const all = [...rCandidates(problem, sets), ...tCandidates(problem, sets)];
  const best = all.reduce((least, one) => (one.loss < least.loss ? one : least));
  const effects = best.fitted();
  return {
    learner: best.learner,
    set: best.set,
    strength: best.strength,
    gain: best.loss - constant.loss,
    effects: shares.slice(1).map((_, k) => effects.slice(k * size, (k + 1) * size)),
    outcome: expected,
  };
};
