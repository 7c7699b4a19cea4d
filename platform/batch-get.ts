/** Reads any number of items by their keys. */
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { chunks } from './collections.ts';
import { CALLS_AT_ONCE, mapLimited } from './concurrency.ts';
import type { Item } from './item.ts';
import { backoff } from './retry.ts';
import type { Runtime } from './runtime.ts';

/** BatchGetItem takes at most 100 keys. */
const MAX_READS_PER_CALL = 100;
const MAX_ATTEMPTS = 8;

const readCall = async (runtime: Runtime, table: string, keys: Item[]): Promise<Item[]> => {
  const found: Item[] = [];
  let rest = keys;
  for (let attempt = 0; rest.length > 0; attempt++) {
    if (attempt === MAX_ATTEMPTS)
      throw new Error(`table ${table}: ${rest.length} items not read in ${attempt} attempts`);
    const { Responses: responses, UnprocessedKeys: unprocessed } = await runtime.dynamodb.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: rest, ConsistentRead: true } } }),
    );
    found.push(...(responses?.[table] ?? []));
    const left = (unprocessed?.[table]?.Keys ?? []) as Item[];
    // A response holds at most 16 MB, so unprocessed keys are normal with large items. Wait only if nothing was read.
    if (left.length === rest.length) await backoff(runtime, attempt);
    else attempt = -1;
    rest = left;
  }
  return found;
};

/** Reads the items under these distinct keys, strongly consistent, in any order. Keys without an item are left out. */
export const batchGet = async (runtime: Runtime, table: string, keys: readonly Item[]): Promise<Item[]> =>
  (
    await mapLimited(chunks(keys, MAX_READS_PER_CALL), CALLS_AT_ONCE, (call) =>
      readCall(runtime, table, call),
    )
  ).flat();
