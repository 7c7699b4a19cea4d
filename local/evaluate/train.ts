/** Learns from the training rows of a trial what the treatments do, and what to expect without them. */
import { outcomeStepFor, STEPS_PER_UNIT, toOutcomeSteps } from '#domain/learning/fixed-point.ts';
import { type Moments, type Scaling, scaledMoments, scalingOf } from '#domain/learning/moments.ts';
import { type EffectFit, fitEffects } from '#domain/learning/r-learner.ts';
import { type FeatureSet, fitRidge } from '#domain/learning/ridge.ts';
import {
  emptyStatistics,
  rowCollector,
  type Statistics,
  sumOfStatistics,
} from '#domain/learning/statistics.ts';
import { chanceOf, DRAWS } from './chance.ts';
import { type Encoder, extendEncoder, featureSets, fitEncoder, mainPairs } from './encoder.ts';
import { screenPairs } from './pairs.ts';
import { ARM, OUTCOME, TRAIN_OUTCOME, type Trial } from './trial.ts';

/** The training uses only the rows for which `isTraining` is true. */
export type TrainingTask = {
  readonly trial: Trial;
  readonly useful: readonly number[];
  readonly isTraining: (row: number) => boolean;
  readonly trainingRows: number;
  readonly seed: number;
};

export type Model = {
  readonly encoder: Encoder;
  /** Effects of all arms except the control on the learned outcome, as weights: units of the outcome for each feature step. */
  readonly effects: readonly Float64Array[];
  /** The expected value of the judged outcome in each arm. */
  readonly expected: readonly Float64Array[];
  /** The outcome that a response model expects from a member who is treated with the best single arm. */
  readonly response: Float64Array;
  /** The treatment arm with the largest mean outcome; at least 1, because 0 is the control. */
  readonly bestArm: number;
  /** How the effects were learned; `gain` is per row, in the square of the learned outcome's unit. */
  readonly fit: Pick<EffectFit, 'learner' | 'set' | 'strength' | 'gain'>;
  readonly features: number;
  readonly trainedRows: number;
};

const INNER_FOLDS = 5;
/** Columns and pairs are chosen on the inner folds from this number on; feature sets and penalties are judged on the others. */
const SCREENING_FOLDS_FROM = 3;
const SAMPLE_ROWS = 50_000;
/** Columns are ranked by one model with all features; the strength of its penalty matters little. */
const RANKING_STRENGTH = 0.3;
const PRODUCTS_MAX = 150;
/** If there are more features than this (fewer with several treatments), only the most useful columns are kept. */
const FEATURES_MAX = 200;
/**
 * The most multiplications in one pass. If there are more rows than that allows, a sample of them is used, because more rows
 * would hardly change the model.
 */
const WORK_MAX = 2.5e10;
const TRAINED_ROWS_MIN = 300_000;

type Survey = {
  sample: Float64Array[];
  /** The part of the sample whose outcomes may choose columns and pairs. */
  screening: Float64Array[];
  steps: { outcome: number; trainOutcome: number };
  bestArm: number;
};

const innerFoldOf = (seed: number, row: number): number =>
  Math.floor(INNER_FOLDS * chanceOf(seed, DRAWS.innerFold, row));

/** One pass that finds the sizes of the outcomes, the best arm and a sample of rows. */
const survey = ({ trial, isTraining, trainingRows, seed }: TrainingTask): Survey => {
  const { store, arms } = trial;
  const share = SAMPLE_ROWS / trainingRows;
  const sample: Float64Array[] = [];
  const screening: Float64Array[] = [];
  const largest = [0, 0];
  const rows = new Float64Array(arms.length);
  const sums = new Float64Array(arms.length);
  store.visit((numbers, at, row) => {
    if (!isTraining(row)) return;
    if (chanceOf(seed, DRAWS.sample, row) < share) {
      const copy = numbers.slice(at, at + store.width);
      sample.push(copy);
      if (innerFoldOf(seed, row) >= SCREENING_FOLDS_FROM) screening.push(copy);
    }
    largest[0] = Math.max(largest[0]!, Math.abs(numbers[at + OUTCOME]!));
    largest[1] = Math.max(largest[1]!, Math.abs(numbers[at + TRAIN_OUTCOME]!));
    const arm = numbers[at + ARM]!;
    rows[arm]! += 1;
    sums[arm]! += numbers[at + OUTCOME]!;
  });
  let bestArm = 1;
  for (let arm = 2; arm < arms.length; arm++) {
    if (sums[arm]! / rows[arm]! > sums[bestArm]! / rows[bestArm]!) bestArm = arm;
  }
  return {
    sample,
    screening,
    bestArm,
    steps: { outcome: outcomeStepFor(largest[0]!), trainOutcome: outcomeStepFor(largest[1]!) },
  };
};

type Collector = {
  add: (features: Int32Array, innerFold: number, numbers: Float64Array, at: number) => void;
  /** The statistics, by inner fold and arm. */
  finish: () => Statistics[][];
};

const collector = (size: number, arms: number, { outcome, trainOutcome }: Survey['steps']): Collector => {
  const cells = Array.from({ length: INNER_FOLDS }, () =>
    Array.from({ length: arms }, () => {
      const statistics = emptyStatistics(size, 2);
      return { statistics, rows: rowCollector(statistics) };
    }),
  );
  const outcomes = [0, 0];
  return {
    add: (features, innerFold, numbers, at) => {
      outcomes[0] = toOutcomeSteps(numbers[at + OUTCOME]!, outcome);
      outcomes[1] = toOutcomeSteps(numbers[at + TRAIN_OUTCOME]!, trainOutcome);
      cells[innerFold]![numbers[at + ARM]!]!.rows.add(features, outcomes);
    },
    finish: () =>
      cells.map((arms) =>
        arms.map(({ statistics, rows }) => {
          rows.done();
          return statistics;
        }),
      ),
  };
};

type Scaled = { folds: Moments[][]; scaling: Scaling };

const scale = (cells: readonly (readonly Statistics[])[], size: number): Scaled => {
  const all = Array.from({ length: size }, (_, i) => i);
  const scaling = scalingOf(sumOfStatistics(cells.flat()));
  return { scaling, folds: cells.map((arms) => arms.map((arm) => scaledMoments(arm, scaling, all))) };
};

/** Converts weights of scaled features, in outcome steps, to weights of feature steps, in the outcome's own unit. */
const unscaled = (weights: Float64Array, { means, deviations }: Scaling, step: number): Float64Array => {
  const result = new Float64Array(weights.length);
  let constant = weights[0]!;
  for (let i = 1; i < weights.length; i++) {
    const weight = weights[i]! / deviations[i]!;
    result[i] = (weight * step) / STEPS_PER_UNIT;
    constant -= weight * means[i]!;
  }
  result[0] = (constant * step) / STEPS_PER_UNIT;
  return result;
};

type Ranking = {
  /** The columns, those that say the most about the outcome and the effects first, by their weights on the sample. */
  columns: number[];
  /** What remains of each sample row's outcome after the model, alone and by arm. */
  signals: Float64Array[];
  /** The values of each main feature over the sample. */
  values: Map<number, Float64Array>;
};

/** The outcomes less the expected ones, alone and times each treatment's indicator, from which the treatment's share is taken. */
const signalsOf = (rest: Float64Array, rowArms: Int32Array, arms: number): Float64Array[] => {
  const shares = Array.from(
    { length: arms },
    (_, k) => rowArms.filter((arm) => arm === k).length / rest.length,
  );
  return [
    rest,
    ...shares
      .slice(1)
      .map((share, k) => rest.map((value, r) => value * ((rowArms[r] === k + 1 ? 1 : 0) - share))),
  ];
};

const rankColumns = (encoder: Encoder, survey: Survey, arms: number, useful: readonly number[]): Ranking => {
  const size = encoder.features.length;
  const { add, finish } = collector(size, arms, survey.steps);
  const features = new Int32Array(size);
  const rows = survey.screening.length;
  const values = new Map(
    encoder.features.flatMap(({ group, columns }, f) =>
      group === 'main' && columns.length > 0 ? [[f, new Float64Array(rows)] as const] : [],
    ),
  );
  survey.screening.forEach((row, r) => {
    encoder.encode(row, 0, features);
    add(features, r % INNER_FOLDS, row, 0);
    for (const [f, column] of values) column[r] = features[f]!;
  });
  const { folds, scaling } = scale(finish(), size);
  const everything: FeatureSet[] = [{ name: 'all', kept: Array.from({ length: size }, (_, i) => i) }];
  const { effects, outcome } = fitEffects(folds, 1, { sets: everything, strengths: [RANKING_STRENGTH] });
  const squares = (weights: readonly Float64Array[]): Map<number, number> => {
    const sums = new Map<number, number>();
    let total = 0;
    encoder.features.forEach(({ columns: [column] }, f) => {
      if (column === undefined) return;
      const square = weights.reduce((sum, one) => sum + one[f]! ** 2, 0);
      sums.set(column, (sums.get(column) ?? 0) + square);
      total += square;
    });
    return new Map([...sums].map(([column, sum]) => [column, total > 0 ? sum / total : 0]));
  };
  const [ofOutcome, ofEffects] = [squares([outcome.weights]), squares(effects)];
  const importance = (c: number) => (ofOutcome.get(c) ?? 0) + (ofEffects.get(c) ?? 0);
  const weights = unscaled(outcome.weights, scaling, survey.steps.trainOutcome);
  const rest = Float64Array.from(survey.screening, (row) => {
    encoder.encode(row, 0, features);
    return row[TRAIN_OUTCOME]! - weights.reduce((sum, weight, f) => sum + weight * features[f]!, 0);
  });
  return {
    columns: [...useful].sort((a, b) => importance(b) - importance(a) || a - b),
    signals: signalsOf(
      rest,
      Int32Array.from(survey.screening, (row) => row[ARM]!),
      arms,
    ),
    values,
  };
};

/** The first columns, as many as a limit allows. */
const takeWhile = (
  ranked: readonly number[],
  holds: (columns: ReadonlySet<number>) => boolean,
): Set<number> => {
  const taken = new Set<number>();
  for (const column of ranked) {
    taken.add(column);
    if (!holds(taken)) {
      taken.delete(column);
      break;
    }
  }
  return taken;
};

const chooseFeatures = (task: TrainingTask, found: Survey): { encoder: Encoder; isScreened: boolean } => {
  const { trial, useful } = task;
  const base = fitEncoder(found.sample, trial.columns, useful);
  const all = new Set(useful);
  // A solution's cost grows with the cube of (features × treatment arms).
  const room = 1 / Math.sqrt(trial.arms.length - 1);
  const [featuresMax, productsMax] = [FEATURES_MAX * room, PRODUCTS_MAX * room];
  const pairs = mainPairs(base, all);
  if (base.features.length <= featuresMax && pairs.length <= productsMax) {
    return { encoder: extendEncoder(base, all, pairs), isScreened: false };
  }
  const { columns, signals, values } = rankColumns(base, found, trial.arms.length, useful);
  const sizeOf = (some: ReadonlySet<number>) =>
    base.features.filter(({ columns: own }) => own.every((c) => some.has(c))).length;
  const kept = takeWhile(columns, (some) => sizeOf(some) <= featuresMax);
  const screened = screenPairs(values, signals, mainPairs(base, kept), productsMax);
  return { encoder: extendEncoder(base, kept, screened), isScreened: true };
};

/** The outcome expected in each arm: m(x) + τ_k(x) − Σ e_l·τ_l(x), with τ_0 = 0; e_l is the share of arm l. */
const expectedByArm = ({ outcome, effects }: EffectFit, shares: readonly number[]): Float64Array[] =>
  shares.map((_, arm) =>
    outcome.weights.map(
      (weight, i) =>
        weight +
        (arm === 0 ? 0 : effects[arm - 1]![i]!) -
        effects.reduce((sum, effect, l) => sum + shares[l + 1]! * effect[i]!, 0),
    ),
  );

/** Learns from the training rows. Features, learner and strength are chosen on folds of these rows. */
export const train = (task: TrainingTask): Model => {
  const { trial, isTraining, trainingRows, seed } = task;
  const found = survey(task);
  const { encoder, isScreened } = chooseFeatures(task, found);
  const size = encoder.features.length;
  const { add, finish } = collector(size, trial.arms.length, found.steps);
  const rowsAllowed = Math.max(TRAINED_ROWS_MIN, WORK_MAX / (size * size));
  const share = rowsAllowed / trainingRows;
  const features = new Int32Array(size);
  trial.store.visit((numbers, at, row) => {
    if (!isTraining(row) || (share < 1 && chanceOf(seed, DRAWS.share, row) >= share)) return;
    encoder.encode(numbers, at, features);
    add(features, innerFoldOf(seed, row), numbers, at);
  });
  const { folds, scaling } = scale(finish(), size);
  const choices = {
    sets: featureSets(encoder),
    heldOut: isScreened ? SCREENING_FOLDS_FROM : INNER_FOLDS,
  };
  const learned = fitEffects(folds, 1, choices);
  const judged = fitEffects(folds, 0, choices);
  const response = fitRidge(
    folds.map((arms) => arms[found.bestArm]!),
    1,
    choices,
  );
  const armRows = trial.arms.map((_, arm) => folds.reduce((sum, fold) => sum + fold[arm]!.rows, 0));
  const trainedRows = armRows.reduce((sum, rows) => sum + rows, 0);
  const { outcome, trainOutcome } = found.steps;
  return {
    encoder,
    effects: learned.effects.map((weights) => unscaled(weights, scaling, trainOutcome)),
    expected: expectedByArm(
      judged,
      armRows.map((rows) => rows / trainedRows),
    ).map((weights) => unscaled(weights, scaling, outcome)),
    response: unscaled(response.weights, scaling, trainOutcome),
    bestArm: found.bestArm,
    fit: { ...learned, gain: (learned.gain * trainOutcome ** 2) / trainedRows },
    features: size,
    trainedRows,
  };
};
