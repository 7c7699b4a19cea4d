import { QueryCommand, type QueryCommandInput, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
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
    const page = await readPage(runtime, query, startKey);
    yield* page.Items ?? [];
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
};

const readPage = (runtime: Runtime, query: Query, startKey: Item | undefined): Promise<QueryCommandOutput> =>
  runtime.dynamodb.send(
    new QueryCommand({
      ...query,
      ConsistentRead: true,
      ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
    }),
  );

/** All items that a query finds, in the order of {@link queryPages}. They are not awaited one by one, which takes longer. */
export const queryAll = async (runtime: Runtime, query: Query): Promise<Item[]> => {
  const all: Item[] = [];
  let startKey: Item | undefined;
  do {
    const page = await readPage(runtime, query, startKey);
    for (const item of page.Items ?? []) all.push(item);
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return all;
};
