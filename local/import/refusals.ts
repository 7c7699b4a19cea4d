import { appendFileSync, writeFileSync } from 'node:fs';
import { InputError } from '#local/console/input-error.ts';
import { printable, quoted } from '#local/console/printable.ts';

/** A part of an input that was refused, and why. `line` is its line, from 1. */
export type Refusal = {
  line?: number;
  field: string;
  value: unknown;
  expected: string;
  /** Why the pipeline refused it; absent if it was refused before it was sent. */
  reason?: string;
};

/** How many refusals are shown; a file keeps them all. */
export const REFUSALS_SHOWN_MAX = 20;
const WRITE_AT = 500;

/** A refusal as one line for people: `line 5: amount: expected an amount such as 1.23, got "free"`. */
export const refusalText = ({ line, field, value, expected }: Refusal): string => {
  const place = line === undefined ? '' : `line ${line}: `;
  return printable(
    `${place}${field}: expected ${expected}, got ${value === undefined ? 'nothing' : quoted(value)}`,
  );
};

/** Counts refusals, keeps the first of them to show, and writes all of them to a file if one is named. */
export class Refusals {
  count = 0;
  readonly first: Refusal[] = [];
  readonly #file: string | undefined;
  #waiting: string[] = [];

  /** Empties the file, if one is named. Throws an InputError if it cannot be written. */
  constructor(file?: string) {
    this.#file = file;
    if (file === undefined) return;
    try {
      writeFileSync(file, '');
    } catch (cause) {
      const { message } = cause as Error;
      throw new InputError(`--rejects: expected a file that can be written, got ${file} (${message})`, {
        cause,
      });
    }
  }

  add(refusal: Refusal): void {
    this.count += 1;
    if (this.first.length < REFUSALS_SHOWN_MAX) this.first.push(refusal);
    if (this.#file === undefined) return;
    this.#waiting.push(`${JSON.stringify(refusal)}\n`);
    if (this.#waiting.length >= WRITE_AT) this.flush();
  }

  flush(): void {
    if (this.#file === undefined || this.#waiting.length === 0) return;
    appendFileSync(this.#file, this.#waiting.join(''));
    this.#waiting = [];
  }

  /**
   * The lines to show: the first refusals, without the first `from` of them, which were shown before, and the number of
   * further refusals.
   */
  lines(from = 0): string[] {
    const shown = this.first.slice(from).map(refusalText);
    const more = this.count - this.first.length;
    if (more === 0) return shown;
    const where = this.#file === undefined ? '--rejects FILE keeps them all' : `all are in ${this.#file}`;
    return [...shown, `and ${more} more; ${where}`];
  }
}
