/** DynamoDB's GetItem and BatchGetItem, and what reads cost. */
import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  KeysAndAttributes,
} from '@aws-sdk/client-dynamodb';
import { throttled, validationError } from './exceptions.ts';
import { projected } from './expressions/projections.ts';
import { consumedCapacity, flightId, noUnits, type Store } from './store.ts';
import type { Table } from './table.ts';
import { givenKey, type Key } from './table-keys.ts';
import type { Item } from './values.ts';

const READ_UNIT_BYTES = 4096;
const BATCH_KEYS_MAX = 100;
const BATCH_BYTES_MAX = 16 * 1024 * 1024;

/** Read units for a number of bytes. An item that does not exist costs as much as the smallest one. */
export const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) / (isConsistent ? 1 : 2);

/** GetItem. */
export const getItem = (
  store: Store,
  input: GetItemCommandInput,
): Omit<GetItemCommandOutput, '$metadata'> => {
  const table = store.table(input.TableName);
  const { projection } = store.expressions.bind(input);
  const key = givenKey(table.schema, input.Key);
  if (!store.admits('read', table, key.partition)) throw throttled();
  const isConsistent = input.ConsistentRead === true;
  const version = table.find(key)?.at(store.readInstant(table, isConsistent));
  const units = readUnits(version?.bytes ?? 0, isConsistent);
  store.pay('read', table, key.partition, units);
  const consumed = consumedCapacity(input.ReturnConsumedCapacity, table.name, { ...noUnits(), table: units });
  return {
    ...(version?.item === undefined ? {} : { Item: projected(version.item, projection) }),
    ...(consumed === undefined ? {} : { ConsumedCapacity: consumed }),
  };
};

type TableReads = {
  readonly table: Table;
  readonly request: KeysAndAttributes;
  readonly keys: readonly Key[];
  readonly items: Item[];
  readonly unread: Item[];
  units: number;
};

/** Reads a table's keys, except those that are throttled or whose items do not fit into the answer; returns the bytes read. */
const readKeys = (store: Store, reads: TableReads, bytesLeft: number): number => {
  const { table, request, keys, items, unread } = reads;
  const { projection } = store.expressions.bind(request);
  const isConsistent = request.ConsistentRead === true;
  const instantMs = store.readInstant(table, isConsistent);
  let bytes = 0;
  for (const [i, key] of keys.entries()) {
    const version = table.find(key)?.at(instantMs);
    const size = version?.bytes ?? 0;
    if (bytes + size > bytesLeft || !store.admitsInBatch('read', table, key.partition)) {
      unread.push(request.Keys![i]!);
      continue;
    }
    bytes += size;
    const units = readUnits(size, isConsistent);
    reads.units += units;
    store.pay('read', table, key.partition, units);
    if (version?.item !== undefined) items.push(projected(version.item, projection));
  }
  return bytes;
};

const checkKeys = (reads: readonly TableReads[]): void => {
  const ids = reads.flatMap(({ table, keys }) => keys.map((key) => flightId(table, key)));
  if (ids.length === 0 || ids.length > BATCH_KEYS_MAX) {
    throw validationError(
      ids.length === 0
        ? "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1"
        : 'Too many items requested for the BatchGetItem call',
    );
  }
  if (new Set(ids).size < ids.length) throw validationError('Provided list of item keys contains duplicates');
};

/** BatchGetItem: up to 100 keys and 16 MB; a key that is throttled or whose item does not fit is returned as unprocessed. */
export const batchGet = (
  store: Store,
  input: BatchGetItemCommandInput,
): Omit<BatchGetItemCommandOutput, '$metadata'> => {
  const reads = Object.entries(input.RequestItems ?? {}).map(([name, request]): TableReads => {
    const table = store.table(name);
    const keys = (request.Keys ?? []).map((key) => givenKey(table.schema, key));
    return { table, request, keys, items: [], unread: [], units: 0 };
  });
  checkKeys(reads);
  let bytesLeft = BATCH_BYTES_MAX;
  for (const read of reads) bytesLeft -= readKeys(store, read, bytesLeft);
  if (reads.every(({ units }) => units === 0)) throw throttled();
  const consumed = reads
    .map(({ table, units }) =>
      consumedCapacity(input.ReturnConsumedCapacity, table.name, { ...noUnits(), table: units }),
    )
    .filter((capacity) => capacity !== undefined);
  return {
    Responses: Object.fromEntries(reads.map(({ table, items }) => [table.name, items])),
    UnprocessedKeys: Object.fromEntries(
      reads
        .filter(({ unread }) => unread.length > 0)
        .map(({ table, request, unread }) => [table.name, { ...request, Keys: unread }]),
    ),
    ...(consumed.length === 0 ? {} : { ConsumedCapacity: consumed }),
  };
};
