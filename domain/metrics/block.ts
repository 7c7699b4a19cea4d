import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { compareText } from '#platform/collections.ts';
import { EVENT_ID_BYTES, fingerprintOf } from '#platform/hash.ts';
import { contributionOf } from './hyperloglog.ts';
import { memberHashOf } from './member-hash.ts';
import { armOfOrder, type MetricEvent } from './metric-event.ts';

/** DynamoDB's limit of an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_BLOCK_BYTES = 390_000;
const FORMAT_VERSION = 4;

/** An event as a block keeps it: the member is reduced to what a sketch can learn of it. */
export type BlockEvent = {
  /** The 12 bytes of the event's id as 16 base64url characters. */
  id: string;
  timeMs: number;
  label: string;
  brand: string;
  amountFen: number;
  /** How many happenings it stands for. */
  count: number;
  /** What each of its members adds to a sketch (`contributionOf`), ascending; none for an event without a member. */
  contributions: readonly number[];
  /** By which a sample of an arm's members knows its member (`memberHashOf`); 0 for an event that is not of an arm. */
  memberHash: number;
};

const NO_MEMBERS: readonly number[] = [];

export type Block = {
  /** A hash of the content: the same events give the same block, so that writing it again changes nothing. */
  id: string;
  /** At most {@link MAX_BLOCK_BYTES}. */
  body: Uint8Array;
};

const NO_HASH = 0;

export const toBlockEvent = (event: MetricEvent): BlockEvent => ({
  id: event.id,
  timeMs: event.timeMs,
  label: event.label,
  brand: event.brand,
  amountFen: event.amountFen,
  count: event.count ?? 1,
  contributions: event.contributions ?? (event.member === '' ? NO_MEMBERS : [contributionOf(event.member)]),
  memberHash: armOfOrder(event.label) === undefined ? NO_HASH : memberHashOf(event.member),
});

const compareLists = (a: readonly number[], b: readonly number[]): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};

/** A total order over events: equal means equal in every field. Time comes first, so that its differences are small. */
const compareEvents = (a: BlockEvent, b: BlockEvent): number =>
  a.timeMs - b.timeMs ||
  compareText(a.id, b.id) ||
  compareText(a.label, b.label) ||
  compareText(a.brand, b.brand) ||
  a.amountFen - b.amountFen ||
  a.count - b.count ||
  compareLists(a.contributions, b.contributions) ||
  a.memberHash - b.memberHash;

/** The events as a set in canonical order. Two different events under one id both stay: a rollup decides between them. */
const canonical = (events: readonly BlockEvent[]): BlockEvent[] =>
  [...events]
    .sort(compareEvents)
    .filter((event, i, all) => i === 0 || compareEvents(all[i - 1]!, event) !== 0);

class Dictionary {
  readonly #indexes = new Map<string, number>();

  indexOf(word: string): number {
    const known = this.#indexes.get(word);
    if (known !== undefined) return known;
    this.#indexes.set(word, this.#indexes.size);
    return this.#indexes.size - 1;
  }

  writeTo(writer: ByteWriter): void {
    writer.uint(this.#indexes.size);
    for (const word of this.#indexes.keys()) writer.text(word);
  }
}

const readDictionary = (reader: ByteReader): string[] =>
  Array.from({ length: reader.uint() }, () => reader.text());

const packBody = (events: readonly BlockEvent[]): Uint8Array => {
  const labels = new Dictionary();
  const brands = new Dictionary();
  const labelIndexes = events.map((event) => labels.indexOf(event.label));
  const brandIndexes = events.map((event) => brands.indexOf(event.brand));
  const columns = new ByteWriter();
  labels.writeTo(columns);
  brands.writeTo(columns);
  let previousMs = 0;
  for (const event of events) {
    columns.uint(event.timeMs - previousMs);
    previousMs = event.timeMs;
  }
  // A column a time, not an event a time: neighbours in a column resemble each other, which is what deflate lives on.
  for (const index of labelIndexes) columns.uint(index);
  for (const index of brandIndexes) columns.uint(index);
  for (const event of events) columns.uint(event.amountFen);
  for (const event of events) columns.uint(event.count);
  for (const event of events) columns.uint(event.contributions.length);
  for (const event of events) for (const contribution of event.contributions) columns.uint(contribution);

  for (const event of events) columns.uint(event.memberHash);

  const body = new ByteWriter();
  body.uint(FORMAT_VERSION);
  body.uint(events.length);
  // Ids are hashes, which no compression makes smaller, so they stay outside of the deflated part.
  for (const event of events) body.raw(Buffer.from(event.id, 'base64url'));
  body.raw(deflateRawSync(columns.bytes(), { level: 9 }));
  return body.bytes();
};

/**
 * Packs a batch's events of one campaign, window and shard. The blocks are a pure function of the set of events: neither
 * their order nor a repetition changes a byte. Several blocks result only where one would outgrow an item.
 */
export const packBlocks = (events: readonly BlockEvent[]): Block[] => packCanonical(canonical(events));

const packCanonical = (events: readonly BlockEvent[]): Block[] => {
  const body = packBody(events);
  if (body.length > MAX_BLOCK_BYTES) {
    const middle = events.length >> 1;
    return [...packCanonical(events.slice(0, middle)), ...packCanonical(events.slice(middle))];
  }
  return [{ id: fingerprintOf(body), body }];
};

/** Reads a block's events back, in canonical order. Throws RangeError for bytes that are no block. */
export const unpackBlock = (body: Uint8Array): BlockEvent[] => {
  const reader = new ByteReader(body);
  const version = reader.uint();
  if (version !== FORMAT_VERSION)
    throw new RangeError(`block version: expected ${FORMAT_VERSION}, got ${version}`);
  const count = reader.uint();
  const ids = reader.raw(count * EVENT_ID_BYTES);
  const columns = new ByteReader(inflateRawSync(reader.rest()));
  const labels = readDictionary(columns);
  const brands = readDictionary(columns);
  const events: BlockEvent[] = [];
  let timeMs = 0;
  for (let i = 0; i < count; i++) {
    timeMs += columns.uint();
    const id = Buffer.from(ids.subarray(i * EVENT_ID_BYTES, (i + 1) * EVENT_ID_BYTES)).toString('base64url');
    events.push({
      id,
      timeMs,
      label: '',
      brand: '',
      amountFen: 0,
      count: 1,
      contributions: NO_MEMBERS,
      memberHash: NO_HASH,
    });
  }
  for (const event of events) event.label = labels[columns.uint()]!;
  for (const event of events) event.brand = brands[columns.uint()]!;
  for (const event of events) event.amountFen = columns.uint();
  for (const event of events) event.count = columns.uint();
  const members = events.map(() => columns.uint());
  for (const [i, event] of events.entries()) {
    event.contributions = Array.from({ length: members[i]! }, () => columns.uint());
  }
  for (const event of events) event.memberHash = columns.uint();
  return events;
};
