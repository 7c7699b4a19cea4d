/** Reads the lines of a file, with the byte at which each starts. */
import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CHUNK_BYTES = 256 * 1024;

/** A line without its line ending. `bytes` is undefined if the line is too long. */
export type Line = { start: number; number: number; bytes: Buffer | undefined };

/**
 * The lines of a file, in groups, each with the byte at which it starts and its number, counted from 1. The bytes of a line
 * longer than `lineBytesMax` are not kept, so the memory needed does not grow with the file.
 */
export const readLines = async function* (path: string, lineBytesMax: number): AsyncGenerator<Line[]> {
  let number = 1;
  let start = 0;
  let begun: Buffer[] = [];
  let begunBytes = 0;

  const finish = (rest: Buffer): Line => {
    const length = begunBytes + rest.length;
    const whole = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
    const line = { start, number, bytes: length > lineBytesMax ? undefined : withoutCarriageReturn(whole) };
    number += 1;
    start += length + 1;
    begun = [];
    begunBytes = 0;
    return line;
  };

  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      lines.push(finish(chunk.subarray(from, end)));
      from = end + 1;
    }
    if (from < chunk.length) {
      begunBytes += chunk.length - from;
      if (begunBytes > lineBytesMax) begun = [];
      else begun.push(chunk.subarray(from));
    }
    yield lines;
  }
  if (begunBytes > 0) yield [finish(Buffer.alloc(0))];
};

/** The first line of `bytes`, without its line ending. */
export const firstLine = (bytes: Buffer): Buffer => {
  const end = bytes.indexOf(NEWLINE);
  return withoutCarriageReturn(end === -1 ? bytes : bytes.subarray(0, end));
};

const withoutCarriageReturn = (bytes: Buffer): Buffer =>
  bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
