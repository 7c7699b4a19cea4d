import { type Column, isText, textPlace } from './column.ts';
import { ARM, FIRST_FEATURE, OUTCOME, TRAIN_OUTCOME, type Trial } from './trial.ts';

/**
 * Finds columns that were not known before the treatment. In a randomized trial the arms do not differ in anything that was
 * known before, so a column in which they differ came later. A column that determines the outcome came after the outcome.
 */

/** Groups of a column's cells: missing, zero, other numbers, each of its first texts, and all further texts. */
const MISSING = 0;
const ZERO = 1;
const NUMBER = 2;
const FIRST_TEXT = 3;
const TEXTS_MAX = 50;

/**
 * A difference of means below a tenth of a standard deviation is commonly taken as balance (P. Austin,
 * Statist. Med. 28, 2009).
 */
const IMBALANCE_MAX = 0.1;
/** By chance alone, about one comparison in two million exceeds this. */
const Z_MAX = 5;
/**
 * The log of a probability of one in 10^12. That all rows of a group have the same outcome is not put down to chance if its
 * probability by chance is less than this.
 */
const LOG_CHANCE_MIN = Math.log(1e-12);

type Groups = { rows: Float64Array; positives: Float64Array; trainPositives: Float64Array };

const groupOf = (cell: number): number => {
  if (Number.isNaN(cell)) return MISSING;
  if (isText(cell)) return FIRST_TEXT + Math.min(TEXTS_MAX, textPlace(cell));
  return cell === 0 ? ZERO : NUMBER;
};

const GROUPS = FIRST_TEXT + TEXTS_MAX + 1;

class ColumnScreen {
  readonly #arms: Groups[];
  /** For each arm: the count, the sum and the sum of squares of its numbers. */
  readonly #numbers: Float64Array[];

  constructor(arms: number) {
    const groups = () => new Float64Array(GROUPS);
    this.#arms = Array.from({ length: arms }, () => ({
      rows: groups(),
      positives: groups(),
      trainPositives: groups(),
    }));
    this.#numbers = Array.from({ length: arms }, () => new Float64Array(3));
  }

  add(cell: number, arm: number, hasOutcome: boolean, hasTrainOutcome: boolean): void {
    const group = groupOf(cell);
    const { rows, positives, trainPositives } = this.#arms[arm]!;
    rows[group]! += 1;
    if (hasOutcome) positives[group]! += 1;
    if (hasTrainOutcome) trainPositives[group]! += 1;
    if (group !== ZERO && group !== NUMBER) return;
    const numbers = this.#numbers[arm]!;
    numbers[0]! += 1;
    numbers[1]! += cell;
    numbers[2]! += cell * cell;
  }

  /** Whether an arm differs from the control in the column's mean or in the share of a group. */
  isImbalanced(): boolean {
    const totalOf = (arm: Groups) => arm.rows.reduce((sum, rows) => sum + rows, 0);
    const [control] = this.#arms;
    return this.#arms.slice(1).some((arm, k) => {
      const [n0, n1] = [totalOf(control!), totalOf(arm)];
      const shares = arm.rows.some((rows, group) => {
        const [p0, p1] = [control!.rows[group]! / n0, rows / n1];
        const pooled = (control!.rows[group]! + rows) / (n0 + n1);
        return differs(p1 - p0, pooled * (1 - pooled), n0, n1);
      });
      if (shares) return true;
      const [before, after] = [this.#numbers[0]!, this.#numbers[k + 1]!];
      const mean = (sums: Float64Array) => sums[1]! / sums[0]!;
      const variance = (sums: Float64Array) => sums[2]! / sums[0]! - mean(sums) ** 2;
      if (before[0] === 0 || after[0] === 0) return false;
      const pooled = (variance(before) + variance(after)) / 2;
      return differs(mean(after) - mean(before), pooled, before[0]!, after[0]!);
    });
  }

  /**
   * Whether a group of cells never has the outcome, or always has it, beyond what chance explains. A group without the outcome
   * counts only if it holds most of the rows, because a small group of members who never buy is normal.
   */
  determinesOutcome(positivesOf: (arm: Groups) => Float64Array): boolean {
    const over = (group: number, of: (arm: Groups) => Float64Array) =>
      this.#arms.reduce((sum, arm) => sum + of(arm)[group]!, 0);
    const groups = Array.from({ length: GROUPS }, (_, group) => ({
      rows: over(group, ({ rows }) => rows),
      positives: over(group, positivesOf),
    }));
    const all = groups.reduce((sum, { rows }) => sum + rows, 0);
    const positives = groups.reduce((sum, group) => sum + group.positives, 0);
    const rate = positives / all;
    if (rate === 0 || rate === 1) return false;
    return groups.some((group) => {
      if (group.positives === group.rows && group.rows > 0)
        return group.rows * Math.log(rate) < LOG_CHANCE_MIN;
      return group.positives === 0 && group.rows > all / 2 && group.rows * Math.log1p(-rate) < LOG_CHANCE_MIN;
    });
  }
}

const differs = (difference: number, variance: number, n0: number, n1: number): boolean => {
  if (!(variance > 0)) return false;
  const deviations = Math.abs(difference) / Math.sqrt(variance);
  return deviations > IMBALANCE_MAX && deviations / Math.sqrt(1 / n0 + 1 / n1) > Z_MAX;
};

export type Screening = { readonly useful: readonly number[]; readonly notes: readonly string[] };

/** The columns to learn from, by their indexes, and a note on each column that is left out. */
export const screenColumns = (trial: Trial, keep: readonly string[]): Screening => {
  const screens = trial.columns.map(() => new ColumnScreen(trial.arms.length));
  trial.store.visit((numbers, at) => {
    const arm = numbers[at + ARM]!;
    const hasOutcome = numbers[at + OUTCOME]! !== 0;
    const hasTrainOutcome = numbers[at + TRAIN_OUTCOME]! !== 0;
    for (let c = 0; c < screens.length; c++) {
      screens[c]!.add(numbers[at + FIRST_FEATURE + c]!, arm, hasOutcome, hasTrainOutcome);
    }
  });
  const reasonOf = (column: Column, c: number): string | undefined => {
    const useless = column.uselessness();
    if (useless !== undefined) return useless;
    const screen = screens[c]!;
    if (screen.isImbalanced()) {
      return 'the arms differ in it, so it came after the treatment or the trial is not randomized';
    }
    const isDetermined =
      screen.determinesOutcome(({ positives }) => positives) ||
      screen.determinesOutcome(({ trainPositives }) => trainPositives);
    return isDetermined ? 'it determines the outcome, so it is known only after the outcome' : undefined;
  };
  const useful: number[] = [];
  const notes: string[] = [];
  trial.columns.forEach((column, c) => {
    const reason = keep.includes(column.name) ? undefined : reasonOf(column, c);
    if (reason === undefined) useful.push(c);
    else notes.push(`left out column ${JSON.stringify(column.name)}: ${reason}`);
  });
  return { useful, notes };
};
