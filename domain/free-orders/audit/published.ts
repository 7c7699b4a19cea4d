/** What the operator published about a draw, as a third party kept it. */
import * as z from 'zod/mini';
import { firstFault } from '#events/faults.ts';
import { integer, record } from '#events/fields.ts';
import { digest, type PublicFacts, parseFacts, type SlotStatement } from '../draw/facts.ts';

/** What a third party kept of the publications. What is missing is not compared. */
export type Published = {
  facts?: PublicFacts;
  /** The commitment to the seed, if it was kept without the facts. */
  commitment?: string;
  /** By the slot's index. */
  slots?: Map<number, SlotStatement>;
  root?: string;
};

const count = integer(0, Number.MAX_SAFE_INTEGER);

const slotStatement = record({
  slot: count,
  entries: count,
  root: digest,
  publishedAtMs: count,
  round: z.nullable(count),
});

const publication = z.discriminatedUnion(
  'kind',
  [
    record({ kind: z.literal('facts'), facts: z.unknown() }),
    record({ kind: z.literal('slot'), statement: slotStatement }),
    record({ kind: z.literal('root'), root: digest }),
  ],
  { error: 'a publication' },
);

/** One line of the publications' NDJSON. */
export type Publication =
  | { kind: 'facts'; facts: PublicFacts }
  | { kind: 'slot'; statement: SlotStatement }
  | { kind: 'root'; root: string };

/** Reads publications kept as NDJSON. The message about a fault names its line. */
export const parsePublished = (
  text: string,
): { ok: true; published: Published } | { ok: false; message: string } => {
  const published: Published = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const message = addPublication(published, line);
    if (message !== undefined) return { ok: false, message: `line ${index + 1}: ${message}` };
  }
  return { ok: true, published };
};

/** Adds a line to the publications. Returns its fault, if it has one. */
const addPublication = (published: Published, line: string): string | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'expected a publication in JSON';
  }
  const result = z.safeParse(publication, value);
  if (!result.success) return firstFault(result.error.issues, value, 'publication').message;
  switch (result.data.kind) {
    case 'facts': {
      const parsed = parseFacts(result.data.facts);
      if (!parsed.ok) return parsed.message;
      if (published.facts) return 'facts: expected to be published once, got them again';
      published.facts = parsed.facts;
      return undefined;
    }
    case 'slot': {
      const { statement } = result.data;
      published.slots ??= new Map();
      if (published.slots.has(statement.slot)) {
        return `slot ${statement.slot}: expected to be published once, got it again`;
      }
      published.slots.set(statement.slot, statement);
      return undefined;
    }
    case 'root':
      if (published.root !== undefined) return 'root: expected to be published once, got it again';
      published.root = result.data.root;
      return undefined;
    default:
      return result.data satisfies never;
  }
};
