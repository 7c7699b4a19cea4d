/** Finds out whether a file is a table in text, and in which encoding its text is. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import chardet from 'chardet';
import iconv from 'iconv-lite';
import { fileError, InputError } from '#local/console/input-error.ts';
import { knownNamesIn } from './known-names.ts';

const SAMPLE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;
const FIRST_NOT_ASCII = 0x80;

/**
 * The encoding of a file, what else is special about it (`notes`), and the path of its text in UTF-8 with LF or CRLF: the file
 * itself or a copy.
 */
export type TextFile = { path: string; encoding: string; notes: string[] };

const startsWith = (bytes: Buffer, ...prefix: number[]): boolean =>
  prefix.every((byte, at) => bytes[at] === byte);

const headOf = async (path: string, bytes: number): Promise<Buffer> => {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/** What a file is if it is no table in text, and what to do with it; undefined if it may be such a table. */
const binaryKind = (head: Buffer): string | undefined => {
  if (startsWith(head, 0x50, 0x4b, 0x03, 0x04)) {
    const isWorkbook = head.includes('xl/') || head.includes('[Content_Types].xml');
    return isWorkbook
      ? 'an Excel workbook (xlsx); save the sheet as CSV (UTF-8) and give that'
      : 'a zip archive; unpack it and give the file in it';
  }
  if (startsWith(head, 0xd0, 0xcf, 0x11, 0xe0))
    return 'an old Excel workbook (xls); save the sheet as CSV (UTF-8) and give that';
  if (startsWith(head, 0x25, 0x50, 0x44, 0x46)) return 'a PDF; export the table as CSV';
  if (startsWith(head, 0x50, 0x41, 0x52, 0x31)) return 'a Parquet file; write it as CSV';
  if (startsWith(head, 0x53, 0x51, 0x4c, 0x69, 0x74, 0x65))
    return 'an SQLite database; write the table as CSV';
  if (/^\s*[[{]\s*["{[\]}]/.test(head.subarray(0, 512).toString('latin1')))
    return 'JSON; npm start -- --events FILE reads events, and orders are given as CSV';
  if (/^\s*<(?:!doctype html|html|table|\?xml)/i.test(head.subarray(0, 512).toString('latin1')))
    return 'HTML or XML; save the table as CSV';
  return undefined;
};

/** The largest share of control characters in a real text. */
const CONTROLS_MAX = 0.01;

const isBinary = (text: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for control characters.
  (text.match(/[\u0000-\u0008\u000e-\u001f]/g) ?? []).length > text.length * CONTROLS_MAX;

/**
 * Collects lines with a byte that is not ASCII, up to a size. Lines are taken whole, so that no character is cut in two; only a
 * line as long as the sample or longer is cut.
 */
const lineSample = () => {
  const lines: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let bytes = 0;
  const keep = (line: Buffer): void => {
    if (bytes >= SAMPLE_BYTES || !line.some((byte) => byte >= FIRST_NOT_ASCII)) return;
    lines.push(line);
    bytes += line.length;
  };
  return {
    get isFull() {
      return bytes >= SAMPLE_BYTES;
    },
    add(chunk: Buffer): void {
      const text = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, start)) {
        keep(text.subarray(start, at + 1));
        start = at + 1;
      }
      rest = text.subarray(start);
      if (rest.length < SAMPLE_BYTES) return;
      keep(rest);
      rest = Buffer.alloc(0);
    },
    whole(): Buffer {
      keep(rest);
      return Buffer.concat(lines);
    },
  };
};

/** Whether all of a file is UTF-8, and lines of it that are not ASCII, to detect another encoding from. */
const readBytes = async (path: string): Promise<{ isUtf8: boolean; sample: Buffer }> => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const sample = lineSample();
  let isUtf8 = true;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    try {
      if (isUtf8) decoder.decode(chunk, { stream: true });
    } catch {
      isUtf8 = false;
    }
    if (!sample.isFull) sample.add(chunk);
    else if (!isUtf8) break;
  }
  try {
    decoder.decode();
  } catch {
    isUtf8 = false;
  }
  return { isUtf8, sample: sample.whole() };
};

/**
 * A file counts as Chinese if it has two of the characters below, and this many more for each faulty one: a file in another
 * encoding has faults everywhere.
 */
const WORDS_TO_FAULTS = 20;
/** Characters that tables of orders in Chinese have. */
const CHINESE = /[订单买家商品金额时间店铺会员支付编号状态退款]/g;

/** With fewer letters beyond ASCII than this, one European alphabet cannot be told from another. */
const LETTERS_MIN = 30;
const OF_TWO_BYTES = /^(?:big5|shift_jis|euc-|gb|iso-2022)/;

const detected = (sample: Buffer): string => {
  const found = chardet.detect(sample)?.toLowerCase() ?? 'windows-1252';
  const letters = sample.filter((byte) => byte >= FIRST_NOT_ASCII).length;
  return letters < LETTERS_MIN && !OF_TWO_BYTES.test(found) ? 'windows-1252' : found;
};

/** Whether most of the letters beyond ASCII are valid UTF-8: in a text of another encoding, hardly any of them are. */
const isFaultyUtf8 = (sample: Buffer): boolean => {
  const letters = sample.toString('utf8').match(/[\u0080-\uffff]/g) ?? [];
  const faults = letters.filter((letter) => letter === '\ufffd').length;
  return letters.length > 2 * faults;
};

/** Encodings that shops use instead of UTF-8. Some of them are too similar to be distinguished in a short text. */
const CANDIDATES = ['gb18030', 'big5', 'shift_jis', 'euc-kr', 'euc-jp', 'windows-1251', 'windows-1252'];
const HEAD_BYTES = 4_096;

/** The encoding in which the first lines contain the most known names of columns, if only one encoding gives that many. */
const byNames = (head: Buffer): string | undefined => {
  const scores = CANDIDATES.map((encoding) => ({
    encoding,
    names: knownNamesIn(iconv.decode(head.subarray(0, HEAD_BYTES), encoding)),
  })).sort((a, b) => b.names - a.names);
  const [best, next] = scores;
  return best!.names > next!.names ? best!.encoding : undefined;
};

const encodingOf = async (path: string, head: Buffer): Promise<string> => {
  if (startsWith(head, 0xff, 0xfe)) return 'utf-16le';
  if (startsWith(head, 0xfe, 0xff)) return 'utf-16be';
  // ASCII in UTF-16 without a byte order mark has a zero in every other byte.
  const zeros = [0, 1].map((odd) => head.filter((byte, at) => at % 2 === odd && byte === 0).length);
  if (zeros[1]! > head.length / 8) return 'utf-16le';
  if (zeros[0]! > head.length / 8) return 'utf-16be';
  const { isUtf8, sample } = await readBytes(path);
  if (isUtf8) return 'utf-8';
  if (isFaultyUtf8(sample)) return 'utf-8';
  const named = byNames(head);
  if (named !== undefined) return named;
  const chinese = iconv.decode(sample, 'gb18030');
  const isChinese =
    (chinese.match(CHINESE) ?? []).length > 1 + WORDS_TO_FAULTS * (chinese.match(/\ufffd/g) ?? []).length;
  if (isChinese) return 'gb18030';
  const found = detected(sample);
  // Bytes from 0x80 to 0x9f are control codes in ISO-8859-1, but letters in windows-1252, which such files really use.
  const meant = found === 'iso-8859-1' || found === 'utf-8' || found === 'ascii' ? 'windows-1252' : found;
  return iconv.encodingExists(meant) ? meant : 'windows-1252';
};

/** Turns `="00123"`, the form in which Excel keeps digits as text, into a quoted value. */
const unquoteFormulas = (line: string): string =>
  line.replace(/(^|[,;\t|])=""(?=$|[,;\t|\r])/g, '$1').replace(/(^|[,;\t|])="(?!")/g, '$1"');

/** Rewrites a stream of text line by line. Holds at most a chunk and one unfinished line. */
const rewritten = async function* (
  chunks: AsyncIterable<string>,
  endsInCr: boolean,
  hasFormulas: boolean,
): AsyncGenerator<string> {
  const rewrite = (text: string): string =>
    hasFormulas ? text.split('\n').map(unquoteFormulas).join('\n') : text;
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + (endsInCr ? chunk.replaceAll('\r', '\n') : chunk);
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    yield rewrite(text.slice(0, end));
  }
  yield rewrite(rest);
};

/**
 * Looks at a file and returns where its text is. The text is copied into `scratch` if the file is not UTF-8, is compressed,
 * ends its lines in CR alone or has Excel formulas as values. If it is not a text table, throws an InputError that says what it
 * is.
 *
 * @param given An encoding that the user named.
 */
export const openText = async (path: string, scratch: string, given?: string): Promise<TextFile> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (!found.isFile()) throw new InputError(`${path}: expected a file, got a directory`);
  const notes: string[] = [];
  let plain = path;
  let head = await headOf(path, SAMPLE_BYTES);
  if (startsWith(head, 0x1f, 0x8b)) {
    plain = join(scratch, 'unpacked');
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(plain)).catch((cause: Error) => {
      throw new InputError(`${path}: expected a gzip file, got one that does not unpack (${cause.message})`, {
        cause,
      });
    });
    head = await headOf(plain, SAMPLE_BYTES);
    notes.push('compressed with gzip');
  }
  if (head.length === 0) throw new InputError(`${path}: expected a header line and rows, got an empty file`);
  const binary = binaryKind(head);
  if (binary !== undefined) throw new InputError(`${path}: expected a table in text, got ${binary}`);
  if (given !== undefined && !iconv.encodingExists(given)) {
    throw new InputError(`--encoding: expected one such as utf-8, gb18030 or utf-16le, got ${given}`);
  }
  const encoding = given ?? (await encodingOf(plain, head));
  const text = iconv.decode(head, encoding);
  if (given === undefined && isBinary(text))
    throw new InputError(`${path}: expected a table in text, got binary data`);
  const endsInCr = text.includes('\r') && !text.includes('\n');
  const hasFormulas = /(^|[,;\t|\r\n])="/.test(text);
  const isUtf8 = /^utf-?8$/i.test(encoding);
  if (isUtf8 && !endsInCr && !hasFormulas) return { path: plain, encoding, notes };
  if (endsInCr) notes.push('lines end in CR alone');
  if (hasFormulas) notes.push('values written as ="…"');
  const copy = join(scratch, 'utf-8');
  const decoded = createReadStream(plain).pipe(
    iconv.decodeStream(encoding),
  ) as unknown as AsyncIterable<string>;
  await pipeline(rewritten(decoded, endsInCr, hasFormulas), createWriteStream(copy));
  return { path: copy, encoding, notes };
};
