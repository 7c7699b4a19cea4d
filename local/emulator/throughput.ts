/** Units a second of each kind of work. */
export type UnitRates = { readonly read: number; readonly write: number };
export type UnitKind = keyof UnitRates;

/** Units that are left at an instant. May be below zero, because what a call uses is known only afterwards. */
type Bucket = { units: number; atMs: number };

/** The buckets of one kind of work on one table: that of the whole table, and those of its partition keys. */
type TableBuckets = { own: Bucket | undefined; readonly partitions: Map<string, Bucket> };

/** Rates that throttle nothing. They are finite, because buckets calculate with them. */
export const UNBOUNDED: UnitRates = { read: Number.MAX_SAFE_INTEGER, write: Number.MAX_SAFE_INTEGER };

/** Before there are more buckets of partition keys than this, full ones are dropped. */
const BUCKETS_MAX = 20_000;

const SECOND_MS = 1_000;

/** A bucket as it is at an instant; a full one if there was none. */
const filled = (bucket: Bucket | undefined, rate: number, nowMs: number): Bucket => {
  if (bucket === undefined) return { units: rate, atMs: nowMs };
  bucket.units = Math.min(rate, bucket.units + ((nowMs - bucket.atMs) * rate) / SECOND_MS);
  bucket.atMs = nowMs;
  return bucket;
};

/**
 * What tables and partition keys may consume in a second: token buckets of one second's units each. Work is admitted while
 * any units are left, and then paid for in full, as DynamoDB cannot know beforehand what a call will read.
 */
export class Throughput {
  readonly #buckets: Readonly<Record<UnitKind, Map<string, TableBuckets>>> = {
    read: new Map(),
    write: new Map(),
  };
  /** Buckets of partition keys. */
  #size = 0;
  #bucketsMax = BUCKETS_MAX;
  readonly #table: UnitRates;
  readonly #partition: UnitRates;

  constructor(table: UnitRates, partition: UnitRates) {
    this.#table = table;
    this.#partition = partition;
  }

  /** Whether work on a table, and on a partition key if given, is admitted. {@link pay} then pays for it. */
  admits(kind: UnitKind, table: string, partition: string | undefined, nowMs: number): boolean {
    // Where nothing is bounded, no use is remembered.
    if (this.#table[kind] === UNBOUNDED[kind] && this.#partition[kind] === UNBOUNDED[kind]) return true;
    let buckets = this.#buckets[kind].get(table);
    if (buckets === undefined) {
      buckets = { own: undefined, partitions: new Map() };
      this.#buckets[kind].set(table, buckets);
    }
    buckets.own = filled(buckets.own, this.#table[kind], nowMs);
    if (buckets.own.units <= 0) return false;
    if (partition === undefined) return true;
    const known = buckets.partitions.get(partition);
    const bucket = filled(known, this.#partition[kind], nowMs);
    if (known === undefined) {
      if (this.#size >= this.#bucketsMax) this.#forgetIdle(nowMs);
      buckets.partitions.set(partition, bucket);
      this.#size++;
    }
    return bucket.units > 0;
  }

  pay(kind: UnitKind, table: string, partition: string | undefined, units: number): void {
    const buckets = this.#buckets[kind].get(table);
    if (buckets?.own !== undefined) buckets.own.units -= units;
    const bucket = partition === undefined ? undefined : buckets?.partitions.get(partition);
    if (bucket !== undefined) bucket.units -= units;
  }

  /**
   * Drops buckets that are full by now: those that were last used a second ago or earlier, and were not in debt then.
   */
  #forgetIdle(nowMs: number): void {
    for (const tables of Object.values(this.#buckets))
      for (const { partitions } of tables.values())
        for (const [id, { units, atMs }] of partitions)
          if (units >= 0 && nowMs - atMs >= SECOND_MS && partitions.delete(id)) this.#size--;
    // If nearly all buckets are in use, searching them for each new one would take too long.
    this.#bucketsMax = Math.max(BUCKETS_MAX, 2 * this.#size);
  }
}
