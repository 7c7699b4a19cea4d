import type { AttributeValue, BatchWriteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';

const send = vi.hoisted(() => vi.fn());
vi.mock('#lambdas/shared/dynamodb.ts', () => ({ dynamodb: { send } }));
vi.mock('#lambdas/shared/retry.ts', () => ({ backoff: () => Promise.resolve() }));

const { batchWrite } = await import('#lambdas/shared/batch-write.ts');
const { queryAll, queryPages } = await import('#lambdas/shared/query-pages.ts');

type Item = Record<string, AttributeValue>;
const itemsUpTo = (count: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({ key: { N: `${i}` } }));
const requestsOf = ({ input }: BatchWriteItemCommand) => input.RequestItems!.rows!;

test('items are written 25 at a call, and what a call leaves is written by the next', async () => {
  const written: (Item | undefined)[] = [];
  const sizes: number[] = [];
  send.mockReset().mockImplementation(async (command: BatchWriteItemCommand) => {
    const requests = requestsOf(command);
    sizes.push(requests.length);
    const done = Math.ceil(requests.length / 2);
    written.push(...requests.slice(0, done).map(({ PutRequest: put }) => put?.Item));
    return { UnprocessedItems: done === requests.length ? {} : { rows: requests.slice(done) } };
  });
  await batchWrite('rows', itemsUpTo(30));
  expect(written).toEqual(itemsUpTo(30));
  expect(sizes).toEqual([25, 12, 6, 3, 1, 5, 2, 1]);
});

test('items that are never taken are an error that says how many', async () => {
  send.mockReset().mockImplementation(async ({ input }: BatchWriteItemCommand) => ({
    UnprocessedItems: input.RequestItems,
  }));
  await expect(batchWrite('rows', itemsUpTo(3))).rejects.toThrow(
    'table rows: 3 items not written in 10 attempts',
  );
});

test('a query is followed over its pages, the empty ones too, and always strongly consistent', async () => {
  const pages = [itemsUpTo(3), [], itemsUpTo(2)];
  const asked: QueryCommand['input'][] = [];
  const answer = async ({ input }: QueryCommand) => {
    asked.push(input);
    const at = Number(input.ExclusiveStartKey?.page?.N ?? 0);
    return { Items: pages[at], ...(at < 2 ? { LastEvaluatedKey: { page: { N: `${at + 1}` } } } : {}) };
  };
  send.mockReset().mockImplementation(answer);
  expect(await queryAll({ TableName: 'rows' })).toEqual(pages.flat());
  expect(asked.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true, true]);
});

test('a query that is left early asks for no page that nobody needs', async () => {
  send.mockReset().mockResolvedValue({ Items: itemsUpTo(2), LastEvaluatedKey: { page: { N: '1' } } });
  for await (const item of queryPages({ TableName: 'rows' })) if (item.key?.N === '1') break;
  expect(send).toHaveBeenCalledTimes(1);
});
