import { Mistake } from '../cli/options.ts';
import { chanceOf, DRAWS } from './chance.ts';
import type { Reading } from './csv.ts';
import { judge, newMeans } from './judge.ts';
import type { Means } from './measures.ts';
import type { EvaluateOptions } from './options.ts';
import { screenColumns } from './screening.ts';
import { type Model, train } from './train.ts';
import { ARM, OUTCOME, readTrial, type Trial } from './trial.ts';

/** How a fold's model was made. */
export type FoldModel = Model['fit'] & {
  bestArm: string;
  features: number;
  trainedRows: number;
  judgedRows: number;
};

export type ArmFigures = { arm: string; rows: number; meanOutcome: number };

export type Evaluation = {
  readonly means: Means;
  readonly models: readonly FoldModel[];
  readonly arms: readonly ArmFigures[];
  readonly columns: readonly string[];
  readonly notes: readonly string[];
  readonly judgedRows: number;
  readonly trainRows: number;
};

export type Listener = {
  /** The table is being read. */
  onReading: (reading: Reading, rows: number) => void;
  /** The model of a fold, numbered from 0, is being learned. */
  onFold: (fold: number, folds: number, rows: number) => void;
};

/** A fold needs at least this many rows of each arm to be judged, on average over the folds. */
const FOLD_ARM_ROWS_MIN = 5;

const foldsOf = (trial: Trial, { folds, seed, test }: EvaluateOptions): ((row: number) => number) =>
  test === undefined
    ? (row) => Math.floor(folds * chanceOf(seed, DRAWS.fold, row))
    : (row) => (row < trial.trainRows ? -1 : 0);

type Counts = { byFold: number[]; arms: ArmFigures[] };

/** Counts the judged rows, by fold and by arm. */
const countRows = (
  trial: Trial,
  { folds, test }: EvaluateOptions,
  foldOf: (row: number) => number,
): Counts => {
  const parts = test === undefined ? folds : 1;
  const byFold = Array.from({ length: parts }, () => 0);
  const sums = trial.arms.map(() => ({ rows: 0, outcome: 0 }));
  trial.store.visit((numbers, at, row) => {
    const fold = foldOf(row);
    if (fold < 0) return;
    byFold[fold]! += 1;
    const arm = sums[numbers[at + ARM]!]!;
    arm.rows += 1;
    arm.outcome += numbers[at + OUTCOME]!;
  });
  const arms = sums.map(({ rows, outcome }, arm) => ({
    arm: trial.arms[arm]!,
    rows,
    meanOutcome: outcome / rows,
  }));
  const [fewest] = arms.toSorted((a, b) => a.rows - b.rows);
  if (fewest!.rows < FOLD_ARM_ROWS_MIN * parts) {
    const [option, where] =
      test === undefined ? ['--folds', `in all ${parts} folds`] : ['--test', `in ${test}`];
    throw new Mistake(
      `${option}: expected at least ${FOLD_ARM_ROWS_MIN} rows of each arm a fold, got ${fewest!.rows} of ${JSON.stringify(fewest!.arm)} ${where}`,
    );
  }
  return { byFold, arms };
};

const learnAndJudge = (
  trial: Trial,
  options: EvaluateOptions,
  useful: readonly number[],
  listener: Listener,
): Omit<Evaluation, 'columns' | 'notes' | 'trainRows'> => {
  const folds = options.test === undefined ? options.folds : 1;
  const foldOf = foldsOf(trial, options);
  const { byFold, arms } = countRows(trial, options, foldOf);
  const judgedRows = arms.reduce((sum, { rows }) => sum + rows, 0);
  const shares = arms.map(({ rows }) => rows / judgedRows);
  const means = newMeans();
  const models: FoldModel[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const foldRows = byFold[fold]!;
    const trainingRows = trial.trainRows - (options.test === undefined ? foldRows : 0);
    listener.onFold(fold, folds, trainingRows);
    const model = train({
      trial,
      useful,
      isTraining: (row) => row < trial.trainRows && foldOf(row) !== fold,
      trainingRows,
      seed: options.seed,
    });
    const isJudged = (row: number): boolean => foldOf(row) === fold;
    judge({ trial, options, isJudged, judgedRows: foldRows, shares }, model, means);
    const { learner, set, strength, gain } = model.fit;
    models.push({
      learner,
      set,
      strength,
      gain,
      bestArm: trial.arms[model.bestArm]!,
      features: model.features,
      trainedRows: model.trainedRows,
      judgedRows: foldRows,
    });
  }
  return { means, models, arms, judgedRows };
};

/** Learns from a trial and judges what was learned. Throws Mistake, which names the option at fault. */
export const evaluate = async (options: EvaluateOptions, listener: Listener): Promise<Evaluation> => {
  const trial = await readTrial(options, listener.onReading);
  try {
    const { useful, notes } = screenColumns(trial, options.keep);
    if (useful.length === 0) {
      throw new Mistake(`--train: expected a column to learn from, got none (${notes.join('; ')})`);
    }
    return {
      ...learnAndJudge(trial, options, useful, listener),
      columns: useful.map((c) => trial.columns[c]!.name),
      notes: [...trial.notes, ...notes],
      trainRows: trial.trainRows,
    };
  } finally {
    trial.store.close();
  }
};
