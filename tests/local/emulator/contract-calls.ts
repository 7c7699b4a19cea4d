import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  attributes,
  type Client,
  type ContractCase,
  failure,
  ITEM,
  keyOf,
  n,
  put,
  s,
  TableName,
} from './contract-cases.ts';

type Item = Record<string, AttributeValue>;

const unitsOf = async (call: Promise<unknown>): Promise<unknown> => {
  const { ConsumedCapacity } = (await call) as {
    ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
  };
  return [ConsumedCapacity].flat().reduce((sum, capacity) => sum + (capacity?.CapacityUnits ?? 0), 0);
};

const PADDED = (bytes: number): Item => ({ padding: s('x'.repeat(bytes)) });
const ReturnConsumedCapacity = 'TOTAL' as const;

export const UNITS: readonly ContractCase[] = [
  {
    policy: 'a write costs by the old or the new item, whichever is larger',
    observe: async (client, pk) => {
      await put(client, pk, PADDED(3_000));
      return unitsOf(client.send(new PutItemCommand({ TableName, Item: keyOf(pk), ReturnConsumedCapacity })));
    },
    expected: 3,
  },
  {
    policy: 'a transaction costs twice as much as its writes alone',
    observe: (client, pk) =>
      unitsOf(
        client.send(
          new TransactWriteItemsCommand({
            ReturnConsumedCapacity,
            TransactItems: [
              { Put: { TableName, Item: { ...keyOf(pk), ...PADDED(1_500) } } },
              {
                Update: {
                  TableName,
                  Key: keyOf(pk, 'b'),
                  UpdateExpression: 'SET a = :v',
                  ExpressionAttributeValues: { ':v': n(1) },
                },
              },
            ],
          }),
        ),
      ),
    expected: 6,
  },
  {
    policy: 'an eventually consistent read costs half',
    observe: async (client, pk) => {
      await put(client, pk, PADDED(5_000));
      const read = (ConsistentRead: boolean) =>
        unitsOf(
          client.send(
            new GetItemCommand({ TableName, Key: keyOf(pk), ConsistentRead, ReturnConsumedCapacity }),
          ),
        );
      return [await read(false), await read(true)];
    },
    expected: [1, 2],
  },
  {
    policy: 'a query costs by the total size of its items',
    observe: async (client, pk) => {
      for (const sk of ['a', 'b', 'c']) await put(client, pk, PADDED(1_500), sk);
      return unitsOf(client.send(queryOf(pk, { ConsistentRead: true, ReturnConsumedCapacity })));
    },
    expected: 2,
  },
  {
    policy: 'each item of a batched read is rounded up by itself',
    observe: async (client, pk) => {
      for (const sk of ['a', 'b', 'c']) await put(client, pk, PADDED(1_500), sk);
      const Keys = ['a', 'b', 'c', 'd'].map((sk) => keyOf(pk, sk));
      return unitsOf(
        client.send(
          new BatchGetItemCommand({
            RequestItems: { [TableName]: { Keys, ConsistentRead: true } },
            ReturnConsumedCapacity,
          }),
        ),
      );
    },
    expected: 4,
  },
];

const queryOf = (pk: string, input: object = {}, range = '', values: Item = {}) =>
  new QueryCommand({
    TableName,
    KeyConditionExpression: `pk = :pk${range}`,
    ExpressionAttributeValues: { ':pk': s(pk), ...values },
    ...input,
  });

const sortKeys = async (
  call: Promise<{ Items?: Item[]; LastEvaluatedKey?: Item; ScannedCount?: number }>,
) => {
  const { Items: items = [], LastEvaluatedKey: last } = await call;
  return [items.map(({ sk }) => sk!.S).join(' '), last?.sk?.S ?? null];
};

/** A case of what a query of a partition with six items finds, and of the key at which its page ends. */
const queryCase = (
  policy: string,
  [input, range, values]: [input: object, range?: string, values?: Item],
  expected: [found: string, last: string | null],
): ContractCase => ({
  policy,
  observe: async (client, pk) => {
    for (const [i, sk] of ['a', 'a#1', 'a#2', 'b', 'ｚ', '😀'].entries())
      await put(client, pk, { odd: { BOOL: i % 2 === 1 } }, sk);
    const start = (input as { ExclusiveStartKey?: Item }).ExclusiveStartKey;
    return sortKeys(
      client.send(
        queryOf(
          pk,
          { ...input, ...(start && { ExclusiveStartKey: { ...start, pk: s(pk) } }) },
          range,
          values,
        ),
      ),
    );
  },
  expected,
});

export const QUERIES: readonly ContractCase[] = [
  queryCase('strings are ordered by their UTF-8 bytes', [{}], ['a a#1 a#2 b ｚ 😀', null]),
  queryCase('a query goes backwards', [{ ScanIndexForward: false, Limit: 2 }], ['😀 ｚ', 'ｚ']),
  queryCase('a query takes a prefix', [{}, ' AND begins_with(sk, :p)', { ':p': s('a#') }], ['a#1 a#2', null]),
  queryCase(
    'BETWEEN includes both of its bounds',
    [{}, ' AND sk BETWEEN :l AND :h', { ':l': s('a#1'), ':h': s('b') }],
    ['a#1 a#2 b', null],
  ),
  queryCase(
    'a bound on the sort key limits a query',
    [{}, ' AND sk > :l', { ':l': s('a#2') }],
    ['b ｚ 😀', null],
  ),
  queryCase('a page that is full names its last key', [{ Limit: 6 }], ['a a#1 a#2 b ｚ 😀', '😀']),
  queryCase(
    'a page goes on after a key, even one that is not there',
    [{ ExclusiveStartKey: { sk: s('a#15') }, Limit: 1 }],
    ['a#2', 'a#2'],
  ),
  queryCase(
    'going backwards starts before the key',
    [{ ScanIndexForward: false, ExclusiveStartKey: { sk: s('a#2') } }],
    ['a#1 a', null],
  ),
  queryCase(
    'a limit counts the items before they are filtered',
    [{ FilterExpression: 'odd = :yes', Limit: 3 }, '', { ':yes': { BOOL: true } }],
    ['a#1', 'a#2'],
  ),
  {
    policy: 'a page ends at 1 MB',
    observe: async (client, pk) => {
      for (const sk of ['a', 'b', 'c']) await put(client, pk, PADDED(390_000), sk);
      return sortKeys(client.send(queryOf(pk)));
    },
    expected: ['a b', 'b'],
  },
  {
    policy: 'a filter on the key is refused',
    observe: (client, pk) =>
      failure(client.send(queryOf(pk, { FilterExpression: 'sk = :s' }, '', { ':s': s('a') }))),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'a query needs one exact partition key',
    observe: (client, pk) =>
      failure(
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk > :pk',
            ExpressionAttributeValues: { ':pk': s(pk) },
          }),
        ),
      ),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'a projection names parts of an item',
    observe: async (client, pk) => {
      await put(client, pk, ITEM);
      const { Items } = await client.send(
        queryOf(pk, {
          ProjectionExpression: '#m.paid, #l[2], #l[0], absent',
          ExpressionAttributeNames: { '#m': 'map', '#l': 'list' },
        }),
      );
      return Items;
    },
    expected: [{ map: { M: { paid: n(5) } }, list: { L: [n(1), { M: { deep: s('x') } }] } }],
  },
  {
    policy: 'an index has only the items with its key, in the order of their numbers',
    observe: async (client, pk) => {
      const ranks = { a: '10', b: '9', c: undefined, d: '-1' };
      for (const [sk, rank] of Object.entries(ranks))
        await put(client, pk, { group: s(pk), ...(rank && { rank: n(rank) }) }, sk);
      return sortKeys(
        client.send(
          new QueryCommand({
            TableName,
            IndexName: 'ByGroup',
            KeyConditionExpression: '#g = :g',
            ExpressionAttributeNames: { '#g': 'group' },
            ExpressionAttributeValues: { ':g': s(pk) },
          }),
        ),
      );
    },
    expected: ['d b a', null],
  },
  {
    policy: 'the segments of a scan together give each item of the table once',
    observe: async (client, pk) => {
      for (let i = 0; i < 40; i++) await put(client, `${pk}-${i}`);
      const found: string[] = [];
      for (let Segment = 0; Segment < 3; Segment++) {
        let ExclusiveStartKey: Item | undefined;
        do {
          const page = await client.send(
            new ScanCommand({
              TableName,
              Segment,
              TotalSegments: 3,
              Limit: 7,
              ...(ExclusiveStartKey && { ExclusiveStartKey }),
            }),
          );
          for (const { pk: own } of page.Items ?? []) if (own!.S!.startsWith(`${pk}-`)) found.push(own!.S!);
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey !== undefined);
      }
      return [found.length, new Set(found).size];
    },
    expected: [40, 40],
  },
];

const transact = (client: Client, ...TransactItems: TransactWriteItem[]) =>
  client.send(new TransactWriteItemsCommand({ TransactItems }));

const execute = async (
  client: Client,
  ...statements: [Statement: string, Parameters: AttributeValue[]][]
) => {
  const { Responses: responses = [] } = await client.send(
    new BatchExecuteStatementCommand({
      Statements: statements.map(([Statement, Parameters]) => ({ Statement, Parameters })),
    }),
  );
  return responses.map(({ Error: error }) => error?.Code ?? null);
};

const INSERT = `INSERT INTO "${TableName}" VALUE {'pk': ?, 'sk': 'a', 'a': ?}`;
const UPDATE = `UPDATE "${TableName}" SET "a" = ? WHERE "pk" = ? AND "sk" = 'a' AND "a" = ?`;

const isNew = 'attribute_not_exists(pk)';

/** What writes and batches do, and what their refusals say. */
export const WRITES: readonly ContractCase[] = [
  {
    policy: 'a refused write shows the item if the request asks for it',
    observe: async (client, pk) => {
      await put(client, pk, { a: n(1) });
      const item = await failure(
        client.send(
          new PutItemCommand({
            TableName,
            Item: keyOf(pk),
            ConditionExpression: isNew,
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return (item as { item: Item }).item.a;
    },
    expected: n(1),
  },
  {
    policy: 'an update can answer with the new values of the attributes that it changed',
    observe: async (client, pk) => {
      await put(client, pk, { a: n(1), b: n(2) });
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(pk),
          UpdateExpression: 'SET a = a + :v',
          ExpressionAttributeValues: { ':v': n(1) },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return Attributes;
    },
    expected: { a: n(2) },
  },
  {
    policy: 'a transaction that names an item twice is refused',
    observe: (client, pk) =>
      failure(
        transact(
          client,
          { Put: { TableName, Item: keyOf(pk) } },
          { ConditionCheck: { TableName, Key: keyOf(pk), ConditionExpression: isNew } },
        ),
      ),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'the reasons of a cancellation are in the order of the actions',
    observe: async (client, pk) => {
      await put(client, pk, { a: n(1) });
      const refused = await failure(
        transact(
          client,
          { Put: { TableName, Item: keyOf(pk, 'b') } },
          { ConditionCheck: { TableName, Key: keyOf(pk), ConditionExpression: isNew } },
          { Delete: { TableName, Key: keyOf(pk, 'c') } },
        ),
      );
      return [refused, (await attributes(client, pk, 'b')) ?? null];
    },
    expected: [
      {
        name: 'TransactionCanceledException',
        codes: ['None', 'ConditionalCheckFailed', 'None'],
        items: [null, null, null],
      },
      null,
    ],
  },
  {
    policy: 'a transaction takes no more than 100 actions',
    observe: (client, pk) =>
      failure(
        transact(
          client,
          ...Array.from({ length: 101 }, (_, i) => ({ Put: { TableName, Item: keyOf(pk, `${i}`) } })),
        ),
      ),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'a request that is repeated with its token changes nothing; another with that token is refused',
    observe: async (client, pk) => {
      const request = (value: number) =>
        client.send(
          new TransactWriteItemsCommand({
            ClientRequestToken: pk,
            TransactItems: [
              {
                Update: {
                  TableName,
                  Key: keyOf(pk),
                  UpdateExpression: 'ADD a :v',
                  ExpressionAttributeValues: { ':v': n(value) },
                },
              },
            ],
          }),
        );
      await request(1);
      await request(1);
      return [await attributes(client, pk), await failure(request(2))];
    },
    expected: [{ a: n(1) }, { name: 'IdempotentParameterMismatchException' }],
  },
  {
    policy: 'each statement of a batch succeeds or fails by itself',
    observe: async (client, pk) => {
      const codes = await execute(
        client,
        [INSERT, [s(pk), n(1)]],
        [INSERT, [s(`${pk}-2`), n(1)]],
        [UPDATE, [n(2), s(`${pk}-none`), n(1)]],
      );
      const again = await execute(client, [INSERT, [s(pk), n(5)]], [UPDATE, [n(2), s(`${pk}-2`), n(1)]]);
      return [codes, again, await attributes(client, pk), await attributes(client, `${pk}-2`)];
    },
    expected: [[null, null, 'ConditionalCheckFailed'], ['DuplicateItem', null], { a: n(1) }, { a: n(2) }],
  },
  {
    policy: 'a batch of writes puts and deletes',
    observe: async (client, pk) => {
      await put(client, pk);
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            [TableName]: [
              { DeleteRequest: { Key: keyOf(pk) } },
              { PutRequest: { Item: { ...keyOf(pk, 'b'), a: n(1) } } },
            ],
          },
        }),
      );
      return [UnprocessedItems, (await attributes(client, pk)) ?? null, await attributes(client, pk, 'b')];
    },
    expected: [{}, null, { a: n(1) }],
  },
  {
    policy: 'a batch that names an item twice is refused',
    observe: (client, pk) =>
      failure(
        client.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [keyOf(pk), keyOf(pk)] } } }),
        ),
      ),
    expected: { name: 'ValidationException' },
  },
];
