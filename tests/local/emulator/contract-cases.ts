import {
  type AttributeValue,
  type CreateTableCommandInput,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

export type Client = Pick<DynamoDBClient, 'send'>;
type Item = Record<string, AttributeValue>;
type Expected = Readonly<Record<string, unknown>>;

/** One rule of DynamoDB, shown by what a call answers after the calls before it. Each case has its own partition. */
export type ContractCase = {
  readonly policy: string;
  /** Makes the calls and returns what their caller sees, to be compared with `expected`. */
  readonly observe: (client: Client, pk: string) => Promise<unknown>;
  readonly expected: unknown;
};

export const TABLE: CreateTableCommandInput = {
  TableName: 'Contract',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'group', AttributeType: 'S' },
    { AttributeName: 'rank', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'ByGroup',
      KeySchema: [
        { AttributeName: 'group', KeyType: 'HASH' },
        { AttributeName: 'rank', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};

export const TableName = TABLE.TableName!;

/** What a failed call says, without the text of its message. */
export const failure = async (call: Promise<unknown>): Promise<Expected | string> => {
  try {
    await call;
    return 'no failure';
  } catch (error) {
    const {
      name,
      CancellationReasons: reasons,
      Item: item,
    } = error as Error & {
      CancellationReasons?: { Code?: string; Item?: Item }[];
      Item?: Item;
    };
    return {
      name,
      ...(item && { item }),
      ...(reasons && {
        codes: reasons.map(({ Code }) => Code),
        items: reasons.map(({ Item }) => Item ?? null),
      }),
    };
  }
};

export const keyOf = (pk: string, sk = 'a') => ({ pk: { S: pk }, sk: { S: sk } });

export const put = (client: Client, pk: string, attributes: Item = {}, sk = 'a') =>
  client.send(new PutItemCommand({ TableName, Item: { ...keyOf(pk, sk), ...attributes } }));

/** The attributes of an item except its key. */
export const attributes = async (client: Client, pk: string, sk = 'a'): Promise<Item | undefined> => {
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: keyOf(pk, sk), ConsistentRead: true }),
  );
  if (Item === undefined) return undefined;
  const { pk: _, sk: __, ...rest } = Item;
  return rest;
};

type Placeholders = { names?: Record<string, string>; values?: Item };

export const placeholders = ({ names, values }: Placeholders) => ({
  ...(names && { ExpressionAttributeNames: names }),
  ...(values && { ExpressionAttributeValues: values }),
});

const update = (client: Client, pk: string, UpdateExpression: string, given: Placeholders = {}) =>
  client.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf(pk),
      UpdateExpression,
      ...placeholders(given),
      ReturnValues: 'ALL_NEW',
    }),
  );

/** A case of what an update makes of an item, or how it fails. */
const updateCase = (
  policy: string,
  before: Item | undefined,
  [expression, given]: [expression: string, given?: Placeholders],
  expected: Item | 'ValidationException',
): ContractCase => ({
  policy,
  observe: async (client, pk) => {
    if (before !== undefined) await put(client, pk, before);
    if (expected === 'ValidationException') return failure(update(client, pk, expression, given));
    await update(client, pk, expression, given);
    return attributes(client, pk);
  },
  expected: expected === 'ValidationException' ? { name: expected } : expected,
});

export const ITEM: Item = {
  n: { N: '10' },
  s: { S: 'straße' },
  list: { L: [{ N: '1' }, { S: 'two' }, { M: { deep: { S: 'x' } } }] },
  map: { M: { paid: { N: '5' } } },
  set: { SS: ['a', 'b'] },
  yes: { BOOL: true },
  nothing: { NULL: true },
};

/** A case of whether a condition holds on {@link ITEM}, or is refused. */
const conditionCase = (
  condition: string,
  given: Placeholders,
  expected: boolean | 'ValidationException',
): ContractCase => ({
  policy: `the condition ${condition} of ${JSON.stringify(given.values ?? {})} ${expected === true ? 'holds' : expected === false ? 'does not hold' : 'is refused'}`,
  observe: async (client, pk) => {
    await put(client, pk, ITEM);
    const seen = await failure(
      client.send(
        new DeleteItemCommand({
          TableName,
          Key: keyOf(pk),
          ConditionExpression: condition,
          ...placeholders(given),
        }),
      ),
    );
    return seen;
  },
  expected:
    expected === true
      ? 'no failure'
      : { name: expected === false ? 'ConditionalCheckFailedException' : expected },
});

export const n = (value: string | number): AttributeValue => ({ N: String(value) });
export const s = (value: string): AttributeValue => ({ S: value });

export const CONDITIONS: readonly ContractCase[] = [
  conditionCase('n = :v', { values: { ':v': n('10.0') } }, true),
  conditionCase('n < :v', { values: { ':v': n('10.00000000000000000000000000000000001') } }, true),
  conditionCase('n > :v', { values: { ':v': s('1') } }, false),
  conditionCase('absent <> :v', { values: { ':v': n(1) } }, true),
  conditionCase('absent = :v OR n BETWEEN :low AND :v', { values: { ':v': n(10), ':low': n(9) } }, true),
  conditionCase('NOT n IN (:a, :b) OR yes = :a', { values: { ':a': n(1), ':b': n(10) } }, false),
  conditionCase('NOT (n = :a) AND n = :b', { values: { ':a': n(1), ':b': n(10) } }, true),
  conditionCase(
    'attribute_exists(#m.paid) AND attribute_not_exists(#m.owed)',
    { names: { '#m': 'map' } },
    true,
  ),
  conditionCase('begins_with(s, :v)', { values: { ':v': s('stra') } }, true),
  conditionCase('begins_with(s, :v)', { values: { ':v': n(1) } }, 'ValidationException'),
  conditionCase('contains(s, :v)', { values: { ':v': s('ß') } }, true),
  conditionCase('contains(#set, :v)', { names: { '#set': 'set' }, values: { ':v': s('b') } }, true),
  conditionCase('contains(#list, :v)', { names: { '#list': 'list' }, values: { ':v': s('two') } }, true),
  conditionCase('size(#list) = :v', { names: { '#list': 'list' }, values: { ':v': n(3) } }, true),
  conditionCase('size(n) = :v', { values: { ':v': n(2) } }, false),
  conditionCase('attribute_type(nothing, :v)', { values: { ':v': s('NULL') } }, true),
  conditionCase('#list[2].deep = :v', { names: { '#list': 'list' }, values: { ':v': s('x') } }, true),
  conditionCase('#set = :v', { names: { '#set': 'set' }, values: { ':v': { SS: ['b', 'a'] } } }, true),
  conditionCase('yes = :v and n = :v', { values: { ':v': { BOOL: true } } }, false),
  conditionCase('map = :v', { values: { ':v': n(1) } }, 'ValidationException'),
  conditionCase('n = :v', { values: { ':v': n(1), ':unused': n(2) } }, 'ValidationException'),
  conditionCase('n = :v', { names: { '#unused': 'n' }, values: { ':v': n(1) } }, 'ValidationException'),
  conditionCase('n = :unknown', { values: { ':v': n(1) } }, 'ValidationException'),
  conditionCase('n = ', {}, 'ValidationException'),
  conditionCase('n = :v AND', { values: { ':v': n(1) } }, 'ValidationException'),
  conditionCase('size_of(n) = :v', { values: { ':v': n(1) } }, 'ValidationException'),
];

export const UPDATES: readonly ContractCase[] = [
  updateCase('an update creates what does not exist', undefined, ['SET a = :v', { values: { ':v': n(1) } }], {
    a: n(1),
  }),
  updateCase(
    'numbers are added exactly',
    { a: n('9007199254740993') },
    ['SET a = a + :v', { values: { ':v': n('0.1') } }],
    { a: n('9007199254740993.1') },
  ),
  updateCase(
    'numbers are kept in plain notation',
    undefined,
    ['SET a = :a, b = :b', { values: { ':a': n('1.50e3'), ':b': n('-0.00') } }],
    { a: n(1500), b: n(0) },
  ),
  updateCase(
    'an attribute may be subtracted from a value',
    { a: n(3) },
    ['SET a = :v - a', { values: { ':v': n(1) } }],
    { a: n(-2) },
  ),
  updateCase(
    'if_not_exists takes an attribute that exists, else the other value',
    { a: n(3) },
    ['SET a = if_not_exists(a, :v) + :v, b = if_not_exists(b, :v)', { values: { ':v': n(1) } }],
    { a: n(4), b: n(1) },
  ),
  updateCase('operands are read from the old item', { a: n(1), b: n(2) }, ['SET a = b, b = a'], {
    a: n(2),
    b: n(1),
  }),
  updateCase(
    'list_append joins lists',
    { a: { L: [n(1)] } },
    ['SET a = list_append(:v, a)', { values: { ':v': { L: [n(0)] } } }],
    { a: { L: [n(0), n(1)] } },
  ),
  updateCase(
    'an index beyond the end appends',
    { a: { L: [n(1)] } },
    ['SET a[7] = :v', { values: { ':v': n(2) } }],
    { a: { L: [n(1), n(2)] } },
  ),
  updateCase(
    'REMOVE closes the gaps of a list',
    { a: { L: [n(0), n(1), n(2), n(3)] } },
    ['REMOVE a[0], a[2]'],
    { a: { L: [n(1), n(3)] } },
  ),
  updateCase('REMOVE of what is not there does nothing', { a: n(1) }, ['REMOVE b'], { a: n(1) }),
  updateCase('ADD counts from 0 if absent', { a: n(1) }, ['ADD a :v, b :v', { values: { ':v': n(2) } }], {
    a: n(3),
    b: n(2),
  }),
  updateCase(
    'ADD joins sets',
    { a: { NS: ['1', '2'] } },
    ['ADD a :v', { values: { ':v': { NS: ['2.0', '3'] } } }],
    { a: { NS: ['1', '2', '3'] } },
  ),
  updateCase(
    'DELETE of all elements removes a set',
    { a: { SS: ['x', 'y'] }, b: n(1) },
    ['DELETE a :v', { values: { ':v': { SS: ['x', 'y', 'z'] } } }],
    { b: n(1) },
  ),
  updateCase(
    'a path leads into maps and lists',
    { a: { M: { b: { L: [{ M: {} }] } } } },
    ['SET a.b[0].c = :v', { values: { ':v': n(1) } }],
    { a: { M: { b: { L: [{ M: { c: n(1) } }] } } } },
  ),
  updateCase(
    'the parent of a path has to exist',
    { a: n(1) },
    ['SET b.c = :v', { values: { ':v': n(1) } }],
    'ValidationException',
  ),
  updateCase('an operand has to exist', {}, ['SET a = b'], 'ValidationException'),
  updateCase(
    'only numbers are added',
    { a: s('1') },
    ['SET a = a + :v', { values: { ':v': n(1) } }],
    'ValidationException',
  ),
  updateCase(
    'paths may not overlap',
    { a: { M: {} } },
    ['SET a = :v, a.b = :v', { values: { ':v': n(1) } }],
    'ValidationException',
  ),
  updateCase(
    'a clause may come only once',
    {},
    ['SET a = :v SET b = :v', { values: { ':v': n(1) } }],
    'ValidationException',
  ),
  updateCase(
    'a key cannot be updated',
    {},
    ['SET sk = :v', { values: { ':v': s('b') } }],
    'ValidationException',
  ),
  updateCase(
    'a reserved word needs a placeholder',
    {},
    ['SET state = :v', { values: { ':v': s('b') } }],
    'ValidationException',
  ),
  updateCase(
    'more than 38 digits are refused',
    {},
    ['SET a = :v', { values: { ':v': n('1'.repeat(39)) } }],
    'ValidationException',
  ),
  updateCase(
    'an index key of the wrong type is refused',
    {},
    ['SET #g = :v', { names: { '#g': 'group' }, values: { ':v': n(1) } }],
    'ValidationException',
  ),
];

export const KEYS: readonly ContractCase[] = [
  {
    policy: 'an empty key is refused',
    observe: (client) => failure(put(client, '')),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'a key of the wrong type is refused',
    observe: (client, pk) =>
      failure(client.send(new PutItemCommand({ TableName, Item: { pk: s(pk), sk: n(1) } }))),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'a key needs all of its attributes',
    observe: (client, pk) => failure(client.send(new GetItemCommand({ TableName, Key: { pk: s(pk) } }))),
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'an unknown table is not found',
    observe: (client, pk) =>
      failure(client.send(new GetItemCommand({ TableName: 'Unknown', Key: keyOf(pk) }))),
    expected: { name: 'ResourceNotFoundException' },
  },
  {
    policy: 'an item of 400 KB is kept and one byte more is refused',
    observe: async (client, pk) => {
      const room = 400 * 1024 - (Buffer.byteLength(pk) + 'pkska'.length + 1);
      await put(client, pk, { x: s('x'.repeat(room)) });
      return failure(put(client, pk, { x: s('x'.repeat(room + 1)) }));
    },
    expected: { name: 'ValidationException' },
  },
  {
    policy: 'empty strings, lists and maps are kept in attributes that are no key',
    observe: async (client, pk) => {
      await put(client, pk, { a: s(''), b: { L: [] }, c: { M: {} } });
      return attributes(client, pk);
    },
    expected: { a: s(''), b: { L: [] }, c: { M: {} } },
  },
  {
    policy: 'an empty set is refused',
    observe: (client, pk) => failure(put(client, pk, { a: { SS: [] } })),
    expected: { name: 'ValidationException' },
  },
];
