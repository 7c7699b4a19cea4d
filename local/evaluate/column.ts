/** Stores each cell of a table as one number. */

/**
 * A text that is not a number is stored as this base plus its index in the column's dictionary. No number in a table is that
 * large. Doubles of this size are more than 1 apart, so indexes are multiplied.
 */
const TEXT_BASE = 2 ** 1_000;
const TEXT_SPACING = 2 ** 960;
const TEXTS_MAX = 50_000;
/**
 * At most this many different numbers are counted. If all numbers up to then are whole and none came twice, the column is taken
 * for an id.
 */
const NUMBERS_MAX = 100_000;
/** Stands for any number of different values above one. */
const MANY = 2;
const DAY_MS = 86_400_000;

const MISSING = new Set([
  '',
  'na',
  'n/a',
  '#n/a',
  'nan',
  'null',
  'none',
  'nil',
  '?',
  '\\n',
  '-',
  'nat',
  '<na>',
]);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

export const isText = (cell: number): boolean => cell >= TEXT_BASE;
/** The index of a text in its column's dictionary. */
export const textPlace = (cell: number): number => (cell - TEXT_BASE) / TEXT_SPACING;
const textCell = (place: number): number => TEXT_BASE + place * TEXT_SPACING;

export const isMissing = (text: string): boolean => MISSING.has(text.trim().toLowerCase());

/** The number that a text stands for, or undefined if it is not a number. */
export const parseNumber = (text: string): number | undefined => {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Math.abs(value) < TEXT_BASE ? value : undefined;
};

const parseDay = (text: string): number | undefined => {
  if (!DATE.test(text)) return undefined;
  // Without a zone, the time would be read in this machine's zone.
  const iso = text.replace(' ', 'T');
  const ms = Date.parse(/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`);
  return Number.isNaN(ms) ? undefined : ms / DAY_MS;
};

/**
 * A column of a table while it is read. A cell becomes a number: its own, NaN if it is missing, days since 1970 if it is a date,
 * or a number that stands for a text. The kind of the column is known only at the end.
 */
export class Column {
  readonly name: string;
  readonly texts: string[] = [];
  numbers = 0;
  missing = 0;
  textCells = 0;
  /** Whether there are too many different texts to distinguish. */
  hasTooManyTexts = false;
  #places = new Map<string, number>();
  #distinct: Set<number> | undefined = new Set();
  #hasRepeats = false;
  #areWhole = true;

  constructor(name: string) {
    this.name = name;
  }

  cellOf(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) {
      this.textCells += 1;
      return textCell(known);
    }
    const value = parseNumber(text) ?? parseDay(text.trim());
    if (value !== undefined) {
      this.#countNumber(value);
      return value;
    }
    if (isMissing(text)) {
      this.missing += 1;
      return Number.NaN;
    }
    this.textCells += 1;
    if (this.texts.length === TEXTS_MAX) {
      this.hasTooManyTexts = true;
      return textCell(TEXTS_MAX);
    }
    this.#places.set(text, this.texts.length);
    this.texts.push(text);
    return textCell(this.texts.length - 1);
  }

  #countNumber(value: number): void {
    this.numbers += 1;
    if (!Number.isInteger(value)) this.#areWhole = false;
    if (this.#distinct === undefined) return;
    const before = this.#distinct.size;
    this.#distinct.add(value);
    if (this.#distinct.size === before) this.#hasRepeats = true;
    // A column of ids has only whole numbers, and none of them comes twice.
    const isSettled = this.#distinct.size > 1 && (this.#hasRepeats || !this.#areWhole);
    if (isSettled || this.#distinct.size === NUMBERS_MAX) this.#distinct = undefined;
  }

  /**
   * Why the column says nothing about a member: it is empty, its values are all the same, or so many are different that it looks
   * like an id. Undefined if it is useful.
   */
  uselessness(leastRows = 200): string | undefined {
    const distinct = (this.#distinct?.size ?? MANY) + this.texts.length;
    const filled = this.numbers + this.textCells;
    if (filled === 0) return 'it is empty';
    if (distinct === 1 && this.missing === 0) return 'it never varies';
    if (this.hasTooManyTexts || (this.texts.length > leastRows && this.texts.length > filled / 2)) {
      return `it looks like an id (${this.hasTooManyTexts ? 'more than ' : ''}${this.texts.length} different texts)`;
    }
    const areAllDifferent = this.#areWhole && !this.#hasRepeats && this.numbers > leastRows;
    if (areAllDifferent && this.textCells === 0) return 'it looks like an id (no number comes twice)';
    return undefined;
  }
}
