/** Reads a randomized trial: its arms, its outcomes and its columns. */
import { Mistake } from '../cli/options.ts';
import { Column, isMissing, parseNumber } from './column.ts';
import { type Reading, readTable } from './csv.ts';
import type { EvaluateOptions } from './options.ts';
import { RowStore } from './row-store.ts';

/** The positions of the numbers in a stored row. */
export const ARM = 0;
export const OUTCOME = 1;
export const TRAIN_OUTCOME = 2;
export const FIRST_FEATURE = 3;

const ARMS_MAX = 50;
/** An arm with fewer rows is refused: its held-out folds would say nothing. */
const ARM_ROWS_MIN = 100;
const NAMES_SHOWN = 12;
const PROGRESS_ROWS = 20_000;

/** A randomized trial: the rows of the first file, then those of the second if there is one. */
export type Trial = {
  readonly store: RowStore;
  readonly columns: readonly Column[];
  /** The control first. */
  readonly arms: readonly string[];
  /** The number of rows that may be learned from. They come first; any further rows are only for judging models. */
  readonly trainRows: number;
  readonly notes: readonly string[];
};

const quoted = (names: readonly string[]): string => {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : '');
};

/** `0`, `0.0` and ` 0 ` name the same arm. */
const armKey = (text: string): string => String(parseNumber(text) ?? text.trim());

const FLAGS: Readonly<Record<string, number>> = { true: 1, yes: 1, false: 0, no: 0 };

const outcomeOf = (text: string): number | undefined => parseNumber(text) ?? FLAGS[text.trim().toLowerCase()];

/** The positions of a file's columns, by what the columns are for. */
type Layout = { treatment: number; outcome: number; trainOutcome: number; features: number[] };

class TrialReader {
  readonly notes: string[] = [];
  readonly arms: string[];
  readonly rowsOfArm: number[] = [0];
  readonly #options: EvaluateOptions;
  readonly #armPlaces: Map<string, number>;
  /** How many rows were left out, by the arm that they name. */
  readonly #left = new Map<string, number>();
  #columns: Column[] = [];
  #store: RowStore | undefined;
  #unreadable = 0;
  #firstUnreadable = '';

  constructor(options: EvaluateOptions) {
    this.#options = options;
    this.arms = [options.control, ...(options.arms ?? [])];
    this.#armPlaces = new Map(this.arms.map((arm, place) => [armKey(arm), place]));
    for (const _ of options.arms ?? []) this.rowsOfArm.push(0);
  }

  get columns(): Column[] {
    return this.#columns;
  }

  get store(): RowStore {
    return this.#store!;
  }

  /** Finds the columns of a file. Those of the second file are found by the names of the first file's columns. */
  layout(option: string, names: readonly string[]): Layout {
    const { treatment, outcome, trainOutcome, ignore, keep } = this.#options;
    const place = (by: string, name: string): number => {
      const at = names.indexOf(name);
      if (at >= 0) return at;
      throw new Mistake(
        `${by}: expected a column of ${option} (${quoted(names)}), got ${JSON.stringify(name)}`,
      );
    };
    const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at);
    if (twice !== undefined) {
      throw new Mistake(`${option}: expected columns of different names, got ${JSON.stringify(twice)} twice`);
    }
    const roles = {
      treatment: place('--treatment', treatment),
      outcome: place('--outcome', outcome),
      trainOutcome: place('--train-outcome', trainOutcome),
    };
    if (this.#store !== undefined) {
      return { ...roles, features: this.#columns.map(({ name }) => place(option, name)) };
    }
    for (const name of ignore) place('--ignore', name);
    for (const name of keep) place('--keep', name);
    const taken = new Set([treatment, outcome, trainOutcome, ...ignore]);
    const features = names.flatMap((name, at) => (taken.has(name) || isUnnamed(name) ? [] : [at]));
    const unnamed = names.filter(isUnnamed).length;
    if (unnamed > 0)
      this.notes.push(
        `left out ${unnamed} ${unnamed === 1 ? 'column' : 'columns'} without a name: apparently row numbers`,
      );
    if (features.length === 0) {
      throw new Mistake(`${option}: expected columns to learn from, got none beside ${quoted([...taken])}`);
    }
    this.#columns = features.map((at) => new Column(names[at]!));
    this.#store = new RowStore(FIRST_FEATURE + features.length);
    return { ...roles, features };
  }

  #armOf(text: string): number | undefined {
    const key = armKey(text);
    const known = this.#armPlaces.get(key);
    if (known !== undefined) return known;
    if (this.#options.arms !== undefined || isMissing(text)) {
      if (this.#left.size < ARMS_MAX || this.#left.has(key))
        this.#left.set(key, (this.#left.get(key) ?? 0) + 1);
      return undefined;
    }
    if (this.arms.length > ARMS_MAX) {
      throw new Mistake(
        `--treatment: expected a column of at most ${ARMS_MAX} different values, got more in ${JSON.stringify(this.#options.treatment)}`,
      );
    }
    this.#armPlaces.set(key, this.arms.length);
    this.arms.push(text.trim());
    this.rowsOfArm.push(0);
    return this.arms.length - 1;
  }

  add(fields: readonly string[], layout: Layout, row: Float64Array): void {
    const arm = this.#armOf(fields[layout.treatment]!);
    if (arm === undefined) return;
    const outcome = outcomeOf(fields[layout.outcome]!);
    const trainOutcome = outcomeOf(fields[layout.trainOutcome]!);
    if (outcome === undefined || trainOutcome === undefined) {
      if (this.#unreadable === 0) {
        const wrong = outcome === undefined ? layout.outcome : layout.trainOutcome;
        this.#firstUnreadable = JSON.stringify(fields[wrong]);
      }
      this.#unreadable += 1;
      return;
    }
    row[ARM] = arm;
    row[OUTCOME] = outcome;
    row[TRAIN_OUTCOME] = trainOutcome;
    for (let i = 0; i < layout.features.length; i++) {
      row[FIRST_FEATURE + i] = this.#columns[i]!.cellOf(fields[layout.features[i]!]!);
    }
    this.rowsOfArm[arm]! += 1;
    this.#store!.append(row);
  }

  finish(): void {
    const { control, treatment, outcome } = this.#options;
    if (this.#unreadable > this.#store!.rows) this.#refuseOutcomes(outcome);
    if (this.rowsOfArm[0] === 0) {
      const found = [...this.arms.slice(1), ...this.#left.keys()];
      throw new Mistake(
        `--control: expected a value of column ${JSON.stringify(treatment)} (${quoted(found)}), got ${JSON.stringify(control)}`,
      );
    }
    if (this.arms.length < 2) {
      throw new Mistake(`--treatment: expected arms beside the control, got only ${JSON.stringify(control)}`);
    }
    this.arms.forEach((arm, place) => {
      if (this.rowsOfArm[place]! >= ARM_ROWS_MIN) return;
      const option = place > 0 && this.#options.arms !== undefined ? '--arms' : '--treatment';
      throw new Mistake(
        `${option}: expected at least ${ARM_ROWS_MIN} rows an arm, got ${this.rowsOfArm[place]} of ${JSON.stringify(arm)}`,
      );
    });
    if (this.#unreadable > 0) {
      this.notes.push(
        `left out ${this.#unreadable} ${this.#unreadable === 1 ? 'row' : 'rows'} whose outcome is not a number (the first: ${this.#firstUnreadable})`,
      );
    }
    for (const [key, count] of this.#left) {
      this.notes.push(`left out ${count} rows of arm ${JSON.stringify(key)}`);
    }
  }

  #refuseOutcomes(outcome: string): never {
    throw new Mistake(
      `--outcome: expected numbers in column ${JSON.stringify(outcome)}, got ${this.#unreadable} that are not, the first of them ${this.#firstUnreadable}`,
    );
  }
}

const isUnnamed = (name: string): boolean => name.trim() === '' || /^Unnamed: \d+$/.test(name);

/** Reads the trial that the options name. Throws Mistake, which names the option at fault. */
export const readTrial = async (
  options: EvaluateOptions,
  onProgress: (reading: Reading, rows: number) => void,
): Promise<Trial> => {
  const reader = new TrialReader(options);
  const read = async (option: string, path: string): Promise<void> => {
    let layout: Layout;
    let row: Float64Array;
    let count = 0;
    await readTable(
      option,
      path,
      (names) => {
        layout = reader.layout(option, names);
        row = new Float64Array(FIRST_FEATURE + layout.features.length);
      },
      (fields, reading) => {
        reader.add(fields, layout, row);
        count += 1;
        if (count % PROGRESS_ROWS === 0) onProgress(reading, count);
      },
    );
  };
  await read('--train', options.train);
  reader.finish();
  const trainRows = reader.store.rows;
  if (options.test !== undefined) {
    const { test } = options;
    await read('--test', test);
    if (reader.store.rows === trainRows)
      throw new Mistake(`--test: expected rows of the arms, got none in ${test}`);
    reader.finish();
  }
  return {
    store: reader.store,
    columns: reader.columns,
    arms: reader.arms,
    trainRows,
    notes: [...new Set(reader.notes)],
  };
};
