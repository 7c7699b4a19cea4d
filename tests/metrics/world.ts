import type { BatchGetItemCommandInput, DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { blocksOf, eventsOf } from '#domain/metrics/batch-blocks.ts';
import type { RowKey } from '#domain/metrics/levels.ts';
import { type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import { putBlocks } from '#domain/metrics/metrics-table.ts';
import { readMilestoneItem } from '#domain/metrics/milestone-items.ts';
import { addPending, readPending } from '#domain/metrics/pending-items.ts';
import { readRows, type StoredRow } from '#domain/metrics/row-items.ts';
import { readShardChanges } from '#domain/metrics/shard-items.ts';
import { mostShards } from '#domain/metrics/shards.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { operationOf, type SentCommand } from '#local/emulator/hooks.ts';
import type { Tables } from '#local/emulator/tables.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { metricsTables } from '../support/emulated-tables.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';
import { START_MS } from './factories.ts';

export const METRICS_TABLE = 'Metrics';

/** A read of several items is no snapshot: at most this many of them are read at one moment. */
const KEYS_AT_ONCE = 3;
const ITEMS_A_PAGE = 2;

/** Called before and after each call to the table. If it throws, the process crashes. */
export type Turn = (call: string) => Promise<void>;

export type Call = { name: string; input: object };

/** A metrics table in memory, and workers that know nothing of each other. */
export type World = {
  readonly tables: Tables;
  /** The workers' calls so far. Those of `aside` are not among them. */
  readonly calls: Call[];
  turn: Turn;
  readonly time: { nowMs: number };
  /** The runtime of the workers. */
  readonly runtime: Runtime;
  /** The runtime for setting up and reading the table: its calls are not scheduled and not counted. */
  readonly aside: Runtime;
};

const execute = async (world: World, { name, input }: Call): Promise<object> => {
  const once = async (part: object): Promise<object> => {
    await world.turn(name);
    const answer = world.tables.execute(name, part);
    await world.turn(`${name}, answer`);
    return answer;
  };
  if (name === 'Query') {
    const { Limit: limit = ITEMS_A_PAGE } = input as QueryCommandInput;
    return once({ ...input, Limit: limit });
  }
  if (name !== 'BatchGetItem') return once(input);
  // Nobody may rely on the order of the answer: here the last keys come first.
  const keys = ((input as BatchGetItemCommandInput).RequestItems![METRICS_TABLE]!.Keys ?? []).toReversed();
  const found: Item[] = [];
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    const part = { Keys: keys.slice(at, at + KEYS_AT_ONCE), ConsistentRead: true };
    const { Responses: answer } = (await once({ RequestItems: { [METRICS_TABLE]: part } })) as {
      Responses: Record<string, Item[]>;
    };
    found.push(...answer[METRICS_TABLE]!);
  }
  return { Responses: { [METRICS_TABLE]: found } };
};

export const metricsWorld = (turn: Turn = async () => {}): World => {
  const time = { nowMs: START_MS };
  const clock = {
    nowMs: () => time.nowMs,
    wait: async (ms: number) => {
      time.nowMs += ms;
    },
  };
  const tables = metricsTables({ clock, random: seededRandom(1) });
  const runtimeOf = (answer: (call: Call) => Promise<object>): Runtime =>
    testRuntime({
      clock,
      clients: {
        dynamodb: {
          send: (async (command: SentCommand) => answer(operationOf(command))) as DynamoDBClient['send'],
        },
      },
    });
  const world: World = {
    tables,
    calls: [],
    turn,
    time,
    runtime: runtimeOf((call) => {
      world.calls.push(call);
      return execute(world, call);
    }),
    aside: runtimeOf(async ({ name, input }) => tables.execute(name, input)),
  };
  return world;
};

/** Appends events as blocks, as the metrics function does, and returns the windows and shards of the blocks. */
export const append = async (world: World, campaign: CampaignSettings, events: readonly MetricEvent[]) => {
  const [ofCampaign] = eventsOf([{ settings: campaign, events: events.map(toTuple) }]);
  const blocks = blocksOf(ofCampaign!, await readShardChanges(world.aside, campaign));
  await putBlocks(world.aside, campaign, blocks);
  await addPending(
    world.aside,
    campaign,
    blocks.map(({ id, startMs, shard }) => ({ blockId: id, startMs, shard })),
  );
  return blocks.map(({ startMs, shard }) => ({ startMs, shard }));
};

/** The pending blocks of all shards. */
export const pendingOf = async (world: World, campaign: CampaignSettings) => {
  const shards = mostShards(campaign, await readShardChanges(world.aside, campaign));
  const pending = Array.from({ length: shards }, (_, shard) => readPending(world.aside, campaign, shard));
  return (await Promise.all(pending)).flat();
};

export const rowAt = async (
  world: World,
  campaign: CampaignSettings,
  key: RowKey,
): Promise<StoredRow | undefined> => (await readRows(world.aside, campaign, [key]))[0];

export const storedMilestones = (world: World, campaign: CampaignSettings) =>
  readMilestoneItem(world.aside, campaign);

/** The partitions from which workers have read rows since the calls were last cleared: one list for each call. */
export const rowsRead = (world: World): string[][] =>
  world.calls
    .filter(({ name }) => name === 'BatchGetItem')
    .map(({ input }) =>
      (input as BatchGetItemCommandInput)
        .RequestItems![METRICS_TABLE]!.Keys!.filter(({ item }) => item!.S === 'ROW')
        .map(({ window }) => window!.S!),
    );

export const writesOf = (world: World, item: string): Call[] =>
  world.calls.filter(
    ({ name, input }) => name === 'PutItem' && (input as { Item: Item }).Item.item!.S === item,
  );
