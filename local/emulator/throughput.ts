/** Units a second of one kind of work. */
export type UnitRates = { readonly read: number; readonly write: number };
export type UnitKind = keyof UnitRates;

/** Units that are left at an instant. May be below zero, because the use of a call is known only afterwards. */
type Bucket = { units: number; atMs: number };

/** If there are more buckets than this, full ones are dropped. */
const BUCKETS_MAX = 20_000;

const SECOND_MS = 1_000;

/**
 * What tables and partition keys may consume in a second: token buckets of one second's units each. Work is admitted while
 * any units are left, and then paid for in full, as DynamoDB cannot know beforehand what a call will read.
 */
export class Throughput {
  readonly #buckets = new Map<string, Bucket>();
  #bucketsMax = BUCKETS_MAX;
  readonly #table: UnitRates;
  readonly #partition: UnitRates;

  constructor(table: UnitRates, partition: UnitRates) {
    this.#table = table;
    this.#partition = partition;
  }

  /** Whether work on a partition key is admitted. It does not pay for it. */
  admits(kind: UnitKind, table: string, partition: string | undefined, nowMs: number): boolean {
    return (
      this.#left(`${kind} ${table}`, this.#table[kind], nowMs) > 0 &&
      (partition === undefined ||
        this.#left(`${kind} ${table} ${partition}`, this.#partition[kind], nowMs) > 0)
    );
  }

  pay(kind: UnitKind, table: string, partition: string | undefined, units: number): void {
    for (const id of partition === undefined
      ? [`${kind} ${table}`]
      : [`${kind} ${table}`, `${kind} ${table} ${partition}`]) {
      const bucket = this.#buckets.get(id);
      if (bucket !== undefined) bucket.units -= units;
    }
  }

  #left(id: string, rate: number, nowMs: number): number {
    const bucket = this.#buckets.get(id);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#bucketsMax) this.#forgetIdle(nowMs);
      this.#buckets.set(id, { units: rate, atMs: nowMs });
      return rate;
    }
    bucket.units = Math.min(rate, bucket.units + ((nowMs - bucket.atMs) * rate) / SECOND_MS);
    bucket.atMs = nowMs;
    return bucket.units;
  }

  /** A bucket from which nothing was taken for a second, and which was not in debt, is full. */
  #forgetIdle(nowMs: number): void {
    for (const [id, { units, atMs }] of this.#buckets)
      if (units >= 0 && nowMs - atMs >= SECOND_MS) this.#buckets.delete(id);
    // If nearly all are in use, searching them for each new one would take too long.
    this.#bucketsMax = Math.max(BUCKETS_MAX, 2 * this.#buckets.size);
  }
}
