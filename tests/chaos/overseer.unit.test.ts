import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it, vi } from 'vitest';
import { Overseer } from './overseer.ts';

type Item = Record<string, AttributeValue>;

const TABLE_NAMES = {
  campaigns: 'campaigns',
  members: 'members',
  grants: 'grants',
  draws: 'draws',
  metrics: 'metrics',
} as const;

const progress = (version: number): Item => ({
  campaign: { S: 'sale' },
  item: { S: 'PLAN#0' },
  version: { N: String(version) },
  isDone: { BOOL: false },
  body: { B: Buffer.from([1, 2]) },
  blocks: { SS: ['a', 'b'] },
});

/** The same item in the order in which another process of the database may return it. */
const inOtherOrder = (item: Item): Item => ({
  ...Object.fromEntries(Object.entries(item).reverse()),
  blocks: { SS: item.blocks!.SS!.toReversed() },
});

const client = new DynamoDBClient({});
let stored: Item = {};
vi.spyOn(client, 'send').mockImplementation(async () => ({ Responses: { campaigns: [stored] } }));
afterEach(() => {
  stored = {};
});

/** Writes an item. Afterwards the database holds `after`, and its answer is lost unless `isAnswered`. */
const write = async (overseer: Overseer, item: Item, after: Item, isAnswered: boolean): Promise<void> => {
  const call = { operation: 'PutItem', input: { TableName: 'campaigns', Item: item } };
  await overseer.pass(call, async () => {
    stored = after;
    return isAnswered ? { status: 200, body: Buffer.from('{}') } : undefined;
  });
};

const violations = async (writes: (overseer: Overseer) => Promise<void>): Promise<string[]> => {
  const overseer = new Overseer({
    names: { tableOf: () => 'campaigns', queueOf: () => undefined },
    tableNames: TABLE_NAMES,
    dynamodb: client,
    secret: '',
    figuresOf: async () => undefined,
    lateMs: 0,
    nowMs: () => 0,
    onSent: () => {},
  });
  await writes(overseer);
  const found = await overseer.oracle.end(0, []);
  return found.map(({ invariant, details }) => `${invariant}: ${details}`);
};

it('a write without an answer has not happened if the item is as before, in whatever order its attributes come', async () => {
  const found = await violations(async (overseer) => {
    await write(overseer, progress(1), progress(1), true);
    await write(overseer, progress(2), inOtherOrder(progress(1)), false);
    await write(overseer, progress(2), progress(2), true);
  });
  expect(found).toEqual([]);
});

it('a write without an answer has happened if the item has changed', async () => {
  const found = await violations(async (overseer) => {
    await write(overseer, progress(1), progress(1), true);
    await write(overseer, progress(2), progress(2), false);
    await write(overseer, progress(2), progress(2), true);
  });
  expect(found).toEqual(['versions: progress sale PLAN#0: call-3 wrote version 2 over version 2']);
});
