/** Packs a batch's events into blocks, and reads them back. */
import { ByteReader, ByteWriter, viewOf } from '#platform/bytes.ts';
import { readColumns, signed, text, unsigned, writeColumns } from '#platform/columns.ts';
import { deflate, inflate } from '#platform/compression.ts';
import { entryAt, readerOf } from '#platform/format.ts';
import { EVENT_ID_BYTES, fingerprintOf } from '#platform/hash.ts';
import {
  type BlockEvent,
  CONTENT_COLUMNS,
  compareEvents,
  isRepetition,
  NO_MEMBERS,
  type PackedContent,
  packSent,
  unpackSent,
} from './block-event.ts';

/** DynamoDB's limit for an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_BLOCK_BYTES = 390_000;
const FORMAT_VERSION = 5;
/** The version without times of sending. */
const FORMER_VERSION = 4;

export type MetricBlock = {
  /** A hash of the content: the same events give the same block, so that writing it again changes nothing. */
  id: string;
  /** At most {@link MAX_BLOCK_BYTES}. */
  body: Uint8Array;
};

/**
 * The events as a set in canonical order, each with the earliest of its times of sending. Two different events under one id both
 * stay: a rollup decides between them.
 */
const canonical = (events: readonly BlockEvent[]): BlockEvent[] =>
  [...events]
    .sort(compareEvents)
    .filter((event, i, all) => i === 0 || all[i - 1]!.id !== event.id || !isRepetition(all[i - 1]!, event));

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
    text.write(writer, [...this.#indexes.keys()]);
  }
}

const readDictionary = (reader: ByteReader): string[] => text.read(reader, reader.count());

/**
 * Stores come last, and only if an event has one. A reader that does not know of stores ignores them, and a block without
 * stores is the same as before there were stores.
 */
const writeStores = (writer: ByteWriter, events: readonly BlockEvent[]): void => {
  if (events.every(({ store }) => store === '')) return;
  const stores = new Dictionary();
  const indexes = events.map(({ store }) => stores.indexOf(store));
  stores.writeTo(writer);
  unsigned.write(writer, indexes);
};

const readStores = (reader: ByteReader, count: number): string[] | undefined => {
  if (reader.isAtEnd()) return undefined;
  const stores = readDictionary(reader);
  return unsigned.read(reader, count).map((index) => entryAt(stores, index, 'store of a block'));
};

const packBody = (events: readonly BlockEvent[]): Uint8Array => {
  const labels = new Dictionary();
  const brands = new Dictionary();
  const packed = events.map((event) => ({
    ...event,
    label: labels.indexOf(event.label),
    brand: brands.indexOf(event.brand),
  }));
  const contents = new ByteWriter();
  labels.writeTo(contents);
  brands.writeTo(contents);
  writeColumns<PackedContent>(contents, CONTENT_COLUMNS, packed);
  signed.write(contents, events.map(packSent));
  writeStores(contents, events);

  const body = new ByteWriter();
  body.uint(FORMAT_VERSION);
  body.uint(events.length);
  // Ids are hashes, which cannot be compressed, so they stay outside of the deflated part.
  for (const event of events) body.raw(Buffer.from(event.id, 'base64url'));
  body.raw(deflate(contents.bytes(), 9));
  return body.bytes();
};

/**
 * Packs a batch's events of one campaign, window and shard. The blocks are a pure function of the set of events: neither their
 * order nor a repetition changes a byte. There are several blocks only if one would be too large for an item.
 */
export const packBlocks = (events: readonly BlockEvent[]): MetricBlock[] => packCanonical(canonical(events));

const packCanonical = (events: readonly BlockEvent[]): MetricBlock[] => {
  const body = packBody(events);
  if (body.length > MAX_BLOCK_BYTES) {
    const middle = events.length >> 1;
    return [...packCanonical(events.slice(0, middle)), ...packCanonical(events.slice(middle))];
  }
  return [{ id: fingerprintOf(body), body }];
};

const blankContent = (): PackedContent => ({
  timeMs: 0,
  label: 0,
  brand: 0,
  amountFen: 0,
  count: 1,
  contributions: NO_MEMBERS,
  memberHash: 0,
});

const unpack = (reader: ByteReader, readSent: typeof signed.read): BlockEvent[] => {
  const count = reader.uint();
  const ids = reader.raw(count * EVENT_ID_BYTES);
  const contents = new ByteReader(inflate(reader.rest()));
  const labels = readDictionary(contents);
  const brands = readDictionary(contents);
  const packed = Array.from({ length: count }, blankContent);
  readColumns(contents, CONTENT_COLUMNS, packed);
  const sent = readSent(contents, count);
  const stores = readStores(contents, count);
  const idBytes = viewOf(ids);
  return packed.map((content, i) => ({
    id: idBytes.toString('base64url', i * EVENT_ID_BYTES, (i + 1) * EVENT_ID_BYTES),
    ...content,
    label: entryAt(labels, content.label, 'label of a block'),
    brand: entryAt(brands, content.brand, 'brand of a block'),
    sentMs: unpackSent(sent[i]!, content.timeMs),
    store: stores?.[i] ?? '',
  }));
};

const READERS = {
  [FORMER_VERSION]: (reader: ByteReader) => unpack(reader, (_, count) => new Array<number>(count).fill(0)),
  [FORMAT_VERSION]: (reader: ByteReader) => unpack(reader, signed.read),
};

/** Reads a block's events back, in canonical order. Throws RangeError for bytes that are not a block. */
export const unpackBlock = (body: Uint8Array): BlockEvent[] => {
  const reader = new ByteReader(body);
  return readerOf('block', READERS, reader.uint())(reader);
};
