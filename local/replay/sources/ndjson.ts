/** A file of events, one in each line. */
import { isUtf8 } from 'node:buffer';
import { SQS_MESSAGE_BYTES_MAX } from '#lib/limits.ts';
import { escapeAboveBmp } from '#platform/ascii-bodies.ts';
import { firstLine, type Line, readLines } from './lines.ts';
import { barredBySqs, type Sendable, type Source, type SourceRecord } from './source.ts';

/** A message holds a line and, if the line is packed, the two brackets of its batch. */
const LINE_BYTES_MAX = SQS_MESSAGE_BYTES_MAX - 2;
const TOO_LONG = `is longer than ${LINE_BYTES_MAX} bytes, which SQS does not carry`;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * CloudEvents, one in each line. Lines are passed on as they are written, except that characters above U+FFFF become escapes.
 * Lines are not checked, because the pipeline does that. A line that is not JSON is sent alone, so that nothing else is refused
 * with it. A line that is a whole batch is sent alone too. Blank lines are skipped. Only a line that no SQS message can carry is
 * unreadable.
 *
 * @param lineNumbers For a file that was made from another one: for each of its lines, the line number in the original.
 */
export const ndjsonSource = (
  path: string,
  name: string,
  bytes: number,
  lineNumbers?: readonly number[],
): Source => ({
  name,
  path,
  bytes,
  async *records() {
    for await (const lines of readLines(path, LINE_BYTES_MAX)) {
      const records = lines.flatMap(toRecord);
      yield lineNumbers === undefined
        ? records
        : records.map((record) => ({ ...record, line: lineNumbers[record.line - 1] ?? record.line }));
    }
  },
  again: (bytes) => toSendable(escapeAboveBmp(textOf(firstLine(bytes)))),
});

const toRecord = (line: Line): SourceRecord[] => {
  const { start, number } = line;
  const unreadable = (reason: string): SourceRecord[] => [
    { start, kind: 'unreadable', line: number, reason },
  ];
  if (line.bytes === undefined) return unreadable(TOO_LONG);
  if (!isUtf8(line.bytes)) return unreadable('is not UTF-8, which SQS does not carry');
  // Escapes are longer than what they stand for.
  const text = escapeAboveBmp(textOf(line.bytes));
  if (Buffer.byteLength(text) > LINE_BYTES_MAX) return unreadable(TOO_LONG);
  if (text.trim() === '') return [];
  const barred = barredBySqs(text);
  return barred === undefined
    ? [{ start, line: number, kind: 'sendable', sendable: toSendable(text) }]
    : unreadable(barred);
};

/** The text of a line. A byte order mark at its start is left out, because it is no part of JSON (RFC 8259, section 8.1). */
const textOf = (bytes: Buffer): string => {
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

const toSendable = (text: string): Sendable => {
  try {
    return { text, alone: Array.isArray(JSON.parse(text)) };
  } catch {
    return { text, alone: true };
  }
};
