/**
 * Sorts more records than the memory holds: sorted runs are stored as objects and then merged (external merge sort; Knuth, TAOCP
 * volume 3, section 5.4). Every record is written once and read once by each merge.
 */
import { compareText } from '#platform/collections.ts';
import { CALLS_AT_ONCE, mapLimited } from '#platform/concurrency.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Objects } from '#platform/objects.ts';
import { byOrderId, type DrawEntry, type EntryFormat } from '../rules/entry.ts';
import { type ExportRecord, packRecords, unpackRecords } from './export-record.ts';

/** Two objects of each run are in memory while runs are merged, so objects are small. */
const SEGMENT_RECORDS = 2_000;

/** Where an entry stands in an export: its order id, then its member. */
export type EntryKey = readonly [orderId: string, member: string];

/** A stored run: where its objects are, and the first key of each. */
export type StoredRun = { prefix: string; firsts: readonly EntryKey[] };

export const keyOf = ({ entry }: Pick<ExportRecord, 'entry'>): EntryKey => [entry.orderId, entry.member];

const compareKeys = (a: EntryKey, b: EntryKey): number => compareText(a[0], b[0]) || compareText(a[1], b[1]);

const segmentKey = (prefix: string, segment: number): string => `${prefix}/${segment}`;

/** By order id, then by member. */
export const sortRecords = (records: readonly ExportRecord[]): ExportRecord[] =>
  records.toSorted((a, b) => byOrderId(a.entry, b.entry));

/** Sorts records and stores them under a name that follows from them, so that two workers never mix their objects. */
export const storeRun = async (
  objects: Objects,
  place: string,
  records: ExportRecord[],
): Promise<StoredRun> => {
  const sorted = sortRecords(records);
  const segments = Array.from({ length: Math.ceil(sorted.length / SEGMENT_RECORDS) }, (_, i) =>
    sorted.slice(i * SEGMENT_RECORDS, (i + 1) * SEGMENT_RECORDS),
  );
  const bodies = segments.map(packRecords);
  const prefix = `${place}/${fingerprintOf(bodies.map(fingerprintOf).join())}`;
  await mapLimited([...bodies.keys()], CALLS_AT_ONCE, (i) => objects.put(segmentKey(prefix, i), bodies[i]!));
  return { prefix, firsts: segments.map((segment) => keyOf(segment[0]!)) };
};

/** Reads a run from its beginning, or from the first record after a key. */
class RunReader {
  /** Decides between equal entries, so that these always come in the same order. */
  readonly place: number;
  readonly #objects: Objects;
  readonly #run: StoredRun;
  #segment: number;
  #records: ExportRecord[] = [];
  #at = 0;
  #coming: Promise<Uint8Array | undefined> | undefined;

  constructor(objects: Objects, run: StoredRun, place: number, after: EntryKey | undefined) {
    this.place = place;
    this.#objects = objects;
    this.#run = run;
    const later = after === undefined ? 0 : run.firsts.findIndex((first) => compareKeys(first, after) > 0);
    this.#segment = Math.max(0, (later < 0 ? run.firsts.length : later) - 1);
    this.#ask();
  }

  /** Begins to fetch the next object, while the one before is being read. */
  #ask(): void {
    this.#coming =
      this.#segment < this.#run.firsts.length
        ? this.#objects.get(segmentKey(this.#run.prefix, this.#segment))
        : undefined;
    // Without a handler, a failure before `#load` awaits it would be unhandled. `#load` throws it all the same.
    this.#coming?.catch(() => undefined);
  }

  /** The run's next record; undefined at the run's end. Valid only after {@link start}. */
  get head(): ExportRecord | undefined {
    return this.#records[this.#at];
  }

  /** Moves to the next record. Returns a promise only if that record is in another object, which is still to come. */
  advance(): Promise<void> | undefined {
    this.#at += 1;
    return this.#at < this.#records.length ? undefined : this.#load();
  }

  async #load(): Promise<void> {
    if (this.#coming === undefined) return;
    const key = segmentKey(this.#run.prefix, this.#segment);
    const bytes = await this.#coming;
    if (bytes === undefined) throw new Error(`object ${key}: expected a part of a run, got none`);
    this.#records = unpackRecords(bytes);
    this.#at = 0;
    this.#segment += 1;
    this.#ask();
  }

  async start(after: EntryKey | undefined): Promise<void> {
    await this.#load();
    while (after !== undefined && this.head !== undefined && compareKeys(keyOf(this.head), after) <= 0)
      await this.advance();
  }
}

const byHead = (a: RunReader, b: RunReader): number =>
  byOrderId(a.head!.entry, b.head!.entry) || a.place - b.place;

/** A binary heap of readers by their heads; readers at the end of their run are left out. */
class ReaderHeap {
  readonly #readers: RunReader[];

  constructor(readers: readonly RunReader[]) {
    this.#readers = readers.filter(({ head }) => head !== undefined).sort(byHead);
  }

  get first(): RunReader | undefined {
    return this.#readers[0];
  }

  /** Restores the order after the first reader has moved on. */
  restore(): void {
    const readers = this.#readers;
    const moved = readers[0]!.head === undefined ? readers.pop()! : readers[0]!;
    if (readers.length === 0 || moved.head === undefined) return;
    let at = 0;
    for (let child = 1; child < readers.length; child = 2 * at + 1) {
      const [left, right] = [readers[child]!, readers[child + 1]];
      const smaller = right !== undefined && byHead(right, left) < 0 ? child + 1 : child;
      if (byHead(readers[smaller]!, moved) >= 0) break;
      readers[at] = readers[smaller]!;
      at = smaller;
    }
    readers[at] = moved;
  }
}

/** Whether two records are of the same entry. In format 1 an order id alone identifies an entry. */
const isSameEntry = (a: DrawEntry, b: DrawEntry, format: EntryFormat): boolean =>
  a.orderId === b.orderId && (format === 1 || a.member === b.member);

/**
 * Merges runs. Yields all records of an entry together, by order id, then by member. With `after`, begins at the first entry
 * after that key.
 */
export const mergeRuns = async function* (
  objects: Objects,
  runs: readonly StoredRun[],
  format: EntryFormat,
  after?: EntryKey,
): AsyncGenerator<ExportRecord[]> {
  const readers = runs.map((run, place) => new RunReader(objects, run, place, after));
  await mapLimited(readers, CALLS_AT_ONCE, (reader) => reader.start(after));
  const heap = new ReaderHeap(readers);
  let group: ExportRecord[] = [];
  for (let reader = heap.first; reader !== undefined; reader = heap.first) {
    const record = reader.head!;
    if (group.length > 0 && !isSameEntry(group[0]!.entry, record.entry, format)) {
      yield group;
      group = [];
    }
    group.push(record);
    const coming = reader.advance();
    if (coming !== undefined) await coming;
    heap.restore();
  }
  if (group.length > 0) yield group;
};

/** Groups sorted records as {@link mergeRuns} does. */
export const groupRecords = function* (
  records: readonly ExportRecord[],
  format: EntryFormat,
): Generator<ExportRecord[]> {
  let group: ExportRecord[] = [];
  for (const record of records) {
    if (group.length > 0 && !isSameEntry(group[0]!.entry, record.entry, format)) {
      yield group;
      group = [];
    }
    group.push(record);
  }
  if (group.length > 0) yield group;
};
