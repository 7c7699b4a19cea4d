/** Reads the rows of a CSV file, and goes on after a row that is broken. */
import { createReadStream } from 'node:fs';
import { CsvError, type Info, type Options, parse } from 'csv-parse';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CHUNK_BYTES = 64 * 1024;
/** Limits a row: a quote that is never closed would otherwise take the rest of the file into memory. */
const ROW_CHARACTERS_MAX = 128_000;

/**
 * A row of a CSV file (RFC 4180), the header being the first: the byte it starts at, the line it starts on (from 1) and
 * its fields, or what is wrong with it.
 */
export type CsvRow = { start: number; line: number } & (
  | { kind: 'fields'; fields: string[] }
  | { kind: 'broken'; reason: string }
);

/**
 * How a table is written, and where its first row starts. Quotes have the meaning of RFC 4180, except in a table without quoting
 * (`isUnquoted`), where they are text. In a table with spaces before quotes (`isSpaced`), white space before a value does not
 * belong to it.
 */
export type Dialect = { delimiter: string; position: Position; isUnquoted?: boolean; isSpaced?: boolean };

/** A byte of a file and the line that it is on. */
export type Position = { start: number; line: number };

const COMMAS: Dialect = { delimiter: ',', position: { start: 0, line: 1 } };

const OPTIONS: Options = {
  bom: true,
  record_delimiter: ['\r\n', '\n'],
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: ROW_CHARACTERS_MAX,
};

/**
 * The rows of a file, in groups. A row whose quotes are wrong is `broken`, and reading goes on with the line after the one on
 * which that row starts; so a broken row never hides the rows after it.
 */
export const readCsv = async function* (path: string, dialect: Dialect = COMMAS): AsyncGenerator<CsvRow[]> {
  let from: Position | undefined = dialect.position;
  while (from !== undefined) from = yield* readUntilBroken(path, dialect, from);
};

/** Reads rows from a position on. Returns where to go on after a broken row, or undefined at the end of the file. */
const readUntilBroken = async function* (
  path: string,
  { delimiter, isUnquoted = false, isSpaced = false }: Dialect,
  from: Position,
): AsyncGenerator<CsvRow[], Position | undefined> {
  const newlines = newlineCounter(from);
  let rows: CsvRow[] = [];
  let start = from.start;
  const parser = parse({
    ...OPTIONS,
    delimiter,
    ltrim: isSpaced,
    ...(isUnquoted ? { quote: null } : {}),
    bom: from.start === 0,
    // Rows are taken here and not from the stream, because a failing stream drops the rows in its buffer.
    on_record: (fields: string[], { bytes }: Info) => {
      const end = from.start + bytes;
      const line = newlines.before(end - 1) - countNewlines(fields);
      rows.push({ start, line, kind: 'fields', fields });
      start = end;
      return null;
    },
  });
  parser.on('error', () => {});
  parser.resume();

  const file = createReadStream(path, {
    start: from.start,
    highWaterMark: CHUNK_BYTES,
  }) as AsyncIterable<Buffer>;
  let error: Error | undefined;
  for await (const chunk of file) {
    newlines.scan(chunk);
    error = await settled((done) => parser.write(chunk, done));
    yield rows;
    rows = [];
    if (error !== undefined) break;
  }
  error ??= await settled((done) => parser.end(done));
  yield rows;
  if (error === undefined) return undefined;
  const broken = await lineAt(path, { start, line: newlines.before(start) });
  yield [{ start, line: broken.line, kind: 'broken', reason: reasonOf(error) }];
  return broken.next;
};

const settled = (act: (done: (error?: Error | null) => void) => void): Promise<Error | undefined> =>
  new Promise((resolve) => act((error) => resolve(error ?? undefined)));

const reasonOf = (error: Error): string => {
  if (!(error instanceof CsvError)) throw error;
  switch (error.code) {
    case 'INVALID_OPENING_QUOTE':
      return 'has a quote inside an unquoted value';
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'has text after the closing quote of a value, or a quote that is never closed';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'has a quote that is never closed';
    case 'CSV_MAX_RECORD_SIZE':
      return `is longer than ${ROW_CHARACTERS_MAX} characters; is a quote never closed?`;
    default:
      throw error;
  }
};

/** The number of the first line from a position on that is not blank, and where the line after it starts. */
const lineAt = async (
  path: string,
  from: Position,
): Promise<{ line: number; next: Position | undefined }> => {
  let { start: at, line } = from;
  let isBlank = true;
  for await (const chunk of createReadStream(path, { start: from.start }) as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      at += 1;
      if (byte === NEWLINE) {
        if (!isBlank) return { line, next: { start: at, line: line + 1 } };
        line += 1;
      } else if (byte !== CARRIAGE_RETURN) isBlank = false;
    }
  }
  return { line, next: undefined };
};

/**
 * Finds the line of a byte; bytes must be asked for in ascending order. csv-parse counts lines too, but counts a CRLF inside
 * quotes twice (7.0.3).
 */
const newlineCounter = (from: Position) => {
  let scanned = from.start;
  let line = from.line;
  let positions: number[] = [];
  let passed = 0;
  return {
    scan(chunk: Buffer): void {
      positions = positions.slice(passed);
      passed = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1))
        positions.push(scanned + at);
      scanned += chunk.length;
    },
    /** The line that the byte at `offset` is on; a newline is on the line that it ends. */
    before(offset: number): number {
      while (passed < positions.length && positions[passed]! < offset) {
        passed += 1;
        line += 1;
      }
      return line;
    },
  };
};

const countNewlines = (fields: readonly string[]): number => {
  let count = 0;
  for (const field of fields) {
    for (let at = field.indexOf('\n'); at !== -1; at = field.indexOf('\n', at + 1)) count += 1;
  }
  return count;
};
