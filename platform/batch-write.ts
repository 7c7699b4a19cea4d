import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { chunks } from './collections.ts';
import type { Item } from './item.ts';
import { backoff } from './retry.ts';
import type { Runtime } from './runtime.ts';

/** BatchWriteItem takes at most 25 items. */
const MAX_WRITES_PER_CALL = 25;
const MAX_ATTEMPTS = 10;

/**
 * Puts items under distinct keys and replaces those that exist. Throws unless every one was written; some may have been
 * written by then.
 */
export const batchWrite = async (runtime: Runtime, table: string, items: readonly Item[]): Promise<void> => {
  for (const chunk of chunks(items, MAX_WRITES_PER_CALL)) {
    let rest = chunk.map((item) => ({ PutRequest: { Item: item } }));
    for (let attempt = 0; rest.length > 0; attempt++) {
      if (attempt === MAX_ATTEMPTS) {
        throw new Error(`table ${table}: ${rest.length} items not written in ${attempt} attempts`);
      }
      if (attempt > 0) await backoff(runtime, attempt);
      const { UnprocessedItems: unprocessed } = await runtime.dynamodb.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: rest } }),
      );
      rest = (unprocessed?.[table] ?? []) as typeof rest;
    }
  }
};
