/** Where the items of a page of Query or Scan come from. */
import type { QueryCommandInput, ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { validationError } from './exceptions.ts';
import type { Store } from './store.ts';
import { lowerBound, type Partition, type Table } from './table.ts';
import type { TableIndex } from './table-index.ts';
import { compareSort, givenKey, type Key, type KeySchema, partitionHash } from './table-keys.ts';
import { handOutItem, type Item, takeInItem } from './values.ts';

const SEGMENTS_MAX = 1_000_000;
const HASHES = 2 ** 32;

/** An item on its way into a page. */
export type Candidate = { readonly item: Item; readonly bytes: number };

export type PageInput = QueryCommandInput | ScanCommandInput;

export type Source = {
  readonly table: Table;
  readonly index: TableIndex | undefined;
  readonly schema: KeySchema;
};

export const sourceOf = (store: Store, input: PageInput): Source => {
  const table = store.table(input.TableName);
  if (input.IndexName === undefined) return { table, index: undefined, schema: table.schema };
  const index = table.indexes.get(input.IndexName);
  if (index === undefined)
    throw validationError(`The table does not have the specified index: ${input.IndexName}`);
  if (index.isGlobal && input.ConsistentRead)
    throw validationError('Consistent reads are not supported on global secondary indexes');
  return { table, index, schema: index.schema };
};

export const keyAttributes = ({ table, schema }: Source, item: Item): Item => {
  const key: Item = {};
  for (const { partition, sort } of [table.schema, schema]) {
    key[partition.name] = item[partition.name]!;
    if (sort !== undefined) key[sort.name] = item[sort.name]!;
  }
  return handOutItem(key);
};

/** Where a page starts: after the item with this key in the table. `item` holds its keys in the table and in an index, if any. */
export type Start = { readonly key: Key; readonly item: Item };

/** Reads the key that a page starts after. Throws a ValidationException for an invalid key. */
export const startOf = ({ table, index, schema }: Source, given: Item | undefined): Start | undefined => {
  if (given === undefined) return undefined;
  const names = new Set(
    [table.schema, schema].flatMap(({ partition, sort }) => [partition.name, ...(sort ? [sort.name] : [])]),
  );
  if (Object.keys(given).length !== names.size || Object.keys(given).some((name) => !names.has(name)))
    throw validationError('The provided starting key is invalid');
  const item = takeInItem(given);
  if (index === undefined) return { key: givenKey(schema, item), item };
  const { partition, sort } = table.schema;
  const own: Item = { [partition.name]: item[partition.name]! };
  if (sort !== undefined) own[sort.name] = item[sort.name]!;
  return { key: givenKey(table.schema, own), item };
};

/** The items of one partition of the table at an instant; if a key is given, only those after it. */
export const partitionItems = function* (
  partition: Partition | undefined,
  instantMs: number,
  isForward: boolean,
  after: Key | undefined,
): Generator<Candidate> {
  const items = partition?.items ?? [];
  const step = isForward ? 1 : -1;
  let place = isForward ? 0 : items.length - 1;
  if (after !== undefined) {
    place = lowerBound(items, ({ key }) => compareSort(key.sort, after.sort) < (isForward ? 1 : 0));
    if (isForward) {
      const found = items[place];
      if (found !== undefined && compareSort(found.key.sort, after.sort) === 0) place++;
    } else {
      place--;
    }
  }
  for (; place >= 0 && place < items.length; place += step) {
    const { item, bytes } = items[place]!.at(instantMs);
    if (item !== undefined) yield { item, bytes };
  }
};

/** The entries of one partition of an index, or of all its partitions, at an instant; with a start, only those after it. */
export const indexItems = function* (
  index: TableIndex,
  partition: string | undefined,
  instantMs: number,
  { isForward, start }: { isForward: boolean; start: Start | undefined },
): Generator<Candidate> {
  const entries = index.entries(partition, instantMs);
  if (!isForward) entries.reverse();
  for (const entry of entries) {
    const order =
      start === undefined
        ? 1
        : index.compare(
            { item: entry.item, id: entry.stored.key.id },
            { item: start.item, id: start.key.id },
          );
    if (isForward ? order > 0 : order < 0 || start === undefined) yield entry;
  }
};

const segmentOf = (hash: number, segments: number): number => Math.floor((hash / HASHES) * segments);

export const checkSegments = ({ Segment: segment, TotalSegments: segments }: ScanCommandInput): void => {
  if ((segment === undefined) !== (segments === undefined)) {
    throw validationError(
      segment === undefined
        ? 'The Segment parameter is required but was not present in the request when parameter TotalSegments is present'
        : 'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (segment === undefined || segments === undefined) return;
  if (segments < 1 || segments > SEGMENTS_MAX || segment < 0 || segment >= segments) {
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${segments}`,
    );
  }
};

/** The items of a table or of one segment of it, in the order of scans; with a key, only those after it. */
export const scannedItems = function* (
  table: Table,
  instantMs: number,
  after: Key | undefined,
  input: ScanCommandInput,
): Generator<Candidate> {
  const { Segment: segment = 0, TotalSegments: segments = 1 } = input;
  const { partitions } = table;
  const hash =
    after === undefined ? Math.ceil((segment / segments) * HASHES) : partitionHash(after.partition);
  const start = lowerBound(
    partitions,
    (other) =>
      other.hash < hash || (other.hash === hash && after !== undefined && other.id < after.partition),
  );
  for (let i = start; i < partitions.length; i++) {
    const partition = partitions[i]!;
    const place = segmentOf(partition.hash, segments);
    if (place > segment) return;
    if (place === segment)
      yield* partitionItems(
        partition,
        instantMs,
        true,
        partition.id === after?.partition ? after : undefined,
      );
  }
};
