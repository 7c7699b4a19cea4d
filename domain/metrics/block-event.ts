/** An event as a block stores it, and the rule for different events under one id. */
import { compareText } from '#platform/collections.ts';
import { ascending, type Column, unsigned, unsignedLists } from '#platform/columns.ts';
import { digestOf } from '#platform/hash.ts';
import { memberHashOf } from './member-hash.ts';
import { armOfOrder, type MetricEvent, ownContributions } from './metric-event.ts';

/** What an event says, without its id, its store and when it was sent. */
export type BlockEventContent = {
  timeMs: number;
  label: string;
  brand: string;
  amountFen: number;
  /** How many occurrences it stands for. */
  count: number;
  /** What each of its members adds to a sketch (`contributionOf`), ascending; none for an event without a member. */
  contributions: readonly number[];
  /** Identifies the member in a sample of an arm's members (`memberHashOf`); 0 unless it is an order or a refund in an arm. */
  memberHash: number;
};

/**
 * An event as a block stores it: of the member, only what sketches and samples need is kept. The id is 12 bytes, written as 16
 * base64url characters.
 */
export type BlockEvent = BlockEventContent & {
  id: string;
  /** When it was first sent, see {@link MetricEvent}; 0 if that is not known, which counts as earlier than all others. */
  sentMs: number;
  /** The store of a near order; '' for none, and for an order of the previous format. */
  store: string;
};

/** An event's content as it is written: each word is replaced by its index in the block's dictionary. */
export type PackedContent = {
  [Field in keyof BlockEventContent]: BlockEventContent[Field] extends string
    ? number
    : BlockEventContent[Field];
};

export const NO_MEMBERS: readonly number[] = [];
const NO_HASH = 0;

type BlockColumn<Value, Packed> = {
  column: Column<Packed>;
  compare(a: Value, b: Value): number;
  textOf(value: Value): string;
};

const numbers = (column: Column<number>): BlockColumn<number, number> => ({
  column,
  compare: (a, b) => a - b,
  textOf: String,
});

const words: BlockColumn<string, number> = {
  column: unsigned,
  compare: compareText,
  textOf: (value) => value,
};

const compareLists = (a: readonly number[], b: readonly number[]): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};

const lists: BlockColumn<readonly number[], readonly number[]> = {
  column: unsignedLists,
  compare: compareLists,
  textOf: (value) => value.join(),
};

/** The fields of an event's content, in the order in which they are written, compared and hashed. */
const COLUMNS: {
  readonly [Field in keyof BlockEventContent]: BlockColumn<BlockEventContent[Field], PackedContent[Field]>;
} = {
  timeMs: numbers(ascending),
  label: words,
  brand: words,
  amountFen: numbers(unsigned),
  count: numbers(unsigned),
  contributions: lists,
  memberHash: numbers(unsigned),
};

const FIELDS: readonly [keyof BlockEventContent, BlockColumn<unknown, unknown>][] = Object.entries(
  COLUMNS,
) as [keyof BlockEventContent, BlockColumn<unknown, unknown>][];

export const CONTENT_COLUMNS = Object.fromEntries(FIELDS.map(([field, { column }]) => [field, column])) as {
  readonly [Field in keyof PackedContent]: Column<PackedContent[Field]>;
};

const compareContents = (a: BlockEventContent, b: BlockEventContent): number => {
  for (const [field, { compare }] of FIELDS) {
    const difference = compare(a[field], b[field]);
    if (difference !== 0) return difference;
  }
  return 0;
};

/**
 * A total order over events: equal means equal in every field. The event's time comes first, so that the stored differences of
 * times are small, and the time of sending comes last.
 */
export const compareEvents = (a: BlockEvent, b: BlockEvent): number =>
  a.timeMs - b.timeMs ||
  compareText(a.id, b.id) ||
  compareContents(a, b) ||
  compareText(a.store, b.store) ||
  a.sentMs - b.sentMs;

/** Whether two events of one id say the same; an order whose store is not known may be of any store. */
export const isSameContent = (a: BlockEvent, b: BlockEvent): boolean =>
  compareContents(a, b) === 0 && (a.store === b.store || a.store === '' || b.store === '');

/** Whether two events of one id say the same, and name the same store. */
export const isRepetition = (a: BlockEvent, b: BlockEvent): boolean =>
  compareContents(a, b) === 0 && a.store === b.store;

/** A hash of what an event says, as text. */
const contentHashOf = (event: BlockEvent): string =>
  digestOf(
    ...FIELDS.map(([field, { textOf }]) => textOf(event[field])),
    ...(event.store === '' ? [] : [event.store]),
  ).toString('latin1');

/** Whether of two different events of one id `a` counts: it was sent earlier or, at the same time, has the smaller hash. */
const precedes = (a: BlockEvent, b: BlockEvent): boolean =>
  a.sentMs === b.sentMs ? contentHashOf(a) < contentHashOf(b) : a.sentMs < b.sentMs;

const firstOf = (events: readonly BlockEvent[]): BlockEvent =>
  events.reduce((first, event) => (precedes(event, first) ? event : first));

/**
 * Which of different events under one id counts, whatever order they come in: the one that was sent
 * first. If it names no store, it takes the store of another event that says the same.
 */
export const decideBetween = (events: readonly BlockEvent[]): BlockEvent => {
  const first = firstOf(events);
  const named = events.filter((event) => event.store !== '' && isSameContent(event, first));
  return first.store !== '' || named.length === 0 ? first : { ...first, store: firstOf(named).store };
};

/**
 * Packs a time of sending: as ms after the event's own time, which is a small number, plus one if it is not negative; 0 stands
 * for a time that is not known.
 */
export const packSent = ({ sentMs, timeMs }: Pick<BlockEvent, 'sentMs' | 'timeMs'>): number => {
  if (sentMs === 0) return 0;
  return sentMs < timeMs ? sentMs - timeMs : sentMs - timeMs + 1;
};

export const unpackSent = (packed: number, timeMs: number): number => {
  if (packed === 0) return 0;
  return packed < 0 ? timeMs + packed : timeMs + packed - 1;
};

export const toBlockEvent = (event: MetricEvent): BlockEvent => ({
  id: event.id,
  timeMs: event.timeMs,
  label: event.label,
  brand: event.brand,
  amountFen: event.amountFen,
  count: event.count ?? 1,
  contributions: event.contributions ?? ownContributions(event.member),
  memberHash: armOfOrder(event.label) === undefined ? NO_HASH : memberHashOf(event.member),
  sentMs: event.sentMs ?? 0,
  store: event.store ?? '',
});
