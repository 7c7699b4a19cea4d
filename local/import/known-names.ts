/** Counts known names of columns, to find the header and the encoding of a file. */
import { headerKey } from './headers.ts';
import { NAMES } from './names.ts';
import { SHAPES } from './shapes.ts';

const KNOWN = new Set([
  ...Object.values(NAMES).flat(),
  ...SHAPES.flatMap(({ signature, columns }) => [...signature, ...Object.values(columns)].flat()),
]);

/** How many of a row's cells are known column names. */
export const knownNames = (cells: readonly string[]): number =>
  cells.filter((cell) => KNOWN.has(headerKey(cell))).length;

/** The largest number of known names in any line of a text, whatever separates its cells. */
export const knownNamesIn = (text: string): number =>
  Math.max(0, ...text.split(/[\r\n]+/).map((line) => knownNames(line.split(/[,;\t|]/))));
