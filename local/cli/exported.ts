import { once } from 'node:events';
import { appendFileSync, createWriteStream } from 'node:fs';
import { csvLine } from '#local/console/csv-line.ts';
import { formatCount } from '#local/console/format.ts';
import { InputError } from '#local/console/input-error.ts';
import { printable, printableJson } from '#local/console/printable.ts';
import { type Given, show } from './actions.ts';
import { checkWrite } from './writable.ts';

/** The options of an action that exports; `--json` needs `--to`. */
export const EXPORT_TEXTS = ['to'];
export const EXPORT_FLAGS = ['csv'];
export const EXPORT_HELP = `  --to FILE      (default: standard output)
  --csv          a table with a header line (default: a line of JSON for each record); a ' is put before text that a spreadsheet would run
  --json         print the number of records as JSON; needs --to
`;

/** How a spreadsheet recognises a formula. An id that begins with such a character would be run where the table is opened. */
const FORMULA = /^[=+@-]/;

/** A line by its columns. In a table, a value that is neither text nor a number is written as JSON. */
type Line = Readonly<Record<string, unknown>>;

const cellOf = (value: unknown): string | number => {
  if (typeof value === 'number') return value;
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value));
  return FORMULA.test(text) ? `'${text}` : text;
};

/** The lines of an export: JSON of one line, or a table with a header. Invisible characters are shown as codes. */
export const exportedLines = async function* (
  isTable: boolean,
  columns: readonly string[],
  lines: AsyncIterable<Line> | Iterable<Line>,
): AsyncGenerator<string> {
  if (isTable) yield csvLine(columns);
  for await (const line of lines)
    yield isTable ? csvLine(columns.map((column) => cellOf(line[column]))) : printableJson(line, 0);
};

/** Refuses a file that cannot be written, and `--json` if the lines themselves go to standard output. */
export const checkExport = ({ read }: Given): void => {
  const file = read.text('to');
  if (file !== undefined) checkWrite('--to', file, appendFileSync);
  else if (read.flag('json')) throw new InputError('--json: expected only with --to');
};

/** Writes lines to the file or to standard output, as JSON or CSV. If it is a file, prints their number. */
export const exportLines = async (
  given: Given,
  what: string,
  columns: readonly string[],
  lines: AsyncIterable<Line> | Iterable<Line>,
): Promise<void> => {
  const { read } = given;
  const file = read.text('to');
  const out = file === undefined ? process.stdout : createWriteStream(file);
  const write = async (line: string): Promise<void> => {
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  };
  const isTable = read.flag('csv');
  let count = isTable ? -1 : 0;
  for await (const line of exportedLines(isTable, columns, lines)) {
    await write(line);
    count++;
  }
  if (file === undefined) return;
  out.end();
  await once(out, 'finish');
  show(given, { file, [what]: count }, [`${file}: ${formatCount(count)} ${what}`]);
};
