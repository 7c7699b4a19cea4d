/** Reads the lines of a file. */
import { readSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;
/** A longer line is reported and left out instead of being collected in memory. */
export const MAX_LINE_BYTES = 1 << 16;
const NEWLINE = 0x0a;

/** A line, numbered from 1. `text` is the line without its newline, or undefined if the line is too long. */
export type Line = { number: number; text: string | undefined };

/** Calls `take` with every line of a file. Only one chunk of the file is in memory at a time. */
export const readLines = (file: number, take: (line: Line) => void): void => {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES + MAX_LINE_BYTES);
  const line: Line = { number: 0, text: undefined };
  let kept = 0;
  let isTooLong = false;
  const end = (from: number, to: number): void => {
    line.number++;
    line.text = isTooLong || to - from > MAX_LINE_BYTES ? undefined : buffer.toString('utf8', from, to);
    isTooLong = false;
    take(line);
  };
  for (;;) {
    const read = readSync(file, buffer, kept, CHUNK_BYTES, null);
    const filled = kept + read;
    let from = 0;
    for (let at = buffer.indexOf(NEWLINE, 0); at >= 0 && at < filled; at = buffer.indexOf(NEWLINE, from)) {
      end(from, at);
      from = at + 1;
    }
    if (read === 0) {
      if (filled > 0 || isTooLong) end(0, filled);
      return;
    }
    kept = filled - from;
    if (kept > MAX_LINE_BYTES) {
      isTooLong = true;
      kept = 0;
    } else buffer.copyWithin(0, from, filled);
  }
};
