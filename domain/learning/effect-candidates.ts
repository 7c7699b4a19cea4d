/** Makes the competing learners of effects: R-learners and T-learners, each with its settings. */
import { times, totalMoments } from './moments.ts';
import type { RProblem } from './r-loss.ts';
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

/** A learner with its settings, judged on held-out folds. */
export type Candidate = {
  /**
   * R: the R-learner, shrunk towards a constant effect. RP: shrunk towards an effect in proportion to the expected outcome. T:
   * an outcome model for each arm.
   */
  readonly learner: 'R' | 'RP' | 'T';
  /** The name of its set of features. */
  readonly set: string;
  /** How strongly its weights are shrunk, as a share of the information in the rows. */
  readonly strength: number;
  /** The R-loss on held-out folds, up to a constant that is the same for all. */
  readonly loss: number;
  /** The effects, one after the other, fitted on all folds. */
  readonly fitted: () => Float64Array;
};

/** Positions of the kept features of every effect. */
const keptOfAll = (kept: readonly number[], size: number, effects: number): number[] =>
  Array.from({ length: effects }, (_, k) => kept.map((i) => k * size + i)).flat();

/**
 * A penalty on all weights of the effects except their constants. It is a share of the information that n rows have about the
 * effect of arm k, n·e_k·(1 − e_k), where e_k is the arm's share of the rows.
 */
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

/** A direction shorter than this, in outcome steps (`fixed-point.ts`), counts as none. */
const LEAST_LENGTH = 1e-9;
/** The penalty in the direction of the expected outcome, close to none. */
const ALONG_PENALTY = 1e-3;

/**
 * For each effect, one direction in addition to the features: the expected outcome less its constant. Along it, the effect may
 * move almost without penalty. People who buy more are often influenced more. So if the rows say little about whom a treatment
 * influences, an effect in proportion to the expected outcome is a better guess than the same effect for everybody.
 */
type Directions = readonly Float64Array[];

const directionsOf = ({ size, shares, rows, folds }: RProblem, weights: Float64Array): Directions => {
  const slope = weights.map((weight, i) => (i === 0 ? 0 : weight));
  const { products } = totalMoments(folds.map(totalMoments));
  const moved = times(products, slope);
  const length = Math.sqrt(slope.reduce((sum, weight, i) => sum + weight * moved[i]!, 0) / rows);
  if (!(length > LEAST_LENGTH)) return [];
  return shares.slice(1).map((_, k) => {
    const all = new Float64Array(size * (shares.length - 1));
    all.set(
      slope.map((weight) => weight / length),
      k * size,
    );
    return all;
  });
};

/** The loss as a function of the weights of the kept features and, after them, of the directions. */
const extend = (loss: Quadratic, kept: readonly number[], directions: Directions): Quadratic => {
  const small = restrict(loss, kept);
  if (directions.length === 0) return small;
  const count = kept.length;
  const size = count + directions.length;
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (let i = 0; i < count; i++) gram.set(small.gram.subarray(i * count, (i + 1) * count), i * size);
  right.set(small.right);
  directions.forEach((direction, d) => {
    const image = times(loss.gram, direction);
    const at = count + d;
    kept.forEach((feature, p) => {
      gram[p * size + at] = image[feature]!;
      gram[at * size + p] = image[feature]!;
    });
    directions.forEach((other, o) => {
      gram[at * size + count + o] = other.reduce((sum, weight, i) => sum + weight * image[i]!, 0);
    });
    right[at] = direction.reduce((sum, weight, i) => sum + weight * loss.right[i]!, 0);
  });
  return { gram, right };
};

/** Weights of the features and directions as weights of all features. */
const unextend = (
  weights: Float64Array,
  kept: readonly number[],
  directions: Directions,
  size: number,
): Float64Array => {
  const all = spread(weights.subarray(0, kept.length), kept, size);
  directions.forEach((direction, d) => {
    for (let i = 0; i < size; i++) all[i]! += weights[kept.length + d]! * direction[i]!;
  });
  return all;
};

/** An R-learner for each set of features and each strength; `learner` says towards which effect they are shrunk. */
export const rCandidates = (
  problem: RProblem,
  sets: readonly FeatureSet[],
  learner: 'R' | 'RP' = 'R',
): Candidate[] => {
  const { losses, shares, size, rows, expected, choices } = problem;
  const { strengths = STRENGTHS, heldOut = losses.length } = choices;
  const effects = shares.length - 1;
  const total = addQuadratics(losses);
  const heldIn = losses.map((held) => addQuadratics(losses, held));
  const along = (weights: Float64Array): Directions =>
    learner === 'R' ? [] : directionsOf(problem, weights);
  // A fold's direction comes from the other folds.
  const directions = expected.crossFitted.map(along);
  const last = along(expected.weights);
  if (learner === 'RP' && [last, ...directions].some(({ length }) => length === 0)) return [];
  const penaltiesOf = (set: FeatureSet, ofRows: number, strength: number): Float64Array =>
    Float64Array.from([
      ...effectPenalties(set.kept, shares, ofRows, strength),
      ...last.map((_, k) => ALONG_PENALTY * ofRows * shares[k + 1]! * (1 - shares[k + 1]!)),
    ]);
  const heldInRows = (rows * (losses.length - 1)) / losses.length;
  return sets.flatMap((set) => {
    const kept = keptOfAll(set.kept, size, effects);
    const inside = heldIn.map((loss, f) => extend(loss, kept, directions[f]!));
    const outside = losses.map((loss, f) => extend(loss, kept, directions[f]!));
    return strengths.map((strength): Candidate => {
      const penalties = penaltiesOf(set, heldInRows, strength);
      const loss = inside
        .slice(0, heldOut)
        .reduce((sum, held, f) => sum + lossOf(outside[f]!, solvePenalized(held, penalties)), 0);
      const fitted = (): Float64Array => {
        const weights = solvePenalized(extend(total, kept, last), penaltiesOf(set, rows, strength));
        return unextend(weights, kept, last, size * effects);
      };
      return { learner, set: set.name, strength, loss, fitted };
    });
  });
};

/** A T-learner for each set of features: a ridge regression for each arm. Effects are differences from the control's outcome. */
export const tCandidates = (problem: RProblem, sets: readonly FeatureSet[]): Candidate[] => {
  const { folds, losses, shares, outcome, choices } = problem;
  return sets.map((set): Candidate => {
    const fits = shares.map((_, arm) =>
      fitRidge(
        folds.map((fold) => fold[arm]!),
        outcome,
        { ...choices, sets: [set] },
      ),
    );
    const differences = (weightsOf: (fit: RidgeFit) => Float64Array): Float64Array => {
      const control = weightsOf(fits[0]!);
      return Float64Array.from(
        fits.slice(1).flatMap((fit) => [...weightsOf(fit)].map((weight, i) => weight - control[i]!)),
      );
    };
    const loss = losses.slice(0, choices.heldOut ?? losses.length).reduce(
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
