import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { partitionOf } from '#domain/metrics/item-keys.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { BLOCK_MARGIN_MS } from '#domain/metrics/metrics-table.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { rowOfEvents, tallyOf } from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { shareRollUp } from '#domain/metrics/rollup/share.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { raiseMarks, readMarks } from '#domain/metrics/watermark-item.ts';
import { DAY_MS, SECOND_MS } from '#platform/duration.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import { paid, START_MS, settings } from './factories.ts';
import {
  append,
  type Call,
  METRICS_TABLE,
  metricsWorld,
  pendingOf,
  rowAt,
  type World,
  writesOf,
} from './world.ts';

const campaign = settings();
const FIRST_WINDOW = { level: 0, startMs: START_MS, shard: 0 };

const orders = (name: string, count: number, timeMs = START_MS): MetricEvent[] =>
  Array.from({ length: count }, (_, i) => paid({ order: `${name}-${i}`, timeMs, amountFen: 1_000_000 }));

const take = async (world: World, events: readonly MetricEvent[], rollUpBy = rollUp): Promise<void> => {
  await rollUpBy(world.runtime, campaign, await append(world, campaign, events));
};

/** Stores each event as a separate block, and rolls up the first window. */
const takeEach = async (world: World, events: readonly MetricEvent[]): Promise<void> => {
  for (const event of events) await append(world, campaign, [event]);
  await rollUp(world.runtime, campaign, [FIRST_WINDOW]);
};

const total = (world: World) => readTotal(world.aside, campaign);
const paidIn = async (world: World) => tallyOf((await total(world)).row, 'paid');

/** A time at which every block of the campaign has expired and is gone. */
const longAfter = campaign.endsAtMs + campaign.horizonMs + BLOCK_MARGIN_MS + 3 * DAY_MS;

describe('blocks that come when those before them have expired', () => {
  it.each([1, 2, 5])(
    'change no figure of the %i blocks before them, and are counted as too late',
    async (blocks) => {
      const world = metricsWorld();
      await takeEach(world, orders('on-time', blocks));
      const before = await paidIn(world);
      world.time.nowMs = longAfter;
      await take(world, [paid({ order: 'late', amountFen: 1 })]);
      expect(await paidIn(world)).toEqual(before);
      expect(tallyOf((await total(world)).row, 'too-late')).toEqual({ count: 1, fen: 1 });
      expect(await pendingOf(world, campaign)).toEqual([]);
    },
  );

  it('are still counted as too late when their message is delivered again and other blocks follow', async () => {
    const world = metricsWorld();
    await takeEach(world, orders('on-time', 2));
    world.time.nowMs = longAfter;
    await take(world, orders('late', 3));
    await rollUp(world.runtime, campaign, [FIRST_WINDOW]);
    await take(world, orders('later', 2));
    // The late blocks have expired too.
    world.time.nowMs = longAfter + BLOCK_MARGIN_MS + 3 * DAY_MS;
    await take(world, orders('last', 1));
    const { row } = await total(world);
    expect(tallyOf(row, 'paid')).toEqual({ count: 2, fen: 2_000_000 });
    expect(row.tallies.get('too-late/paid')).toEqual({ count: 6, fen: 6_000_000 });
  });

  it('are counted as usual in a window that had no blocks before', async () => {
    const world = metricsWorld();
    world.time.nowMs = longAfter;
    await take(world, orders('late', 3));
    expect(await paidIn(world)).toEqual({ count: 3, fen: 3_000_000 });
  });
});

describe('a block', () => {
  it('is kept for longer than the message of its rollup may stay in queues, however late it was written', async () => {
    const world = metricsWorld();
    world.time.nowMs = longAfter;
    const windows = await append(world, campaign, orders('late', 3));
    world.time.nowMs += 20 * DAY_MS;
    await rollUp(world.runtime, campaign, windows);
    expect(await paidIn(world)).toEqual({ count: 3, fen: 3_000_000 });
  });
});

describe('a block that comes late, under rows that cover its window', () => {
  /** A campaign 20 minutes after its start. Its total covers the rows of the first minutes. */
  const twentyMinutes = async (): Promise<World> => {
    const world = metricsWorld();
    for (let minute = 0; minute < 20; minute++)
      await take(world, orders(`m${minute}`, 1, START_MS + minute * 60_000));
    return world;
  };

  it.each([
    ['rolled up without turns', rollUp],
    ['rolled up in turns, as the function does', shareRollUp],
  ])(
    'is in the total once its worker is run again, whichever call the worker crashed at (%s)',
    async (_, rollUpBy) => {
      const first = await twentyMinutes();
      first.calls.length = 0;
      await take(first, orders('late', 1), rollUpBy);
      const callsOfLate = first.calls.length;
      expect(callsOfLate).toBeGreaterThan(5);
      for (let fatal = 0; fatal < callsOfLate; fatal++) {
        const world = await twentyMinutes();
        let calls = 0;
        world.turn = async (call) => {
          if (call.endsWith(', answer') && calls++ === fatal) throw new Error('killed');
        };
        const windows = await append(world, campaign, orders('late', 1));
        await expect(rollUpBy(world.runtime, campaign, windows)).rejects.toThrow('killed');
        world.turn = async () => {};
        await rollUpBy(world.runtime, campaign, windows);
        expect((await paidIn(world)).count, `killed at call ${fatal}`).toBe(21);
      }
    },
  );
});

describe('a row', () => {
  it('is not replaced by a worker that has not seen all of its blocks', async () => {
    let isOvertaken = false;
    const world = metricsWorld(async () => {
      if (isOvertaken || writesOf(world, 'ROW').length === 0) return;
      isOvertaken = true;
      // Right before the worker writes a row of one block, another worker writes a row of that block and a second one.
      await append(world, campaign, orders('other', 1));
      await rollUp(world.aside, campaign, [FIRST_WINDOW]);
      await append(world, campaign, orders('third', 1));
    });
    await take(world, orders('mine', 1));
    expect(await paidIn(world)).toEqual({ count: 3, fen: 3_000_000 });
    expect((await rowAt(world, campaign, FIRST_WINDOW))!.madeOf).toMatchObject({ isSealed: false });
  });

  it('is not overwritten by a worker that saw no row of its window', async () => {
    const isFirstRow = ({ name, input }: Call): boolean =>
      name === 'PutItem' &&
      (input as { Item: Item }).Item.window!.S === partitionOf(campaign.campaignId, FIRST_WINDOW);
    let isOvertaken = false;
    const world = metricsWorld(async (call) => {
      if (call !== 'PutItem' || isOvertaken || !isFirstRow(world.calls.at(-1)!)) return;
      isOvertaken = true;
      for (const order of orders('other', 2)) await append(world, campaign, [order]);
      await rollUp(world.aside, campaign, [FIRST_WINDOW]);
    });
    await append(world, campaign, orders('mine', 1));
    await rollUp(world.runtime, campaign, [FIRST_WINDOW]);
    expect(isOvertaken).toBe(true);
    const writes = world.calls.filter(isFirstRow).length;
    expect((await rowAt(world, campaign, FIRST_WINDOW))!.blocks).toBe(3);
    // The worker's write was refused, and the worker found nothing to do when it looked again.
    expect(writes).toBe(1);
    expect(await paidIn(world)).toEqual({ count: 3, fen: 3_000_000 });
  });

  it('of a whole window is not replaced by a row that lacks blocks of its shards', async () => {
    const spread = settings({ shards: 3 });
    const windows = [1, 0].map((level) =>
      partitionOf('sale', { level, startMs: START_MS, shard: 2 * (1 - level) }),
    );
    const readsShards = ({ name, input }: Call): boolean =>
      name === 'BatchGetItem' && windows.every((window) => JSON.stringify(input).includes(window));
    let isOvertaken = false;
    const world = metricsWorld(async (call) => {
      if (call !== 'BatchGetItem, answer' || isOvertaken || !readsShards(world.calls.at(-1)!)) return;
      // The rows of the shards were read, and that of the window comes next.
      isOvertaken = true;
      await rollUp(world.aside, spread, await append(world, spread, orders('other', 30)));
    });
    await rollUp(world.runtime, spread, await append(world, spread, orders('mine', 30)));
    expect(isOvertaken).toBe(true);
    expect(tallyOf((await readTotal(world.aside, spread)).row, 'paid').count).toBe(60);
  });

  it('is not taken for a row of expired blocks if other blocks came after its blocks were read and before it was', async () => {
    let queries = 0;
    const world = metricsWorld(async (call) => {
      // The blocks were read, and the row is read with the next page.
      if (call !== 'Query' || ++queries !== 2) return;
      for (const order of orders('between', 4)) await append(world, campaign, [order]);
      await rollUp(world.aside, campaign, [FIRST_WINDOW]);
      for (const order of orders('after', 6)) await append(world, campaign, [order]);
    });
    for (const order of orders('mine', 3)) await append(world, campaign, [order]);
    await rollUp(world.runtime, campaign, [FIRST_WINDOW]);
    await rollUp(world.runtime, campaign, [FIRST_WINDOW]);
    expect(await paidIn(world)).toEqual({ count: 13, fen: 13_000_000 });
    expect(tallyOf((await total(world)).row, 'too-late').count).toBe(0);
  });
});

describe('data of the previous format', () => {
  const formerRow = async (world: World, events: readonly MetricEvent[]): Promise<void> => {
    for (const event of events) await append(world, campaign, [event]);
    const ids = (await pendingOf(world, campaign)).map(({ blockId }) => blockId).sort();
    world.tables.execute('PutItem', {
      TableName: METRICS_TABLE,
      Item: {
        window: { S: partitionOf(campaign.campaignId, FIRST_WINDOW) },
        item: { S: 'ROW' },
        version: { S: fingerprintOf(ids.join()) },
        body: { B: packRowParts(rowOfEvents(events.map(toBlockEvent)))[0]! },
        blocks: { N: String(events.length) },
        parts: { N: '1' },
      },
    });
  };

  it('in a row is kept when new blocks come while the old ones still exist', async () => {
    const world = metricsWorld();
    await formerRow(world, orders('former', 3));
    await rollUp(world.runtime, campaign, [FIRST_WINDOW]);
    expect(await paidIn(world)).toEqual({ count: 3, fen: 3_000_000 });
    await take(world, orders('new', 2));
    expect(await paidIn(world)).toEqual({ count: 5, fen: 5_000_000 });
  });

  it('in a row of one expired block is not replaced by a row of a later block', async () => {
    const world = metricsWorld();
    await formerRow(world, orders('former', 1));
    world.time.nowMs = longAfter;
    await take(world, orders('late', 1));
    const { row } = await total(world);
    expect([tallyOf(row, 'paid').count, tallyOf(row, 'too-late').count]).toEqual([1, 1]);
  });

  it('in a set of pending blocks holds the watermark back until the blocks are folded in', async () => {
    const world = metricsWorld();
    const windows = await append(world, campaign, orders('former', 1));
    const [pending] = await pendingOf(world, campaign);
    const ofShard = { S: `${campaign.campaignId}#pending#0` };
    const text = `${new Date(START_MS).toISOString().replace('.000Z', 'Z')}/${pending!.blockId}`;
    world.tables.execute('DeleteItem', {
      TableName: METRICS_TABLE,
      Key: { window: ofShard, item: { S: `PENDING#${text}` } },
    });
    await world.aside.dynamodb.send(
      new UpdateItemCommand({
        TableName: METRICS_TABLE,
        Key: { window: ofShard, item: { S: 'PENDING' } },
        UpdateExpression: 'ADD #blocks :blocks',
        ExpressionAttributeNames: { '#blocks': 'blocks' },
        ExpressionAttributeValues: { ':blocks': { SS: [text] } },
      }),
    );
    await take(world, orders('new', 1, START_MS + 60 * SECOND_MS));
    expect(await total(world)).toMatchObject({ watermarkMs: START_MS, pendingFromMs: START_MS });
    await rollUp(world.runtime, campaign, windows);
    expect(await total(world)).toMatchObject({
      watermarkMs: START_MS + 60 * SECOND_MS,
      pendingFromMs: undefined,
    });
  });
});

describe('the time up to which the total is complete', () => {
  it('rises even if a mark that is written with it is already higher', async () => {
    const { aside } = metricsWorld();
    await raiseMarks(aside, campaign, { newestMs: 50, completeMs: 10 });
    await raiseMarks(aside, campaign, { newestMs: 40, completeMs: 30 });
    expect(await readMarks(aside, campaign)).toEqual({ newestMs: 50, completeMs: 30, tailMs: undefined });
  });

  it('does not go back for a late event, which is reported as pending, and does not pass an event that was pending before', async () => {
    const world = metricsWorld();
    const timeMs = START_MS + 600 * SECOND_MS;
    const early = await append(world, campaign, orders('early', 1));
    await take(world, orders('a', 1, timeMs));
    expect(await total(world)).toMatchObject({ watermarkMs: START_MS, pendingFromMs: START_MS });
    await rollUp(world.runtime, campaign, early);
    expect(await total(world)).toMatchObject({ watermarkMs: timeMs, pendingFromMs: undefined });
    const late = await append(world, campaign, orders('late', 1, START_MS + 30 * SECOND_MS));
    expect(await total(world)).toMatchObject({
      watermarkMs: timeMs,
      pendingFromMs: START_MS + 30 * SECOND_MS,
    });
    await rollUp(world.runtime, campaign, late);
    expect(await total(world)).toMatchObject({ watermarkMs: timeMs, pendingFromMs: undefined });
  });

  it('does not pass the order of a worker that crashed after writing its row, whatever others do', async () => {
    const world = metricsWorld();
    const windowsOf = (name: string, at: number) =>
      append(world, campaign, orders(name, 1, START_MS + at * SECOND_MS));
    const [a, b, c] = [await windowsOf('a', 0), await windowsOf('b', 10), await windowsOf('c', 20)];
    world.turn = async (call) => {
      const isFolded = (await rowAt(world, campaign, { level: 0, ...c[0]! })) !== undefined;
      if (call === 'PutItem, answer' && isFolded) throw new Error('killed');
    };
    await expect(rollUp(world.runtime, campaign, c)).rejects.toThrow('killed');
    world.turn = async () => {};
    await Promise.all([rollUp(world.runtime, campaign, a), rollUp(world.runtime, campaign, b)]);
    const before = await total(world);
    expect(tallyOf(before.row, 'paid').count).toBe(2);
    expect(before).toMatchObject({
      watermarkMs: START_MS + 10 * SECOND_MS,
      pendingFromMs: START_MS + 20 * SECOND_MS,
    });
    await rollUp(world.runtime, campaign, c);
    const after = await total(world);
    expect(tallyOf(after.row, 'paid').count).toBe(3);
    expect(after).toMatchObject({ watermarkMs: START_MS + 20 * SECOND_MS, pendingFromMs: undefined });
  });
});
