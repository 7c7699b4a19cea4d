import type { Readable } from 'node:stream';

/** About CloudWatch's limit for a log event. A longer line is passed on in pieces, to save memory. */
const LINE_CHARS_MAX = 1_048_576;

/** Calls `onLine` for each line of a stream, and for what remains without a line break at its end. */
export const readLines = (stream: Readable, onLine: (line: string) => void): void => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length <= LINE_CHARS_MAX) return;
    onLine(rest);
    rest = '';
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
};
