import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from './item.ts';
import type { Runtime } from './runtime.ts';

type Query = Omit<QueryCommandInput, 'ExclusiveStartKey' | 'ConsistentRead'>;

/**
 * The items that a query finds, in the order of their sort keys, strongly consistent. Only one page, of at most 1 MB, is in
 * memory at a time.
 */
export const queryPages = async function* (runtime: Runtime, query: Query): AsyncGenerator<Item> {
  let startKey: Item | undefined;
  do {
    const page = await runtime.dynamodb.send(
      new QueryCommand({
        ...query,
        ConsistentRead: true,
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      }),
    );
    yield* page.Items ?? [];
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
};

/** All items that a query finds, in the order of {@link queryPages}. */
export const queryAll = (runtime: Runtime, query: Query): Promise<Item[]> =>
  Array.fromAsync(queryPages(runtime, query));
