/** DynamoDB's BatchWriteItem. */
import type {
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { throttled, validationError } from './exceptions.ts';
import { type CallUnits, consumedCapacity, flightId, noUnits, type Store } from './store.ts';
import { apply, effectOf, payFor, prepareWrite, type Write } from './writes.ts';

const BATCH_WRITES_MAX = 25;

const prepareRequest = (
  store: Store,
  TableName: string,
  { PutRequest, DeleteRequest }: WriteRequest,
): Write => {
  if ((PutRequest === undefined) === (DeleteRequest === undefined)) {
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of PutRequest or DeleteRequest',
    );
  }
  return PutRequest === undefined
    ? prepareWrite(store, 'delete', { TableName, Key: DeleteRequest!.Key })
    : prepareWrite(store, 'put', { TableName, Item: PutRequest.Item });
};

/**
 * BatchWriteItem: up to 25 separate puts and deletes. A write that is throttled or conflicts with a
 * transaction is returned as unprocessed. If no write is done, the call is throttled.
 */
export const batchWrite = (
  store: Store,
  input: BatchWriteItemCommandInput,
): Omit<BatchWriteItemCommandOutput, '$metadata'> => {
  const writes = Object.entries(input.RequestItems ?? {}).flatMap(([name, requests]) =>
    requests.map((request) => ({ name, request, write: prepareRequest(store, name, request) })),
  );
  if (writes.length === 0 || writes.length > BATCH_WRITES_MAX) {
    throw validationError(
      `1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${BATCH_WRITES_MAX}, Member must have length greater than or equal to 1]`,
    );
  }
  if (new Set(writes.map(({ write: { table, key } }) => flightId(table, key))).size < writes.length)
    throw validationError('Provided list of item keys contains duplicates');
  const unprocessed: Record<string, WriteRequest[]> = {};
  const byTable = new Map<string, CallUnits>();
  for (const { name, request, write } of writes) {
    const { table, key } = write;
    if (store.isInFlight(table, key) || !store.admitsInBatch('write', table, key.partition)) {
      unprocessed[name] = [...(unprocessed[name] ?? []), request];
      continue;
    }
    const effect = effectOf(write, 1);
    payFor(store, effect);
    apply(store, effect);
    const sum = byTable.get(table.name) ?? noUnits();
    byTable.set(table.name, sum);
    sum.table += effect.units.table;
    for (const [index, units] of effect.units.indexes)
      sum.indexes.set(index, (sum.indexes.get(index) ?? 0) + units);
  }
  if (byTable.size === 0) throw throttled();
  const consumed = [...byTable]
    .map(([name, units]) => consumedCapacity(input.ReturnConsumedCapacity, name, units))
    .filter((capacity) => capacity !== undefined);
  return {
    UnprocessedItems: unprocessed,
    ...(consumed.length === 0 ? {} : { ConsumedCapacity: consumed }),
  };
};
