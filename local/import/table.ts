/** Finds out how a text table is written: its delimiter, its quotes and its header. */
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { InputError } from '#local/console/input-error.ts';
import { type CsvRow, type Dialect, readCsv } from './csv.ts';
import { knownNames } from './known-names.ts';
import { openText } from './text-file.ts';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'pipes',
};

const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_ROWS = 50;
/** The header is one of this many first rows. Reports may have lines of text above it. */
const PREAMBLE_ROWS_MAX = 20;
/** The fewest known names by which a row is taken for the header, even below other text. */
const SURE_NAMES = 3;
const SEPARATOR_LINE = /^\ufeff?"?sep=(.)"?\r?\n/i;
/** Words that databases and exporters write for a missing value. */
const NOTHING = /^(?:null|\\n|n\/a|nan|none|not available|not applicable)$/i;
/** Characters without a width, which a value that was copied from a page may have at its ends. */
const WIDTHLESS = new Set('\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069');

const FORMULA = /^="(.*)"$/s;
/** Apostrophes before or around digits or a sign, with which spreadsheets and exporters mark a value as text. */
const AS_TEXT = /^'([\d=+@-].*?)'?$/s;

/** A table after a first look: where its text is, how it is written, and the names of its columns. */
export type Table = {
  name: string;
  path: string;
  encoding: string;
  dialect: Dialect;
  headers: string[];
  /** The number of rows above the first order. */
  headerRows: number;
  /** What is written above the header. */
  preamble: string;
  notes: string[];
};

const trimmed = (cell: string): string => {
  const text = cell.trim();
  if (!WIDTHLESS.has(text[0] ?? '') && !WIDTHLESS.has(text.at(-1) ?? '')) return text;
  let start = 0;
  let end = text.length;
  while (start < end && WIDTHLESS.has(text[start]!)) start += 1;
  while (end > start && WIDTHLESS.has(text[end - 1]!)) end -= 1;
  return text.slice(start, end).trim();
};

/** A value without Excel's `="…"` and `'` and without white space at its ends; '' for a database's word for a missing value. */
export const cellValue = (cell: string | undefined): string => {
  const text = trimmed(cell ?? '');
  const formula = FORMULA.exec(text)?.[1]?.replaceAll('""', '"').trim() ?? text;
  const plain = AS_TEXT.exec(formula)?.[1] ?? formula;
  return NOTHING.test(plain) ? '' : plain;
};

const sampleOf = async (path: string): Promise<string> => {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(SAMPLE_BYTES);
    const { bytesRead } = await file.read(buffer, 0, SAMPLE_BYTES, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
};

/** Whether spaces stand between a delimiter and a quoted value, as in `a, "b"`; never in a file that is delimited by tabs. */
const isSpaced = (text: string, delimiter: string): boolean =>
  delimiter !== '\t' && text.split(delimiter).some((cell) => /^[ \u00a0]+"/.test(cell));

const rowsOf = (text: string, delimiter: string): string[][] =>
  parse(text, {
    delimiter,
    ltrim: isSpaced(text, delimiter),
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    to: SAMPLE_ROWS,
  });

/**
 * The delimiter by which a row has the most known names; of several such, the one by which the most rows have
 * the same width.
 */
const delimiterOf = (text: string): string => {
  const scores = DELIMITERS.map((delimiter) => {
    const rows = rowsOf(text, delimiter);
    const widths = rows.map((row) => row.length);
    const usual = Math.max(0, ...widths.map((width) => widths.filter((other) => other === width).length));
    const names = Math.max(0, ...rows.slice(0, PREAMBLE_ROWS_MAX).map(knownNames));
    const isSplit = Math.max(0, ...widths) > 1;
    return { delimiter, score: isSplit ? names * 1_000 + usual : 0 };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).delimiter;
};

const separatorLine = (text: string): { delimiter: string; bytes: number } | undefined => {
  const found = SEPARATOR_LINE.exec(text);
  return found === null ? undefined : { delimiter: found[1]!, bytes: Buffer.byteLength(found[0]) };
};

/**
 * The number of rows above the header. The first row is the header if it has enough known names, or if no
 * row has. Otherwise the row with the most is the header.
 */
const preambleOf = (rows: readonly string[][]): number => {
  const counts = rows.slice(0, PREAMBLE_ROWS_MAX).map(knownNames);
  const best = Math.max(0, ...counts);
  if (best < SURE_NAMES || counts[0]! >= SURE_NAMES) return 0;
  return counts.indexOf(best);
};

/**
 * Whether a file's quotes are text. Programs that separate values by tabs, such as Amazon's, do not quote values, and an inch
 * mark in a product's name would break its row. So if a row of a file with tabs breaks, its quotes are read as text.
 */
const hasTextQuotes = async (path: string, dialect: Dialect): Promise<boolean> => {
  if (dialect.delimiter !== '\t') return false;
  for await (const rows of readCsv(path, dialect))
    if (rows.some(({ kind }) => kind === 'broken')) return true;
  return false;
};

export type TableGiven = { encoding?: string; delimiter?: string };

/**
 * Looks at how a file is written. Throws an InputError if it is not a text table, or has no header.
 *
 * @param scratch A directory for a copy of the text, if the file cannot be read as it is.
 */
export const openTable = async (path: string, scratch: string, given: TableGiven = {}): Promise<Table> => {
  const { path: textPath, encoding, notes } = await openText(path, scratch, given.encoding);
  const text = await sampleOf(textPath);
  const separator = separatorLine(text);
  const delimiter = given.delimiter ?? separator?.delimiter ?? delimiterOf(text);
  const start = separator?.bytes ?? 0;
  const dialect: Dialect = { delimiter, position: { start, line: start === 0 ? 1 : 2 } };
  if (isSpaced(text, delimiter)) dialect.isSpaced = true;
  if (await hasTextQuotes(textPath, dialect)) {
    dialect.isUnquoted = true;
    notes.push('its quotes are text');
  }
  if (separator !== undefined) notes.push('its first line names the delimiter');
  const sample = Buffer.from(text).subarray(start).toString('utf8');
  const rows = rowsOf(sample, delimiter);
  const headerAt = preambleOf(rows);
  if (headerAt > 0) notes.push(`its header is below ${headerAt} rows of other text`);
  const table = { name: path, path: textPath, encoding, dialect, headerRows: headerAt + 1, notes };
  const preamble = rows.slice(0, headerAt).flat().join('\n');
  return { ...table, preamble, headers: await readHeader(table) };
};

const readHeader = async ({
  name,
  path,
  dialect,
  headerRows,
}: Omit<Table, 'headers' | 'preamble'>): Promise<string[]> => {
  let row = 0;
  for await (const rows of readCsv(path, dialect)) {
    for (const found of rows) {
      row += 1;
      if (row < headerRows) continue;
      if (found.kind === 'broken')
        throw new InputError(`${name}: its header, on line ${found.line}, ${found.reason}`);
      const names = found.fields.map((field) => cellValue(field));
      // Trailing delimiters name no column.
      const last = names.findLastIndex((one) => one !== '');
      return names.slice(0, last + 1);
    }
  }
  throw new InputError(`${name}: expected a header line and rows, got an empty file`);
};

/** The rows below the header, each with its number from 1. */
export const tableRows = async function* (table: Table): AsyncGenerator<{ row: number; found: CsvRow }[]> {
  let row = -table.headerRows;
  for await (const rows of readCsv(table.path, table.dialect)) {
    const numbered = [];
    for (const found of rows) {
      row += 1;
      if (row > 0) numbered.push({ row, found });
    }
    yield numbered;
  }
};

/** How a table is written, in words. */
export const tableText = ({ encoding, dialect, notes, headers }: Table): string => {
  const separated = DELIMITER_NAMES[dialect.delimiter] ?? JSON.stringify(dialect.delimiter);
  return [`${encoding}, separated by ${separated}, ${headers.length} columns`, ...notes].join('; ');
};
