/** The state that the operations of the emulated DynamoDB share: tables, limits, and what was consumed. */
import type { ConsumedCapacity, ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { DueQueue } from './due-queue.ts';
import { tableNotFound, validationError } from './exceptions.ts';
import { ExpressionCache } from './expressions/cache.ts';
import { StatementCache } from './partiql/statement-cache.ts';
import type { StoredItem } from './stored-item.ts';
import type { Table } from './table.ts';
import type { Key } from './table-keys.ts';
import { Throughput, type UnitKind, type UnitRates } from './throughput.ts';

/** An item, and when it is deleted after its expiry. Void once the item has another expiry, or none. */
type Expiry = { readonly dueMs: number; readonly table: Table; readonly stored: StoredItem };

export type Clock = { nowMs(): number };

export type Limits = {
  /** Units a second of each table. An account's default for an on-demand table is 40,000 for reads and for writes. */
  readonly table: UnitRates;
  /** Units a second of each partition key. */
  readonly partition: UnitRates;
  /** How far behind an eventually consistent read can be, in ms. */
  readonly staleMsMax: number;
  /** How long after its expiry an item may still exist, in ms. AWS says "within a few days"; often it is within 48 hours. */
  readonly expiryDelayMsMax: number;
};

export const AWS_LIMITS: Limits = {
  table: { read: 40_000, write: 40_000 },
  partition: { read: 3_000, write: 1_000 },
  staleMsMax: 1_000,
  expiryDelayMsMax: 48 * 3_600_000,
};

/**
 * Is called with the units of each call. `partition` is undefined for a call that reads without a partition key, such as a
 * scan.
 */
export type OnUnits = (kind: UnitKind, table: string, partition: string | undefined, units: number) => void;

/** Is called each time that a table or a partition key has no units left for a kind of work. */
export type OnThrottle = (kind: UnitKind, table: string, partition: string | undefined) => void;

export type Units = { readonly read: number; readonly write: number };

/** The state that all operations share. */
export class Store {
  readonly tables = new Map<string, Table>();
  readonly expressions = new ExpressionCache();
  readonly statements = new StatementCache();
  readonly throughput: Throughput;
  readonly expiries = new DueQueue<Expiry>();
  /** The items that running transactions hold, by table and key; no other write may touch them. */
  readonly inFlight = new Set<string>();
  readonly limits: Limits;
  readonly random: () => number;
  readonly clock: Clock;
  /** How far behind the next eventually consistent read of a table is, in ms. */
  readonly #staleness: (table: string) => number;
  /** Whether a call on a partition key is throttled, whatever the key has consumed. */
  readonly #isHot: (table: string, partition: string) => boolean;
  /** Whether the next item of a batch is left unprocessed, whatever the table has consumed. */
  readonly #isBusy: (table: string) => boolean;
  readonly #consumed = new Map<string, { read: number; write: number }>();
  readonly #onUnits: OnUnits | undefined;
  readonly #onThrottle: OnThrottle | undefined;
  #isMetered = true;

  constructor(options: {
    clock: Clock;
    random: () => number;
    limits: Limits;
    staleness: (table: string) => number;
    onUnits?: OnUnits | undefined;
    onThrottle?: OnThrottle | undefined;
    isHot: (table: string, partition: string) => boolean;
    isBusy: (table: string) => boolean;
  }) {
    this.clock = options.clock;
    this.random = options.random;
    this.limits = options.limits;
    this.#staleness = options.staleness;
    this.#onUnits = options.onUnits;
    this.#onThrottle = options.onThrottle;
    this.#isHot = options.isHot;
    this.#isBusy = options.isBusy;
    this.throughput = new Throughput(options.limits.table, options.limits.partition);
  }

  table(name: string | undefined): Table {
    if (name === undefined || name === '')
      throw validationError(
        "Value null at 'tableName' failed to satisfy constraint: Member must not be null",
      );
    // A table may be named by its ARN.
    const table = this.tables.get(name) ?? this.tables.get(name.slice(name.lastIndexOf('/') + 1));
    if (table === undefined) throw tableNotFound(name);
    return table;
  }

  /** The instant that a read of a table shows: now, or an earlier one for an eventually consistent read. */
  readInstant(table: Table, isConsistent: boolean): number {
    const nowMs = this.clock.nowMs();
    if (isConsistent || !this.#isMetered) return nowMs;
    return nowMs - Math.min(this.limits.staleMsMax, Math.max(0, this.#staleness(table.name)));
  }

  /** Schedules the deletion of an item, unless it has changed by then. */
  expire(table: Table, stored: StoredItem, dueMs: number): void {
    const expiry = { dueMs, table, stored };
    stored.expiry = expiry;
    this.expiries.push(expiry);
  }

  isInFlight(table: Table, key: Key): boolean {
    return this.inFlight.size > 0 && this.inFlight.has(flightId(table, key));
  }

  /** Does synchronous work to which no limit applies, and whose units are not counted. */
  unmetered<Value>(work: () => Value): Value {
    this.#isMetered = false;
    try {
      return work();
    } finally {
      this.#isMetered = true;
    }
  }

  admits(kind: UnitKind, table: Table, partition: string | undefined): boolean {
    if (!this.#isMetered) return true;
    if (partition !== undefined && this.#isHot(table.name, partition)) return false;
    const isAdmitted = this.throughput.admits(kind, table.name, partition, this.clock.nowMs());
    if (!isAdmitted) this.#onThrottle?.(kind, table.name, partition);
    return isAdmitted;
  }

  /** Whether one item of a batch is admitted. Other items of the same call may or may not be. */
  admitsInBatch(kind: UnitKind, table: Table, partition: string | undefined): boolean {
    return !this.#isMetered || (!this.#isBusy(table.name) && this.admits(kind, table, partition));
  }

  /** Adds the units of a call to what its table has consumed. */
  pay(kind: UnitKind, table: Table, partition: string | undefined, units: number): void {
    if (!this.#isMetered) return;
    this.throughput.pay(kind, table.name, partition, units);
    let total = this.#consumed.get(table.name);
    if (total === undefined) {
      total = { read: 0, write: 0 };
      this.#consumed.set(table.name, total);
    }
    total[kind] += units;
    this.#onUnits?.(kind, table.name, partition, units);
  }

  /** Units that each table has consumed so far, including those of refused writes. */
  get consumed(): ReadonlyMap<string, Units> {
    return this.#consumed;
  }
}

export const flightId = (table: Table, key: Key): string => `${table.name}\u0000${key.id}`;

/** Units of a call on a table: in the table itself, and in its indexes by name. */
export type CallUnits = { table: number; readonly indexes: Map<string, number> };

export const noUnits = (): CallUnits => ({ table: 0, indexes: new Map() });

export const totalUnits = ({ table, indexes }: CallUnits): number =>
  indexes.size === 0 ? table : [...indexes.values()].reduce((sum, units) => sum + units, table);

/** The consumed capacity that an answer reports, if the request asks for it. */
export const consumedCapacity = (
  wanted: ReturnConsumedCapacity | undefined,
  table: string,
  units: CallUnits,
  transactionKind?: UnitKind,
): ConsumedCapacity | undefined => {
  if (wanted === undefined || wanted === 'NONE') return undefined;
  const total = totalUnits(units);
  if (wanted === 'TOTAL' && transactionKind === undefined) return { TableName: table, CapacityUnits: total };
  return {
    TableName: table,
    CapacityUnits: total,
    ...(transactionKind === 'read' ? { ReadCapacityUnits: total } : {}),
    ...(transactionKind === 'write' ? { WriteCapacityUnits: total } : {}),
    ...(wanted === 'INDEXES'
      ? {
          Table: { CapacityUnits: units.table },
          ...(units.indexes.size === 0
            ? {}
            : {
                GlobalSecondaryIndexes: Object.fromEntries(
                  [...units.indexes].map(([name, CapacityUnits]) => [name, { CapacityUnits }]),
                ),
              }),
        }
      : {}),
  };
};
