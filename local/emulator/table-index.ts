import type { GlobalSecondaryIndex, LocalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { validationError } from './exceptions.ts';
import { itemBytes } from './sizes.ts';
import type { StoredItem, Version } from './stored-item.ts';
import { compareSort, type KeySchema, scalarId } from './table-keys.ts';
import { areEqual, type Item, typeOf } from './values.ts';

/** An item as an index shows it. */
export type Entry = { readonly item: Item; readonly bytes: number; readonly stored: StoredItem };

/** An item's position in an index: its attributes, and its key in the table. */
type Place = { readonly item: Item; readonly id: string };

/** The keys of an index and of its table. A global index has its own partitions. */
type IndexPlace = { readonly schema: KeySchema; readonly table: KeySchema; readonly isGlobal: boolean };

const writeUnitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/**
 * A secondary index. It keeps no items of its own: what it shows at an instant follows from the versions of the table's items,
 * so an index that lags shows an earlier state of the table.
 */
export class TableIndex {
  readonly name: string;
  readonly schema: KeySchema;
  readonly isGlobal: boolean;
  readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly #projected: ReadonlySet<string> | undefined;
  /** The items of the table that are, or recently were, in each partition of the index, by the partition's id. */
  readonly #partitions = new Map<string, Set<StoredItem>>();

  constructor(
    definition: GlobalSecondaryIndex | LocalSecondaryIndex,
    { schema, table, isGlobal }: IndexPlace,
  ) {
    this.name = definition.IndexName!;
    this.schema = schema;
    this.isGlobal = isGlobal;
    this.projection = definition.Projection?.ProjectionType ?? 'ALL';
    this.#projected =
      this.projection === 'ALL'
        ? undefined
        : new Set([
            ...[schema, table].flatMap(({ partition, sort }) => [
              partition.name,
              ...(sort ? [sort.name] : []),
            ]),
            ...(definition.Projection?.NonKeyAttributes ?? []),
          ]);
  }

  /**
   * Throws a ValidationException for an item that DynamoDB refuses because its key in the index has a wrong type or is empty.
   */
  check(item: Item): void {
    const { partition, sort } = this.schema;
    for (const attribute of sort === undefined ? [partition] : [partition, sort]) {
      const value = item[attribute.name];
      if (value === undefined || typeOf(value) === attribute.type) {
        if (value?.S !== '') continue;
        throw validationError(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${this.name}, IndexKey: ${attribute.name}`,
        );
      }
      throw validationError(
        `One or more parameter values were invalid: Type mismatch for Index Key ${attribute.name} Expected: ${attribute.type} Actual: ${typeOf(value)} IndexName: ${this.name}`,
      );
    }
  }

  /** The id of the index's partition that an item is in; undefined if the item is not in the index. */
  partitionOf(item: Item | undefined): string | undefined {
    const { partition, sort } = this.schema;
    const value = item?.[partition.name];
    if (value === undefined || (sort !== undefined && item![sort.name] === undefined)) return undefined;
    return scalarId(value);
  }

  /** Updates the index for a new version of an item. */
  note(stored: StoredItem): void {
    const id = this.partitionOf(stored.current.item);
    if (id === undefined) return;
    const items = this.#partitions.get(id);
    if (items === undefined) this.#partitions.set(id, new Set([stored]));
    else items.add(stored);
  }

  /** The entries of a partition, or of all partitions, at an instant, in order. */
  entries(partition: string | undefined, atMs: number): Entry[] {
    const ids = partition === undefined ? [...this.#partitions.keys()].sort() : [partition];
    return ids.flatMap((id) => this.#entriesOf(id, atMs));
  }

  #entriesOf(id: string, atMs: number): Entry[] {
    const items = this.#partitions.get(id);
    if (items === undefined) return [];
    const entries: Entry[] = [];
    for (const stored of items) {
      if (!stored.versions.some(({ item }) => this.partitionOf(item) === id)) {
        items.delete(stored);
        continue;
      }
      const { item } = stored.at(atMs);
      if (item === undefined || this.partitionOf(item) !== id) continue;
      const shown = this.#shown(item);
      entries.push({ item: shown, bytes: itemBytes(shown), stored });
    }
    return entries.sort((a, b) =>
      this.compare({ item: a.item, id: a.stored.key.id }, { item: b.item, id: b.stored.key.id }),
    );
  }

  /** Orders entries by partition, then by sort key, then by the key in the table. */
  compare(a: Place, b: Place): number {
    const [left, right] = [this.partitionOf(a.item)!, this.partitionOf(b.item)!];
    if (left !== right) return left < right ? -1 : 1;
    const sort = this.schema.sort?.name;
    const order = sort === undefined ? 0 : compareSort(a.item[sort], b.item[sort]);
    if (order !== 0) return order;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  }

  /** The write units that a write to the table costs in this index. */
  writeUnits(before: Version['item'], after: Version['item']): number {
    const [from, to] = [this.partitionOf(before), this.partitionOf(after)];
    const old = from === undefined ? undefined : this.#shown(before!);
    const next = to === undefined ? undefined : this.#shown(after!);
    if (old === undefined) return next === undefined ? 0 : writeUnitsOf(itemBytes(next));
    if (next === undefined) return writeUnitsOf(itemBytes(old));
    if (areEqual({ M: old }, { M: next })) return 0;
    const sort = this.schema.sort?.name;
    const stays = from === to && (sort === undefined || areEqual(old[sort]!, next[sort]!));
    return stays
      ? writeUnitsOf(Math.max(itemBytes(old), itemBytes(next)))
      : writeUnitsOf(itemBytes(old)) + writeUnitsOf(itemBytes(next));
  }

  #shown(item: Item): Item {
    if (this.#projected === undefined) return item;
    return Object.fromEntries(Object.entries(item).filter(([name]) => this.#projected!.has(name)));
  }
}
