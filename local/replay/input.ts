/** Opens the input of a replay: events, a table of orders, or nothing. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { fileError, InputError } from '#local/console/input-error.ts';
import { convert } from '#local/import/convert.ts';
import { proposalLines, totalsLines } from '#local/import/preview.ts';
import { lookAtOrders } from '#local/import/read-orders.ts';
import type { Refusals } from '#local/import/refusals.ts';
import type { Input } from './options.ts';
import { type JsonValue, splitJson } from './sources/json-values.ts';
import { ndjsonSource } from './sources/ndjson.ts';
import type { Source } from './sources/source.ts';

const STANDARD_INPUT = '-';
/** The largest file of JSON over several lines. It is read into memory as a whole; a larger file must have one event a line. */
const ARRAY_BYTES_MAX = 256 * 1024 * 1024;
const HEAD_BYTES = 64 * 1024;
const GZIP = Buffer.from([0x1f, 0x8b]);

/** An input to replay, and the currency of its amounts if it names one. */
export type OpenedInput = { source: Source; currency?: string; close: () => Promise<void> };

/** What opening an input needs: the present time, and where to report refusals and notes about the input. */
export type InputListeners = { refusals: Refusals; nowMs: number; note: (line: string) => void };

/**
 * Opens the input that the options name. An input is read twice, so anything that is not a file with one event in each line
 * (standard input, an array, a table of orders) is first written to a temporary file in that form, which `close` removes. Throws
 * an InputError if the file is missing or is not of the kind that the options say.
 */
export const openInput = async (
  input: Input,
  stdin: NodeJS.ReadableStream,
  listeners: InputListeners,
): Promise<OpenedInput> => {
  const scratch = await mkdtemp(join(tmpdir(), 'zhihui-'));
  const close = () => rm(scratch, { recursive: true, force: true });
  try {
    switch (input.kind) {
      case 'none': {
        const file = join(scratch, 'nothing.ndjson');
        await writeFile(file, '');
        return { source: ndjsonSource(file, 'no input', 0), close };
      }
      case 'events':
        return { source: await openEvents(input.file, stdin, scratch), close };
      case 'orders':
        return { ...(await openOrders(input, scratch, listeners)), close };
      default:
        return input satisfies never;
    }
  } catch (error) {
    await close();
    throw error;
  }
};

const openEvents = async (file: string, stdin: NodeJS.ReadableStream, scratch: string): Promise<Source> => {
  if (file === STANDARD_INPUT) {
    const copy = join(scratch, 'standard-input.ndjson');
    await pipeline(stdin, createWriteStream(copy));
    return eventsSource(copy, 'standard input', scratch);
  }
  await sizeOf(file, '--events ');
  return eventsSource(file, file, scratch);
};

/** The events of a file: one in each line, or a JSON array, or JSON values that each span several lines. */
const eventsSource = async (given: string, name: string, scratch: string): Promise<Source> => {
  const path = await unpacked(given, name, scratch);
  const bytes = await sizeOf(path, '');
  refuseTable(await headOf(path), name);
  const values = await spreadValues(path, bytes, `--events ${name}`);
  if (values === undefined) return ndjsonSource(path, name, bytes);
  const lines = join(scratch, 'values.ndjson');
  await writeFile(lines, values.map(({ text }) => `${text}\n`).join(''));
  return ndjsonSource(
    lines,
    name,
    await sizeOf(lines, ''),
    values.map(({ line }) => line),
  );
};

/**
 * The values of a file with a JSON array, or with JSON values that each span several lines. Undefined for any
 * other file, such as one with an event in each line. Throws an InputError, which calls the file `name`, if the
 * file is too large for memory.
 */
export const spreadValues = async (
  path: string,
  bytes: number,
  name: string,
): Promise<JsonValue[] | undefined> => {
  if (!isSpread(await headOf(path), bytes)) return undefined;
  if (bytes > ARRAY_BYTES_MAX) {
    throw new InputError(
      `${name}: expected one event in each line, got a file of more than ${ARRAY_BYTES_MAX} bytes with JSON over several lines`,
    );
  }
  return splitJson((await readFile(path, 'utf8')).replace(/^\ufeff/, ''));
};

const unpacked = async (path: string, name: string, scratch: string): Promise<string> => {
  if (!(await headOf(path)).subarray(0, GZIP.length).equals(GZIP)) return path;
  const target = join(scratch, 'unpacked.ndjson');
  await pipeline(createReadStream(path), createGunzip(), createWriteStream(target)).catch((cause: Error) => {
    throw new InputError(
      `--events ${name}: expected a gzip file, got one that does not unpack (${cause.message})`,
      {
        cause,
      },
    );
  });
  return target;
};

const headOf = async (path: string): Promise<Buffer> => {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/**
 * Whether a file is JSON over several lines: its first line does not end the value that it begins. A file whose only line is an
 * array counts too.
 */
const isSpread = (head: Buffer, bytes: number): boolean => {
  const text = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (!/^[[{]/.test(text)) return false;
  const end = text.indexOf('\n');
  if (end === -1) return text.startsWith('[');
  try {
    JSON.parse(text.slice(0, end));
    // If an array is the only line, its elements are the events. If there are several lines, each array is a batch.
    return text.startsWith('[') && text.slice(end).trim() === '' && head.length === bytes;
  } catch {
    return true;
  }
};

/** A table of orders may be given to --events by mistake. Without this check, every line would be refused as invalid JSON. */
const refuseTable = (head: Buffer, name: string): void => {
  const [first = '', second = ''] = head.toString('utf8').split(/\r?\n/, 2);
  const delimiter = /[,;\t|]/.exec(first)?.[0];
  if (delimiter === undefined || /^\ufeff?\s*[[{"\d]/.test(first)) return;
  const columns = first.split(delimiter).length;
  if (columns > 2 && second.split(delimiter).length >= columns)
    throw new InputError(`--events ${name}: expected CloudEvents in JSON, got a table; give it to --orders`);
};

const openOrders = async (
  { file, reading }: Extract<Input, { kind: 'orders' }>,
  scratch: string,
  { refusals, nowMs, note }: InputListeners,
): Promise<Pick<OpenedInput, 'source' | 'currency'>> => {
  await sizeOf(file, '--orders ');
  const looked = await lookAtOrders(file, reading, scratch);
  if (reading.given.columns === undefined && reading.mappingFile === undefined)
    for (const line of proposalLines(looked)) note(line);
  const target = join(scratch, 'orders.ndjson');
  const { totals, lines } = await convert(looked, { target, refusals, nowMs });
  for (const line of totalsLines(totals)) note(line);
  return {
    source: ndjsonSource(target, file, await sizeOf(target, ''), lines),
    currency: totals.currency,
  };
};

/** The size of a file in bytes. Throws an InputError, whose message begins with `option`, if there is no such file. */
export const sizeOf = async (path: string, option: string): Promise<number> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError(`${option}${path}`, cause);
  });
  if (!found.isFile()) throw new InputError(`${option}${path}: expected a file, got a directory`);
  return found.size;
};
