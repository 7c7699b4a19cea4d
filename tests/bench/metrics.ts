import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { blocksOf, eventsOf } from '#domain/metrics/batch-blocks.ts';
import { type Level, levelsOf, type RowKey } from '#domain/metrics/levels.ts';
import { type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import { putBlocks } from '#domain/metrics/metrics-table.ts';
import { addPending } from '#domain/metrics/pending-items.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { emptyRow, type Row } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { type DirtyWindow, rollUp } from '#domain/metrics/rollup/tree.ts';
import { putRow } from '#domain/metrics/row-items.ts';
import { raiseMark } from '#domain/metrics/watermark-item.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { formatTable } from '#local/console/format.ts';
import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import { Tables } from '#local/emulator/tables.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { seededRandom } from '../support/random.ts';
import { testRuntime } from '../support/runtime.ts';

/**
 * What counting an order costs, beside what one would write otherwise, by rate, brands and how long the sale has been on; order events
 * alone. `node tests/bench/metrics.ts [minutes of traffic, 4]`. Units are those that the in-memory tables count by DynamoDB's rules; CPU
 * is that of the process less what the tables take. The sale's earlier part is made as rows that cover it.
 *
 * Beside it, in the same run and on the same tables: what Powertools' Idempotency writes for each order (a conditional put and an update,
 * as its DynamoDB persistence does; the calls are written out here, the package is not used), and two counters; a transaction an
 * order; and counters that are summed a batch, with a put an order against duplicates. Their units do not depend on the rate but for the
 * last, whose batches grow with it.
 */

const TRAFFIC_MS = Number(process.argv[2] ?? 4) * MINUTE_MS;
const FRESHNESS_MS = 10 * SECOND_MS;
/** A queue's event source has at least five pollers, each of which fills batches of its own, for two seconds. */
const COLLECTORS = 5;
const BATCH_MS = 2 * SECOND_MS;
const BRANDS = [35, 2_000, 37_000];
const RATES = [1, 10, 100, 500, 1_000, 10_000];
const SPANS = [
  { name: '1 h', ms: HOUR_MS },
  { name: '24 h', ms: DAY_MS },
  { name: '20 d', ms: 20 * DAY_MS },
];
const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
const TABLE = 'Metrics';
/** Above this rate so many orders are drawn that a run takes minutes, so that it is shorter. */
const ORDERS_MAX = 400_000;

const UNLIMITED = { read: 1e12, write: 1e12 };

const newTables = (nowMs: () => number): Tables => {
  const tables = new Tables({
    clock: { nowMs },
    random: seededRandom(1),
    // Units are to be counted here, and not refused.
    limits: { table: UNLIMITED, partition: UNLIMITED },
  });
  tables.createTable({
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'window', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'window', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
  });
  return tables;
};

type World = {
  runtime: Runtime;
  tables: Tables;
  time: { nowMs: number };
  spent: { calls: number; tablesMs: number };
};

const newWorld = (): World => {
  const time = { nowMs: START_MS };
  const spent = { calls: 0, tablesMs: 0 };
  const tables = newTables(() => time.nowMs);
  const emulated = emulatedDynamoDb(tables);
  const send = async (command: never): Promise<object> => {
    spent.calls++;
    const startedMs = performance.now();
    const answer = await emulated.send(command);
    spent.tablesMs += performance.now() - startedMs;
    return answer;
  };
  const clock = {
    nowMs: () => time.nowMs,
    wait: async (ms: number) => {
      time.nowMs += ms;
    },
  };
  const dynamodb = { send: send as unknown as DynamoDBClient['send'] };
  return { runtime: testRuntime({ clock, clients: { dynamodb } }), tables, time, spent };
};

/** Write and read units, calls and CPU ms of some work. */
type Cost = { write: number; read: number; calls: number; cpuMs: number };

const costOf = async ({ tables, spent }: World, work: () => Promise<unknown>): Promise<Cost> => {
  const unitsOf = () => tables.consumed.get(TABLE) ?? { read: 0, write: 0 };
  const [units, { calls, tablesMs }, cpu] = [{ ...unitsOf() }, { ...spent }, process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    write: unitsOf().write - units.write,
    read: unitsOf().read - units.read,
    calls: spent.calls - calls,
    cpuMs: Math.max(0, (user + system) / 1_000 - (spent.tablesMs - tablesMs)),
  };
};

const added = (a: Cost, b: Cost): Cost => ({
  write: a.write + b.write,
  read: a.read + b.read,
  calls: a.calls + b.calls,
  cpuMs: a.cpuMs + b.cpuMs,
});
const FREE: Cost = { write: 0, read: 0, calls: 0, cpuMs: 0 };

/** Brands of which the n-th sells 1/n of the first, as sales of many brands are about. */
const brandsOf = (count: number, random: () => number) => {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) sums[i] = sum += 1 / (i + 1);
  const names = Array.from({ length: count }, (_, i) => `brand-${(i * 7_919) % 1_000_003}`);
  const draw = (): string => {
    const at = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return names[low]!;
  };
  return { names, draw };
};

const amountOf = (random: () => number): number => 1_000 + Math.floor(random() ** 3 * 90_000);

/** A row of so many orders of all brands. */
const rowOf = (names: readonly string[], orders: number, random: () => number): Row => {
  const row = emptyRow();
  const harmonic = Math.log(names.length) + 0.577;
  for (const [i, name] of names.entries()) {
    const expected = orders / (i + 1) / harmonic;
    const count = Math.floor(expected + random());
    if (count === 0) continue;
    const grossFen = Math.round(count * (15_000 + 20_000 * random()));
    row.brands.set(name, { orders: count, grossFen, refunds: 0, refundedFen: 0, peakFen: grossFen });
    row.peakFen += grossFen;
  }
  row.tallies.set('paid/far', { count: orders, fen: row.peakFen });
  return row;
};

/** Makes what is covered of a sale that has been on for so long: of the total, and of each row in which the newest window lies. */
const coverEarlier = async (
  world: World,
  settings: CampaignSettings,
  untilMs: number,
  earlier: (spanMs: number) => Row,
): Promise<void> => {
  const levels = levelsOf(settings);
  const lengthOf = (level: Level): number => level.lengthMs;
  for (let level = levels.length - 1; level > 0; level--) {
    const isTotal = level === levels.length - 1;
    const length = lengthOf(levels[level]!);
    const startMs = isTotal ? START_MS : Math.floor(untilMs / length) * length;
    const covered = Math.floor((untilMs - startMs) / lengthOf(levels[level - 1]!));
    const key: RowKey = { level, startMs, shard: 0 };
    const row = covered === 0 ? emptyRow() : earlier(covered * lengthOf(levels[level - 1]!));
    const counts = Array.from({ length: covered }, () => 1);
    const version = `${level}.`;
    const made = { blocks: covered, version, madeOf: { kind: 'children', counts } as const };
    await putRow(world.runtime, settings, key, {
      row: { ...made, parts: packRowParts(row) },
      before: undefined,
    });
  }
  await raiseMark(world.runtime, settings, 'tailMs', untilMs - settings.windowMs);
};

type Measured = { order: Cost; refresh: Cost; look: Cost; orders: number };

const measure = async (rate: number, brandCount: number, spanMs: number): Promise<Measured> => {
  const random = seededRandom(rate + brandCount);
  const brands = brandsOf(brandCount, random);
  const settings: CampaignSettings = {
    campaignId: 'sale',
    startsAtMs: START_MS,
    endsAtMs: START_MS + 21 * DAY_MS,
    windowMs: FRESHNESS_MS,
    shards: 1,
    horizonMs: 7 * DAY_MS,
    brandLineFen: 9_000_000_000_000,
  };
  const world = newWorld();
  const fromMs = START_MS + spanMs;
  await coverEarlier(world, settings, fromMs, (ms) =>
    rowOf(brands.names, Math.floor((rate * ms) / SECOND_MS), random),
  );
  const trafficMs = Math.max(MINUTE_MS, Math.min(TRAFFIC_MS, (ORDERS_MAX / rate) * SECOND_MS));
  let [counting, refreshing] = [FREE, FREE];
  let [orders, refreshes] = [0, 0];
  let dirty = new Map<number, DirtyWindow>();
  for (let atMs = fromMs; atMs < fromMs + trafficMs; atMs += BATCH_MS) {
    world.time.nowMs = atMs;
    const batches: MetricEvent[][] = Array.from({ length: COLLECTORS }, () => []);
    for (let left = (rate * BATCH_MS) / SECOND_MS; left > 0; left--) {
      const id = eventIdOf('bench', String(orders));
      const member = `member-${Math.floor(random() * 5_000_000)}`;
      const timeMs = atMs + Math.floor(random() * BATCH_MS);
      const event = {
        id,
        timeMs,
        label: 'paid/far',
        brand: brands.draw(),
        amountFen: amountOf(random),
        member,
      };
      batches[orders++ % COLLECTORS]!.push(event);
    }
    for (const batch of batches.filter(({ length }) => length > 0)) {
      const tuples = batch.map(toTuple);
      const cost = await costOf(world, async () => {
        const [ofCampaign] = eventsOf([{ settings, events: tuples }]);
        const blocks = blocksOf(ofCampaign!, []);
        await putBlocks(world.runtime, settings, blocks);
        await addPending(
          world.runtime,
          settings,
          blocks.map(({ startMs, shard, id: blockId }) => ({ startMs, shard, blockId })),
        );
        for (const { startMs, shard } of blocks) dirty.set(startMs, { startMs, shard });
      });
      counting = added(counting, cost);
    }
    if ((atMs + BATCH_MS) % FRESHNESS_MS !== 0) continue;
    refreshing = added(
      refreshing,
      await costOf(world, () => rollUp(world.runtime, settings, [...dirty.values()])),
    );
    refreshes++;
    dirty = new Map();
  }
  const look = await costOf(world, () => readTotal(world.runtime, settings));
  const per = (cost: Cost, count: number): Cost => ({
    write: cost.write / count,
    read: cost.read / count,
    calls: cost.calls / count,
    cpuMs: cost.cpuMs / count,
  });
  return {
    order: per(added(counting, refreshing), orders),
    refresh: per(refreshing, refreshes),
    look,
    orders,
  };
};

/** The other ways of counting. Each gets a batch's orders and writes what that way writes. */
const keyOf = (window: string, item: string) => ({ window: { S: window }, item: { S: item } });

const increment = (window: string, item: string, orders: number, fen: number) => ({
  TableName: TABLE,
  Key: keyOf(window, item),
  UpdateExpression: 'ADD #orders :orders, #fen :fen',
  ExpressionAttributeNames: { '#orders': 'orders', '#fen': 'fen' },
  ExpressionAttributeValues: { ':orders': { N: String(orders) }, ':fen': { N: String(fen) } },
});

const putOnce = (id: string, item: object = {}) => ({
  TableName: TABLE,
  Item: { ...keyOf(`idempotency#${id}`, 'ID'), ...item },
  ConditionExpression: 'attribute_not_exists(#window)',
  ExpressionAttributeNames: { '#window': 'window' },
});

const WAYS: Readonly<Record<string, (runtime: Runtime, orders: readonly MetricEvent[]) => Promise<void>>> = {
  'idempotency and counters': async ({ dynamodb }, orders) => {
    for (const { id, brand, amountFen } of orders) {
      const expiration = { N: String(START_MS / SECOND_MS + 3_600) };
      await dynamodb.send(
        new PutItemCommand(
          putOnce(id, { status: { S: 'INPROGRESS' }, expiration, in_progress_expiration: expiration }),
        ),
      );
      await dynamodb.send(new UpdateItemCommand(increment(`brand#${brand}`, 'TOTAL', 1, amountFen)));
      await dynamodb.send(new UpdateItemCommand(increment('sale', 'TOTAL', 1, amountFen)));
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: keyOf(`idempotency#${id}`, 'ID'),
          UpdateExpression: 'SET #data = :data, #expiration = :expiration, #status = :status',
          ExpressionAttributeNames: { '#data': 'data', '#expiration': 'expiration', '#status': 'status' },
          ExpressionAttributeValues: {
            ':data': { S: '{}' },
            ':expiration': expiration,
            ':status': { S: 'COMPLETED' },
          },
        }),
      );
    }
  },
  'a transaction an order': async ({ dynamodb }, orders) => {
    for (const { id, brand, amountFen, timeMs } of orders) {
      const window = new Date(Math.floor(timeMs / FRESHNESS_MS) * FRESHNESS_MS).toISOString();
      await dynamodb.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: putOnce(id) },
            { Update: increment(`brand#${brand}`, 'TOTAL', 1, amountFen) },
            { Update: increment('sale', 'TOTAL', 1, amountFen) },
            { Update: increment('sale', window, 1, amountFen) },
            { Update: increment(`brand#${brand}`, window, 1, amountFen) },
          ],
        }),
      );
    }
  },
  'summed counters': async ({ dynamodb }, orders) => {
    const sums = new Map<string, { orders: number; fen: number }>();
    for (const { id, brand, amountFen } of orders) {
      try {
        await dynamodb.send(new PutItemCommand(putOnce(id)));
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) continue;
        throw error;
      }
      for (const counter of [`brand#${brand}`, 'sale']) {
        const sum = sums.get(counter) ?? { orders: 0, fen: 0 };
        sums.set(counter, { orders: sum.orders + 1, fen: sum.fen + amountFen });
      }
    }
    for (const [counter, { orders: count, fen }] of sums)
      await dynamodb.send(new UpdateItemCommand(increment(counter, 'TOTAL', count, fen)));
  },
};

/** The orders that a batch holds at a rate, of each of so many brands. */
const batchAt = (rate: number, brandCount: number): MetricEvent[] => {
  const random = seededRandom(rate);
  const { draw } = brandsOf(brandCount, random);
  const count = Math.max(1, Math.min(2_000, Math.round((rate * BATCH_MS) / SECOND_MS / COLLECTORS)));
  return Array.from({ length: count }, (_, i) => ({
    id: eventIdOf('other', String(i)),
    timeMs: START_MS + Math.floor((i * BATCH_MS) / count),
    label: 'paid/far',
    brand: draw(),
    amountFen: amountOf(random),
    member: `member-${i}`,
  }));
};

const cells = ({ write, read, calls, cpuMs }: Cost, digits: number, cpuFactor: number): string[] => [
  write.toFixed(digits),
  read.toFixed(digits),
  calls.toFixed(digits),
  (cpuMs * cpuFactor).toFixed(0),
];

const others: string[][] = [['way', 'brands', 'orders/s', 'write', 'read', 'calls', 'CPU µs']];
for (const [way, count] of Object.entries(WAYS)) {
  for (const brandCount of [2_000, 37_000]) {
    for (const rate of [1, 1_000]) {
      const batch = batchAt(rate, brandCount);
      const world = newWorld();
      const { write, read, calls, cpuMs } = await costOf(world, () => count(world.runtime, batch));
      const n = batch.length;
      const each = { write: write / n, read: read / n, calls: calls / n, cpuMs: cpuMs / n };
      others.push([way, String(brandCount), String(rate), ...cells(each, 2, 1_000)]);
    }
  }
}
console.log('Other ways, an order:');
console.log(formatTable(others).join('\n'));

const ours: string[][] = [
  [
    'sale on for',
    'brands',
    'orders/s',
    'write',
    'read',
    'calls',
    'CPU µs',
    '|',
    'write',
    'read',
    'calls',
    'CPU ms',
    '|',
    'read',
    'CPU ms',
  ],
];
console.log(
  '\nBlocks and rows: an order | a refresh of 10 s, those that extend rows among them | a look at the total:',
);
for (const { name, ms } of SPANS) {
  for (const brandCount of BRANDS) {
    for (const rate of RATES) {
      const { order, refresh, look } = await measure(rate, brandCount, ms);
      const [, lookRead, , lookMs] = cells(look, 0, 1);
      const bar = '|';
      const cost = [...cells(order, 3, 1_000), bar, ...cells(refresh, 0, 1), bar, lookRead!, lookMs!];
      ours.push([name, String(brandCount), String(rate), ...cost]);
    }
  }
}
console.log(formatTable(ours).join('\n'));
