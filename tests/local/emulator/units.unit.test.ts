import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { itemBytes, valueBytes } from '#local/emulator/sizes.ts';
import { Tables } from '#local/emulator/tables.ts';

const s = (value: string): AttributeValue => ({ S: value });
const TableName = 'T';

const world = () => {
  const tables = new Tables({ clock: { nowMs: () => 0 }, random: () => 0 });
  const hash = (AttributeName: string) => [{ AttributeName, KeyType: 'HASH' as const }];
  tables.createTable({
    TableName,
    KeySchema: hash('pk'),
    AttributeDefinitions: ['pk', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      { IndexName: 'ByState', KeySchema: hash('state'), Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
  });
  const unitsOf = (name: string, input: object) => {
    const answer = tables.execute(name, { TableName, ReturnConsumedCapacity: 'INDEXES', ...input }) as {
      ConsumedCapacity: {
        CapacityUnits: number;
        Table: { CapacityUnits: number };
        GlobalSecondaryIndexes?: { ByState: { CapacityUnits: number } };
      };
    };
    const { CapacityUnits: total, Table: table, GlobalSecondaryIndexes: indexes } = answer.ConsumedCapacity;
    return [total, table.CapacityUnits, indexes?.ByState.CapacityUnits ?? 0];
  };
  return { tables, unitsOf, put: (Item: Record<string, AttributeValue>) => unitsOf('PutItem', { Item }) };
};

describe('the size', () => {
  it.each<[AttributeValue, number]>([
    [s('你好'), 6],
    [{ N: '0' }, 1],
    [{ N: '15' }, 2],
    [{ N: '150' }, 3],
    [{ N: '-1.5' }, 4],
    [{ N: '100' }, 2],
    [{ BOOL: false }, 1],
    [{ NULL: true }, 1],
    [{ B: new Uint8Array(10) }, 10],
    [{ SS: ['a', 'bc'] }, 3],
    [{ L: [] }, 3],
    [{ L: [s('a'), { M: { b: s('c') } }] }, 3 + 1 + 1 + 1 + 3 + 1 + 1 + 1],
  ])('of the value %j is %i bytes', (value, bytes) => expect(valueBytes(value)).toBe(bytes));

  it('of an item includes the names of its attributes', () => expect(itemBytes({ 名: s('a') })).toBe(4));
});

describe('an index', () => {
  it('costs write units if its entry is added, moved or removed, and none if the entry stays as it is', () => {
    const { put, unitsOf } = world();
    expect(put({ pk: s('a') })).toEqual([1, 1, 0]);
    expect(put({ pk: s('a'), state: s('live') })).toEqual([2, 1, 1]);
    expect(put({ pk: s('a'), state: s('live'), other: s('x'.repeat(2_000)) })).toEqual([2, 2, 0]);
    expect(put({ pk: s('a'), state: s('spent') })).toEqual([4, 2, 2]);
    expect(unitsOf('DeleteItem', { Key: { pk: s('a') } })).toEqual([2, 1, 1]);
  });

  it('gives only keys, and cannot be read with strong consistency', () => {
    const { put, tables } = world();
    put({ pk: s('a'), state: s('live'), other: s('x') });
    const query = {
      TableName,
      IndexName: 'ByState',
      KeyConditionExpression: '#state = :state',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':state': s('live') },
    };
    expect(tables.execute('Query', query)).toMatchObject({
      Items: [{ pk: s('a'), state: s('live') }],
      Count: 1,
    });
    expect(() => tables.execute('Query', { ...query, ConsistentRead: true })).toThrow('Consistent reads');
  });
});

describe('tables', () => {
  it('are listed, described and deleted', () => {
    const { tables, put } = world();
    put({ pk: s('a') });
    expect(tables.execute('ListTables', {})).toEqual({ TableNames: [TableName] });
    expect(tables.execute('DescribeTable', { TableName })).toMatchObject({
      Table: { TableStatus: 'ACTIVE', ItemCount: 1 },
    });
    expect(() => tables.execute('CreateTable', { TableName })).toThrow('already exists');
    tables.execute('DeleteTable', { TableName });
    expect(() => tables.execute('DescribeTable', { TableName })).toThrow('not found');
    expect(() => tables.execute('UpdateTable', {})).toThrow(
      'expected a supported operation, got UpdateTable',
    );
  });

  it('take a batch of statements only if all of them read or all of them write', () => {
    const { tables } = world();
    const Statements = [
      { Statement: `INSERT INTO "T" VALUE {'pk': 'a', 'list': [1, {'x': TRUE}], 'set': <<'a','b'>>}` },
      { Statement: `SELECT * FROM "T" WHERE "pk" = 'a'` },
    ];
    expect(() => tables.execute('BatchExecuteStatement', { Statements })).toThrow('both read and write');
    for (const statement of Statements) tables.execute('ExecuteStatement', statement);
    tables.execute('ExecuteStatement', {
      Statement: `UPDATE "T" SET "list" = list_append("list", ?) SET "set" = set_delete("set", <<'a'>>) REMOVE "none" WHERE "pk" = 'a' AND "list"[1]."x" = TRUE`,
      Parameters: [{ L: [{ N: '2' }] }],
    });
    expect(tables.execute('ExecuteStatement', Statements[1]!)).toMatchObject({
      Items: [{ list: { L: [{ N: '1' }, { M: { x: { BOOL: true } } }, { N: '2' }] }, set: { SS: ['b'] } }],
    });
  });
});
