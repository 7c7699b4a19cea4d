import type {
  CreateTableCommandInput,
  GlobalSecondaryIndex,
  LocalSecondaryIndex,
  TableDescription,
  TimeToLiveSpecification,
} from '@aws-sdk/client-dynamodb';
import { StoredItem } from './stored-item.ts';
import { TableIndex } from './table-index.ts';
import {
  compareSort,
  type Key,
  type KeySchema,
  type KeyType,
  keySchemaOf,
  partitionHash,
} from './table-keys.ts';
import type { Item } from './values.ts';

/** A definition as CreateTable takes it, or as CloudFormation takes it, which adds the expiry attribute. */
export type TableDefinition = Omit<CreateTableCommandInput, 'TableName'> & {
  readonly TableName?: string | undefined;
  readonly TimeToLiveSpecification?: Partial<TimeToLiveSpecification> | undefined;
};

/** The items of one partition key, in the order of their sort keys. */
export type Partition = { readonly id: string; readonly hash: number; readonly items: StoredItem[] };

/** The first index in a sorted array whose element is not before the one that is looked for. */
export const lowerBound = <Element>(
  sorted: readonly Element[],
  isBefore: (element: Element) => boolean,
): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
};

export class Table {
  readonly name: string;
  readonly schema: KeySchema;
  readonly indexes: ReadonlyMap<string, TableIndex>;
  /** The attribute of an item that says when it may be deleted, in seconds since 1970. */
  expiryAttribute: string | undefined;
  readonly #definition: TableDefinition;
  readonly #createdMs: number;
  /** How long a version of an item can be read after it was replaced. */
  readonly #historyMs: number;
  readonly #partitions = new Map<string, Partition>();
  /** All items of all partitions, by the ids of their keys. */
  readonly #items = new Map<string, StoredItem>();
  /** The partitions in the order of scans, except that those that came since the last scan are at the end. */
  readonly #byHash: Partition[] = [];
  #isSorted = true;
  /** Deleted items, in the order of deletion, until no read can find them any more. */
  #deleted: { item: StoredItem; atMs: number }[] = [];

  constructor(name: string, definition: TableDefinition, createdMs: number, historyMs: number) {
    this.name = name;
    this.#definition = definition;
    this.#createdMs = createdMs;
    this.#historyMs = historyMs;
    const types = new Map(
      (definition.AttributeDefinitions ?? []).map(({ AttributeName, AttributeType }) => [
        AttributeName!,
        AttributeType as KeyType,
      ]),
    );
    this.schema = keySchemaOf(definition.KeySchema ?? [], types);
    const index = (
      given: GlobalSecondaryIndex | LocalSecondaryIndex,
      isGlobal: boolean,
    ): [string, TableIndex] => [
      given.IndexName!,
      new TableIndex(given, {
        schema: keySchemaOf(given.KeySchema ?? [], types),
        table: this.schema,
        isGlobal,
      }),
    ];
    this.indexes = new Map([
      ...(definition.GlobalSecondaryIndexes ?? []).map((given) => index(given, true)),
      ...(definition.LocalSecondaryIndexes ?? []).map((given) => index(given, false)),
    ]);
    const expiry = definition.TimeToLiveSpecification;
    if (expiry?.Enabled) this.expiryAttribute = expiry.AttributeName;
  }

  find({ id }: Key): StoredItem | undefined {
    return this.#items.get(id);
  }

  /**
   * Stores an item of `bytes` bytes under a key, or, if `item` is undefined, deletes what is stored there. Returns what the
   * table keeps under the key; undefined if it keeps nothing.
   */
  write(key: Key, item: Item | undefined, bytes: number, nowMs: number): StoredItem | undefined {
    this.#bury(nowMs);
    const stored = this.find(key) ?? (item === undefined ? undefined : this.#insert(key));
    if (stored === undefined) return undefined;
    if (item === undefined && stored.current.item === undefined) return stored;
    stored.replace({ item, bytes, sinceMs: nowMs }, nowMs - this.#historyMs);
    if (item === undefined) this.#deleted.push({ item: stored, atMs: nowMs });
    for (const index of this.indexes.values()) index.note(stored);
    return stored;
  }

  partition(id: string): Partition | undefined {
    return this.#partitions.get(id);
  }

  /** All partitions, in the order of scans. */
  get partitions(): readonly Partition[] {
    // If many partitions come between scans, sorting once is cheaper than inserting each in order.
    if (!this.#isSorted) this.#byHash.sort((a, b) => a.hash - b.hash || (a.id < b.id ? -1 : 1));
    this.#isSorted = true;
    return this.#byHash;
  }

  /** The current items, in the order of scans. */
  *items(): Generator<Item> {
    for (const { items } of this.partitions)
      for (const { current } of items) if (current.item !== undefined) yield current.item;
  }

  describe(): TableDescription {
    let count = 0;
    let bytes = 0;
    for (const { items } of this.partitions) {
      for (const { current } of items) {
        if (current.item === undefined) continue;
        count++;
        bytes += current.bytes;
      }
    }
    const { GlobalSecondaryIndexes: indexes, LocalSecondaryIndexes: localIndexes } = this.#definition;
    return {
      TableName: this.name,
      TableStatus: 'ACTIVE',
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${this.name}`,
      CreationDateTime: new Date(this.#createdMs),
      KeySchema: this.#definition.KeySchema,
      AttributeDefinitions: this.#definition.AttributeDefinitions,
      BillingModeSummary: { BillingMode: this.#definition.BillingMode ?? 'PAY_PER_REQUEST' },
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      ItemCount: count,
      TableSizeBytes: bytes,
      ...(indexes && {
        GlobalSecondaryIndexes: indexes.map((index) => ({
          ...index,
          IndexStatus: 'ACTIVE' as const,
          ProvisionedThroughput: undefined,
        })),
      }),
      ...(localIndexes && { LocalSecondaryIndexes: localIndexes }),
    };
  }

  #insert(key: Key): StoredItem {
    const stored = new StoredItem(key);
    this.#items.set(key.id, stored);
    const items = this.#partitions.get(key.partition)?.items;
    if (items === undefined) {
      // Most partitions have one item. An array that is made with its one element takes no memory for more.
      const partition = { id: key.partition, hash: partitionHash(key.partition), items: [stored] };
      this.#partitions.set(key.partition, partition);
      this.#byHash.push(partition);
      this.#isSorted = false;
      return stored;
    }
    items.splice(
      lowerBound(items, (item) => compareSort(item.key.sort, key.sort) < 0),
      0,
      stored,
    );
    return stored;
  }

  /** Removes the deleted items that no read can find any more. */
  #bury(nowMs: number): void {
    const keptSinceMs = nowMs - this.#historyMs;
    let buried = 0;
    while (buried < this.#deleted.length && this.#deleted[buried]!.atMs <= keptSinceMs) {
      const { item } = this.#deleted[buried++]!;
      item.forget(keptSinceMs);
      const partition = this.#partitions.get(item.key.partition);
      const place = partition?.items.indexOf(item) ?? -1;
      if (!item.isGone || partition === undefined || place < 0) continue;
      partition.items.splice(place, 1);
      this.#items.delete(item.key.id);
      if (partition.items.length > 0) continue;
      this.#partitions.delete(partition.id);
      const { hash, id } = partition;
      const order = lowerBound(
        this.partitions,
        (other) => other.hash < hash || (other.hash === hash && other.id < id),
      );
      this.#byHash.splice(order, 1);
    }
    if (buried > 0) this.#deleted = this.#deleted.slice(buried);
  }
}
