/** What can be sent: the JSON text of one event, or (`alone`) a whole message body that is passed on unchanged. */
export type Sendable = { text: string; alone: boolean };

/**
 * One record of an input: a line, from byte `start` up to the next record's start (or the end of the file). `line` is its
 * number, from 1, in the file that the user gave. A record that cannot be sent says why.
 */
export type SourceRecord = { start: number; line: number } & (
  | { kind: 'sendable'; sendable: Sendable }
  | { kind: 'unreadable'; reason: string }
);

/** An input file. Its records are numbered from 0 in the order of the file, the unreadable ones included. */
export type Source = {
  /** As the user named it. */
  name: string;
  path: string;
  /** The file's length in bytes when it was opened. */
  bytes: number;
  /** Reads every record in order, some at a time; can be called again to read from the start. */
  records(): AsyncIterable<SourceRecord[]>;
  /** Makes a record again from its bytes and its number. */
  again(bytes: Buffer, record: number): Sendable;
};

/** Characters that SQS refuses in a message (SendMessage, "valid Unicode characters"). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const BARRED_BY_SQS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Why SQS would not carry this text; undefined if it would. */
export const barredBySqs = (text: string): string | undefined => {
  const found = BARRED_BY_SQS.exec(text);
  if (found === null) return undefined;
  return `holds U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}, which SQS does not carry`;
};
