/** Reads all pages of a query. */
import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from './item.ts';
import type { Runtime } from './runtime.ts';

type Query = Omit<QueryCommandInput, 'ExclusiveStartKey' | 'ConsistentRead'>;

/** The pages that a query finds, each of at most 1 MB, in strongly consistent reads. With `after`, they begin after that key. */
export const queryEachPage = async function* (
  runtime: Runtime,
  query: Query,
  after?: Item,
): AsyncGenerator<Item[]> {
  let startKey = after;
  do {
    const page = await runtime.dynamodb.send(
      new QueryCommand({
        ...query,
        ConsistentRead: true,
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      }),
    );
    if (page.Items !== undefined && page.Items.length > 0) yield page.Items;
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
};

/** The items that a query finds, in the order of their sort keys. Only one page is in memory at a time. */
export const queryPages = async function* (runtime: Runtime, query: Query): AsyncGenerator<Item> {
  for await (const page of queryEachPage(runtime, query)) yield* page;
};

/** All items that a query finds, in the order of {@link queryPages}. To await them one by one would take longer. */
export const queryAll = async (runtime: Runtime, query: Query): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const page of queryEachPage(runtime, query)) for (const item of page) all.push(item);
  return all;
};
