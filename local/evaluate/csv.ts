/** Reads the CSV file of a trial. */
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { Mistake } from '../cli/options.ts';

const GZIP_MAGIC = 0x1f8b;
const ROW_CHARACTERS_MAX = 1_000_000;
const DELIMITERS = [',', ';', '\t', '|'] as const;

const isGzip = (path: string): boolean => {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(file, start, 0, 2, 0) === 2 && start.readUInt16BE(0) === GZIP_MAGIC;
  } finally {
    closeSync(file);
  }
};

/** The most frequent delimiter in the header, outside of quotes; a comma if there is none. */
const delimiterOf = (header: string): string => {
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
};

const cause = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** How much of a file has been read, in bytes on the disk. */
export type Reading = { bytes: number; total: number };

const readFirstLine = async (path: string, zipped: boolean): Promise<string> => {
  const file = createReadStream(path);
  const source = zipped ? file.pipe(createGunzip()) : file;
  let text = '';
  for await (const chunk of source as AsyncIterable<Buffer>) {
    text += chunk.toString('utf8');
    if (text.includes('\n') || text.length > ROW_CHARACTERS_MAX) break;
  }
  file.destroy();
  return text.split('\n', 1)[0]!;
};

/**
 * Reads a CSV file with a header (RFC 4180) row by row. The header shows whether `,`, `;`, tab or `|` is the delimiter, and the
 * first bytes show whether gzip packed the file. Throws Mistake, which names the option, for a file that cannot be read or is
 * not such a table.
 */
export const readTable = async (
  option: string,
  path: string,
  onHeader: (names: string[]) => void,
  onRow: (fields: string[], reading: Reading) => void,
): Promise<void> => {
  let rows = 0;
  try {
    const total = statSync(path).size;
    const zipped = isGzip(path);
    const reading: Reading = { bytes: 0, total };
    const parser = parse({
      bom: true,
      delimiter: delimiterOf(await readFirstLine(path, zipped)),
      skip_empty_lines: true,
      max_record_size: ROW_CHARACTERS_MAX,
      on_record: (fields: string[]) => {
        rows += 1;
        if (rows === 1) onHeader(fields);
        else onRow(fields, reading);
        return null;
      },
    });
    const file = createReadStream(path, { highWaterMark: 1 << 20 });
    file.on('data', (chunk) => {
      reading.bytes += chunk.length;
    });
    parser.resume();
    await new Promise<void>((resolve, reject) => {
      parser.once('error', reject);
      parser.once('end', resolve);
      file.once('error', reject);
      const source = zipped ? file.pipe(createGunzip().once('error', reject)) : file;
      source.pipe(parser);
    });
  } catch (error) {
    if (error instanceof Mistake) throw error;
    if (error instanceof CsvError) {
      throw new Mistake(
        `${option}: expected a CSV file with rows of one length, got ${path} (${error.message})`,
      );
    }
    throw new Mistake(`${option}: expected a file that can be read, got ${path} (${cause(error)})`, {
      cause: error,
    });
  }
  if (rows < 2) throw new Mistake(`${option}: expected a header and rows, got ${rows} rows in ${path}`);
};
