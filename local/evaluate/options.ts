/** The options of `npm run evaluate`. */
import { Command, InvalidArgumentError } from 'commander';
import { parse } from 'csv-parse/sync';
import { givenOptions } from '../cli/given-options.ts';

export type EvaluateOptions = {
  train: string;
  test: string | undefined;
  folds: number;
  treatment: string;
  control: string;
  /** Which arms to look at in addition to the control; all by default. */
  arms: readonly string[] | undefined;
  outcome: string;
  /** The column that the models learn; the same as `outcome`, on which they are judged, unless another is named. */
  trainOutcome: string;
  /** What one more unit of the outcome is worth. */
  value: number;
  /** What treating one member costs. */
  cost: number;
  /** The largest share of the members that may be treated. */
  budget: number;
  ignore: readonly string[];
  keep: readonly string[];
  seed: number;
  report: string | undefined;
};

export type ParsedEvaluateOptions =
  | { kind: 'run'; options: EvaluateOptions }
  | { kind: 'help'; text: string }
  | { kind: 'mistake'; message: string };

const FOLDS = { least: 2, most: 100, usual: 10 };
const SEED_MAX = 2 ** 32 - 1;
const USUAL_BUDGET = 0.3;

const numberFrom =
  (expected: string, holds: (value: number) => boolean) =>
  (text: string): number => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (!holds(value)) throw new InvalidArgumentError(`expected ${expected}, got ${JSON.stringify(text)}`);
    return value;
  };

const named = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('expected a value, got nothing');
  return text;
};

/** Names separated by commas; a name that contains a comma is in double quotes. The option may be given several times. */
const list = (text: string, before: readonly string[] | undefined): string[] => {
  let rows: string[][];
  try {
    rows = parse(text, { trim: true });
  } catch {
    throw new InvalidArgumentError(`expected names with commas between, got ${JSON.stringify(text)}`);
  }
  if (rows.length !== 1) throw new InvalidArgumentError(`expected names, got ${JSON.stringify(text)}`);
  return [...(before ?? []), ...rows[0]!];
};

const command = (): Command =>
  new Command('npm run evaluate --')
    .description(
      'Learns from a randomized trial in CSV whom a treatment helps, and shows with 95 % intervals what treating them would have gained.',
    )
    .requiredOption('--train <file>', 'the trial: CSV with a header, plain or gzip', named)
    .option('--test <file>', 'judge on this file instead of held-out folds of the first', named)
    .option(
      '--folds <n>',
      `the number of folds; each is judged by a model of the others (default ${FOLDS.usual})`,
      numberFrom(
        `a whole number from ${FOLDS.least} to ${FOLDS.most}`,
        (n) => Number.isInteger(n) && n >= FOLDS.least && n <= FOLDS.most,
      ),
    )
    .requiredOption('--treatment <column>', 'the column with the arm of a row', named)
    .requiredOption('--control <value>', 'the value of that column for the untreated')
    .option('--arms <values>', 'treatments to look at; rows of others are left out (default: all)', list)
    .requiredOption('--outcome <column>', 'the column to increase: a flag, a count or an amount', named)
    .option('--train-outcome <column>', 'learn this outcome instead, and judge on the other', named)
    .option(
      '--value <v>',
      'what one more unit of the outcome is worth',
      numberFrom('a number', Number.isFinite),
      1,
    )
    .option(
      '--cost <c>',
      'what treating one member costs',
      numberFrom('a number from 0', (cost) => cost >= 0),
      0,
    )
    .option(
      '--budget <share>',
      'the largest share of the members that may be treated, above 0 and up to 1',
      numberFrom('a number over 0 and up to 1', (share) => share > 0 && share <= 1),
      USUAL_BUDGET,
    )
    .option('--ignore <columns>', 'columns not to learn from', list)
    .option('--keep <columns>', 'columns to learn from although they look like an id or a leak', list)
    .option(
      '--seed <n>',
      'the seed of folds and ties; the same seed gives the same figures',
      numberFrom(
        `a whole number from 0 to ${SEED_MAX}`,
        (n) => Number.isInteger(n) && n >= 0 && n <= SEED_MAX,
      ),
      1,
    )
    .option('--report <file>', 'write all figures to FILE.json, and the curves to FILE.svg beside it', named)
    .allowExcessArguments(false)
    .showHelpAfterError(false);

/** Parses the arguments after the script's name. */
export const parseEvaluateOptions = (args: readonly string[]): ParsedEvaluateOptions => {
  const parsed = givenOptions(command(), args);
  if (parsed.kind !== 'given') return parsed;
  const given = parsed.options;
  if (given.test !== undefined && given.folds !== undefined) {
    return { kind: 'mistake', message: '--folds: expected only without --test, got both' };
  }
  if (given.arms?.includes(given.control)) {
    return {
      kind: 'mistake',
      message: `--arms: expected treatments, got the control ${JSON.stringify(given.control)}`,
    };
  }
  return {
    kind: 'run',
    options: {
      train: given.train,
      test: given.test,
      folds: given.folds ?? FOLDS.usual,
      treatment: given.treatment,
      control: given.control,
      arms: given.arms,
      outcome: given.outcome,
      trainOutcome: given.trainOutcome ?? given.outcome,
      value: given.value,
      cost: given.cost,
      budget: given.budget,
      ignore: given.ignore ?? [],
      keep: given.keep ?? [],
      seed: given.seed,
      report: given.report,
    },
  };
};
