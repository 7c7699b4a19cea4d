/** What the pipeline refused of an input, with the lines of the input. */
import { inflateRawSync } from 'node:zlib';
import type { Reject } from '#domain/intake/rejects.ts';
import { parseBody } from '#events/contract.ts';
import type { Refusal } from '#local/import/refusals.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import type { Source } from './sources/source.ts';

const MESSAGE = /^.*?: expected (.*), got .*$/s;

/** What was refused: JSON text if it was JSON, else the text as it came; only its beginning if no more is kept. */
const contentOf = ({ event, body, deflated, cut }: Reject): string => {
  if (cut !== undefined) return cut.prefix;
  if (deflated !== undefined) return inflateRawSync(Buffer.from(deflated, 'base64')).toString();
  return body ?? JSON.stringify(event);
};

const valueAt = (event: unknown, field: string): unknown =>
  field
    .split(/[.[\]]+/)
    .filter((key) => key !== '')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      event,
    );

const refusalOf = (reject: Reject, line: number | undefined): Refusal => {
  const { reason, field, message, event, body } = reject;
  const value = field === 'body' ? body : field === 'event' ? event : valueAt(event, field);
  return {
    ...(line === undefined ? {} : { line }),
    field,
    value,
    expected: MESSAGE.exec(message)?.[1] ?? message,
    reason,
  };
};

/** The events in a record, as JSON text. For a record that is not JSON, its text. */
const contentsOf = (text: string): string[] => {
  const parsed = parseBody(text);
  return parsed.ok ? parsed.events.map((event) => JSON.stringify(event)) : [text];
};

/** For each of these contents, the first line of the source that holds it. */
const linesOf = async (source: Source, contents: ReadonlySet<string>): Promise<Map<string, number>> => {
  const lines = new Map<string, number>();
  for await (const records of source.records()) {
    for (const { line, ...record } of records) {
      if (record.kind === 'unreadable') continue;
      for (const content of contentsOf(record.sendable.text)) {
        if (contents.has(content) && !lines.has(content)) lines.set(content, line);
      }
    }
    if (lines.size === contents.size) break;
  }
  return lines;
};

/** What the pipeline refused, in the order of the input's lines. A repeated refusal counts once. */
export const readRefused = async (
  pipeline: Pick<Pipeline, 'messages'>,
  source: Source,
): Promise<Refusal[]> => {
  const rejects = new Map<string, Reject>();
  for (const body of await pipeline.messages('rejects')) {
    const reject = JSON.parse(body) as Reject;
    rejects.set(reject.id, reject);
  }
  if (rejects.size === 0) return [];
  const contents = new Map([...rejects.values()].map((reject) => [reject.id, contentOf(reject)]));
  const lines = await linesOf(source, new Set(contents.values()));
  return [...rejects.values()]
    .map((reject) => refusalOf(reject, lines.get(contents.get(reject.id)!)))
    .sort((a, b) => (a.line ?? Number.POSITIVE_INFINITY) - (b.line ?? Number.POSITIVE_INFINITY));
};

type Identified = { source?: unknown; id?: unknown };

/**
 * The lines with an event that has the same source and id as an earlier event, but other content: only one of the two was
 * counted. Reads the whole source, so call it only if there are conflicts.
 */
export const readConflicts = async (source: Source): Promise<Refusal[]> => {
  const first = new Map<string, { line: number; content: string }>();
  const conflicts: Refusal[] = [];
  for await (const records of source.records()) {
    for (const { line, ...record } of records) {
      if (record.kind === 'unreadable') continue;
      for (const content of contentsOf(record.sendable.text)) {
        const event = identified(content);
        if (event === undefined) continue;
        const key = JSON.stringify([event.source, event.id]);
        const known = first.get(key);
        if (known === undefined) first.set(key, { line, content });
        else if (known.content !== content) {
          const expected = `an id of its own; an event with other content on line ${known.line} has this one`;
          conflicts.push({ line, field: 'id', value: event.id, expected, reason: 'conflict' });
        }
      }
    }
  }
  return conflicts;
};

const identified = (content: string): Identified | undefined => {
  try {
    const value = JSON.parse(content) as Identified | null;
    return typeof value === 'object' && value !== null && typeof value.id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
};
