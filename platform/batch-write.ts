/** Writes or deletes any number of items, without conditions. */
import {
  BatchWriteItemCommand,
  ProvisionedThroughputExceededException,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { chunks } from './collections.ts';
import { CALLS_AT_ONCE, mapLimited } from './concurrency.ts';
import type { Item } from './item.ts';
import { backoff } from './retry.ts';
import type { Runtime } from './runtime.ts';

/** BatchWriteItem takes at most 25 items. */
const MAX_WRITES_PER_CALL = 25;
const MAX_ATTEMPTS = 10;

const writeCall = async (
  runtime: Runtime,
  table: string,
  requests: readonly WriteRequest[],
): Promise<void> => {
  let rest = [...requests];
  for (let attempt = 0; rest.length > 0; attempt++) {
    if (attempt === MAX_ATTEMPTS)
      throw new Error(`table ${table}: ${rest.length} items not written in ${attempt} attempts`);
    if (attempt > 0) await backoff(runtime, attempt);
    try {
      const { UnprocessedItems: unprocessed } = await runtime.dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: rest } }),
      );
      rest = unprocessed?.[table] ?? [];
    } catch (error) {
      // If every item is throttled, the service throws instead of returning all of them as unprocessed.
      if (!(error instanceof ProvisionedThroughputExceededException)) throw error;
    }
  }
};

const writeAll = async (
  runtime: Runtime,
  table: string,
  requests: readonly WriteRequest[],
): Promise<void> => {
  await mapLimited(chunks(requests, MAX_WRITES_PER_CALL), CALLS_AT_ONCE, (call) =>
    writeCall(runtime, table, call),
  );
};

/**
 * Puts items, whose keys must be distinct, and replaces those that exist. Throws if any item could not be written. Others may
 * then have been written.
 */
export const batchWrite = (runtime: Runtime, table: string, items: readonly Item[]): Promise<void> =>
  writeAll(
    runtime,
    table,
    items.map((item) => ({ PutRequest: { Item: item } })),
  );

/**
 * Deletes the items under these keys, which must be distinct; keys without an item are ignored. Throws if any item could not be
 * deleted. Others may then have been deleted.
 */
export const batchDelete = (runtime: Runtime, table: string, keys: readonly Item[]): Promise<void> =>
  writeAll(
    runtime,
    table,
    keys.map((key) => ({ DeleteRequest: { Key: key } })),
  );
