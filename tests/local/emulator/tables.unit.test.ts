import {
  type AttributeValue,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { Tables, type TablesOptions } from '#local/emulator/tables.ts';
import { seededRandom } from '../../support/random.ts';
import { failure } from './contract-cases.ts';

const HOUR_MS = 3_600_000;
const TableName = 'T';
const s = (value: string): AttributeValue => ({ S: value });
const n = (value: number): AttributeValue => ({ N: String(value) });

const world = (options: Partial<TablesOptions> = {}, hooks: Hooks = {}) => {
  const clock = { ms: 1_000_000_000, nowMs: () => clock.ms };
  const tables = new Tables({ clock, random: seededRandom(7), ...options });
  tables.createTable({
    TableName,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  });
  const client = emulatedDynamoDb(tables, hooks);
  const put = (pk: string, attributes: Record<string, AttributeValue> = {}) =>
    client.send(new PutItemCommand({ TableName, Item: { pk: s(pk), ...attributes } }));
  const get = async (pk: string, ConsistentRead = true) =>
    (await client.send(new GetItemCommand({ TableName, Key: { pk: s(pk) }, ConsistentRead }))).Item;
  const transactPut = (pk: string, ClientRequestToken?: string) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName, Item: { pk: s(pk), by: s('transaction') } } }],
        ...(ClientRequestToken && { ClientRequestToken }),
      }),
    );
  return { clock, tables, client, put, get, transactPut };
};

/** A gate that holds the transactions of a client in flight until `open` is called. */
const gate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { hooks: { during: () => promise }, open: resolve };
};

describe('an inspection of the tables', () => {
  it('reads current items even if a key is throttled, and consumes nothing', async () => {
    let isHot = false;
    const { tables, put, get } = world({ isHot: () => isHot, staleness: () => HOUR_MS });
    await put('a', { count: n(1) });
    isHot = true;
    await expect(get('a')).rejects.toThrow('exceeded');
    const consumed = structuredClone(tables.consumed);
    const read = { TableName, Key: { pk: s('a') }, ConsistentRead: false };
    expect(tables.inspect('GetItem', read)).toMatchObject({ Item: { count: n(1) } });
    expect(tables.consumed).toEqual(consumed);
  });
});

describe('a transaction in flight', () => {
  it('makes other writes and transactions on its items conflict, and lets reads see them as they were', async () => {
    const { hooks, open } = gate();
    const { put, get, transactPut, client } = world({}, hooks);
    await put('a', { by: s('put') });
    const running = transactPut('a');
    await Promise.resolve();
    expect(await failure(put('a'))).toEqual({ name: 'TransactionConflictException' });
    expect(await failure(transactPut('a'))).toMatchObject({
      name: 'TransactionCanceledException',
      codes: ['TransactionConflict'],
    });
    const PutRequest = { Item: { pk: s('a') } };
    const batch = await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ PutRequest }, { PutRequest: { Item: { pk: s('b') } } }] },
      }),
    );
    expect(batch.UnprocessedItems).toEqual({ [TableName]: [{ PutRequest }] });
    expect((await get('a'))?.by).toEqual(s('put'));
    open();
    await running;
    expect((await get('a'))?.by).toEqual(s('transaction'));
    await put('a');
  });

  it('is recognised by its token, while it runs and afterwards', async () => {
    const { hooks, open } = gate();
    const { transactPut } = world({}, hooks);
    const running = transactPut('a', 'token');
    await Promise.resolve();
    expect(await failure(transactPut('a', 'token'))).toEqual({ name: 'TransactionInProgressException' });
    open();
    await running;
    await transactPut('a', 'token');
    expect(await failure(transactPut('b', 'token'))).toEqual({
      name: 'IdempotentParameterMismatchException',
    });
  });

  it('leaves nothing behind when it fails halfway', async () => {
    let fails = true;
    const { get, put, transactPut } = world(
      {},
      {
        during: async () => {
          if (fails) throw new Error('crashed');
        },
      },
    );
    await expect(transactPut('a')).rejects.toThrow('crashed');
    expect(await get('a')).toBeUndefined();
    await put('a');
    fails = false;
    await transactPut('a');
  });
});

describe('a fault', () => {
  it('before a call prevents the call, and after a call only loses the answer', async () => {
    let fails: 'before' | 'after' | undefined;
    const failIf = (when: 'before' | 'after') => async () => {
      if (fails === when) throw new Error(when);
    };
    const { put, get } = world({}, { before: failIf('before'), after: failIf('after') });
    fails = 'before';
    await expect(put('a')).rejects.toThrow('before');
    fails = 'after';
    await expect(put('b')).rejects.toThrow('after');
    fails = undefined;
    expect([await get('a'), await get('b')]).toEqual([undefined, { pk: s('b') }]);
  });
});

describe('an eventually consistent read', () => {
  it('shows an earlier version, or a deleted item, for as long as it may be stale', async () => {
    const { clock, put, get, tables } = world({ staleness: () => 500 });
    await put('a', { v: n(1) });
    clock.ms += 10_000;
    await put('a', { v: n(2) });
    expect([(await get('a', false))?.v, (await get('a', true))?.v]).toEqual([n(1), n(2)]);
    clock.ms += 500;
    expect((await get('a', false))?.v).toEqual(n(2));
    tables.execute('DeleteItem', { TableName, Key: { pk: s('a') } });
    const scanned = (ConsistentRead: boolean) =>
      (tables.execute('Scan', { TableName, ConsistentRead }) as { Count: number }).Count;
    expect([scanned(false), scanned(true)]).toEqual([1, 0]);
    clock.ms += 500;
    expect(scanned(false)).toBe(0);
  });
});

describe('an item past its expiry', () => {
  it('stays readable until it is deleted, up to 48 hours later', async () => {
    const { clock, put, get, tables } = world();
    await put('a', { expires: n(clock.ms / 1_000 + 60) });
    await put('kept', { expires: n(clock.ms / 1_000 + 60) });
    await put('kept', { expires: n(clock.ms / 1_000 + 90 * 24 * 3_600) });
    clock.ms += 60_000;
    expect(await get('a')).toBeDefined();
    expect(tables.nextExpiryMs).toBeGreaterThan(clock.ms);
    clock.ms += 48 * HOUR_MS;
    expect([await get('a'), (await get('kept')) !== undefined]).toEqual([undefined, true]);
  });
});

describe('a throughput limit', () => {
  it('throttles a partition key that uses more than its units a second, and refused writes use units too', async () => {
    const { clock, tables, put } = world({ limits: { partition: { read: 1, write: 2 } } });
    await put('a');
    await put('a');
    expect(await failure(put('a'))).toEqual({ name: 'ProvisionedThroughputExceededException' });
    await put('b');
    clock.ms += 500;
    const refused = () =>
      tables.execute('PutItem', {
        TableName,
        Item: { pk: s('a') },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    expect(refused).toThrow('The conditional request failed');
    expect(await failure(put('a'))).toEqual({ name: 'ProvisionedThroughputExceededException' });
    expect(tables.consumed.get(TableName)).toEqual({ read: 0, write: 4 });
  });

  it('that is exceeded is reported by each operation in its own form', async () => {
    const { tables, transactPut, put } = world({ limits: { partition: { read: 1, write: 1 } } });
    await put('a');
    expect(await failure(transactPut('a'))).toMatchObject({ codes: ['ThrottlingError'] });
    const Statements = ['a', 'b'].map((pk) => ({ Statement: `INSERT INTO "T" VALUE {'pk': '${pk}'}` }));
    expect(tables.execute('BatchExecuteStatement', { Statements })).toMatchObject({
      Responses: [{ Error: { Code: 'ProvisionedThroughputExceeded' } }, { TableName }],
    });
    const Keys = [{ pk: s('a') }, { pk: s('b') }];
    tables.execute('GetItem', { TableName, Key: Keys[0], ConsistentRead: true });
    expect(tables.execute('BatchGetItem', { RequestItems: { [TableName]: { Keys } } })).toMatchObject({
      UnprocessedKeys: { [TableName]: { Keys: [Keys[0]] } },
    });
  });
});

describe('answers', () => {
  it('are copies: changing an answer, or what was sent, does not change the stored item', async () => {
    const { put, get } = world();
    const bytes = new Uint8Array([1, 2]);
    await put('a', { bytes: { B: bytes }, list: { L: [n(1)] } });
    bytes[0] = 9;
    const item = await get('a');
    item!.bytes!.B![1] = 9;
    item!.list!.L!.push(n(2));
    expect(await get('a')).toEqual({ pk: s('a'), bytes: { B: new Uint8Array([1, 2]) }, list: { L: [n(1)] } });
  });
});
