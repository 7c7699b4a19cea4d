import { describe, expect, it } from 'vitest';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { QUIET_EVENTS, refreshDelaySeconds } from '#domain/metrics/rollup/refresh-delay.ts';
import { tallyOf } from '#domain/metrics/rollup/row.ts';
import { SHARDS_TOGETHER, shareRollUp } from '#domain/metrics/rollup/share.ts';
import { MERGE, TURN_MS, takeTurn } from '#domain/metrics/turn-items.ts';
import { Memory } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { paid, START_MS, settings } from './factories.ts';
import { append, metricsWorld, pendingOf, type World, writesOf } from './world.ts';

/** Another worker of the same world, whose calls are noted as well. */
const workerOf = (world: World): Runtime => ({ ...world.runtime, memory: new Memory() });

const orders = (count: number, name: string, atMs = START_MS) =>
  Array.from({ length: count }, (_, i) =>
    paid({ order: `${name}-${i}`, member: `m${i}`, brand: `brand-${i % 7}`, timeMs: atMs + i }),
  );

/** How many rows of a level were written. */
const rowWrites = (world: World, level: number): number =>
  writesOf(world, 'ROW').filter(({ input }) =>
    (input as { Item: Record<string, { S?: string }> }).Item.window!.S!.startsWith(`sale#${level}#`),
  ).length;

const countOf = async (world: World, shards = 1) => {
  const { row } = await readTotal(world.aside, settings({ shards }));
  return tallyOf(row, 'paid').count;
};

describe('workers that are asked for the same shard', () => {
  it.each([1, 3])('do its work once between them, in a campaign with %i shards', async (shards) => {
    const campaign = settings({ shards });
    const alone = metricsWorld();
    await shareRollUp(alone.runtime, campaign, await append(alone, campaign, orders(90, 'a')));

    const world = metricsWorld(async () => {});
    const windows = await append(world, campaign, orders(90, 'a'));
    await Promise.all([1, 2, 3, 4].map(() => shareRollUp(workerOf(world), campaign, windows)));
    expect(await countOf(world, shards)).toBe(90);
    expect(rowWrites(world, 0)).toBe(rowWrites(alone, 0));
    expect(rowWrites(alone, 0)).toBe(shards);
  });

  it('merge a window once for each group of shards that a worker rolls up together', async () => {
    const campaign = settings({ shards: 2 * SHARDS_TOGETHER });
    const world = metricsWorld(async () => {});
    const windows = await append(world, campaign, orders(900, 'a'));
    await Promise.all([1, 2, 3, 4].map(() => shareRollUp(workerOf(world), campaign, windows)));
    expect(await countOf(world, 2 * SHARDS_TOGETHER)).toBe(900);
    expect(rowWrites(world, 1)).toBeGreaterThan(0);
    expect(rowWrites(world, 1)).toBeLessThanOrEqual(2);
  });

  it('wait for the merge of a dead worker no longer than its turn lasts', async () => {
    const campaign = settings({ shards: 3 });
    const world = metricsWorld();
    const windows = await append(world, campaign, orders(90, 'a'));
    expect(await takeTurn(workerOf(world), campaign, MERGE)).toBeDefined();
    await shareRollUp(world.runtime, campaign, windows);
    expect(world.time.nowMs - START_MS).toBeGreaterThanOrEqual(TURN_MS);
    expect(world.time.nowMs - START_MS).toBeLessThan(TURN_MS + 1_000);
    expect(await countOf(world, 3)).toBe(90);
  });

  it('find the work of their messages done if another worker did it first', async () => {
    const campaign = settings();
    const world = metricsWorld();
    const first = await append(world, campaign, orders(5, 'a'));
    const second = await append(world, campaign, orders(5, 'b', START_MS + 60_000));
    await shareRollUp(world.runtime, campaign, first);
    expect(await countOf(world)).toBe(10);
    world.calls.length = 0;
    await shareRollUp(workerOf(world), campaign, second);
    expect(writesOf(world, 'ROW')).toEqual([]);
    expect(world.calls.map(({ name }) => name)).toEqual(['Query']);
  });

  it('wait for a dead worker no longer than its turn lasts, and then do the work', async () => {
    const campaign = settings();
    const world = metricsWorld();
    const windows = await append(world, campaign, orders(5, 'a'));
    expect(await takeTurn(workerOf(world), campaign, 0)).toBeDefined();
    await shareRollUp(world.runtime, campaign, windows);
    expect(world.time.nowMs - START_MS).toBeGreaterThanOrEqual(TURN_MS);
    expect(world.time.nowMs - START_MS).toBeLessThan(TURN_MS + 1_000);
    expect(await countOf(world)).toBe(5);
    expect(await pendingOf(world, campaign)).toEqual([]);
  });

  it('give the turn back if their work fails, and never end another worker’s turn', async () => {
    const campaign = settings();
    const world = metricsWorld();
    const windows = await append(world, campaign, orders(5, 'a'));
    world.turn = async (call) => {
      if (call === 'PutItem') throw new Error('the table is gone');
    };
    await expect(shareRollUp(world.runtime, campaign, windows)).rejects.toThrow('the table is gone');
    world.turn = async () => {};
    expect(await takeTurn(workerOf(world), campaign, 0)).toBeDefined();

    // The slow worker finds its turn taken, and leaves the other worker's turn as it is.
    const slow = metricsWorld();
    const late = await append(slow, campaign, orders(5, 'a'));
    slow.turn = async (call) => {
      if (call !== 'PutItem') return;
      slow.turn = async () => {};
      slow.time.nowMs += TURN_MS;
      expect(await takeTurn(slow.aside, campaign, 0)).toBeDefined();
    };
    await shareRollUp(slow.runtime, campaign, late);
    expect(await takeTurn(slow.aside, campaign, 0)).toBeUndefined();
  });
});

describe('a quiet sale', () => {
  it('is refreshed once in each slot of time, however many batches come within the slot, and a busy sale at once', () => {
    const delivered = (atMs: number) => Math.ceil(atMs / 1_000) + refreshDelaySeconds(1, atMs, 10);
    const slotMs = START_MS + 3_000;
    const arrivals = [0, 1_900, 4_000, 9_000].map((laterMs) => delivered(slotMs + laterMs));
    expect(Math.max(...arrivals) - Math.min(...arrivals)).toBeLessThanOrEqual(1);
    // A window of 10 s is over then, and its last batches have come.
    expect(arrivals[0]).toBe((START_MS + 13_000) / 1_000);
    expect(refreshDelaySeconds(1, slotMs + 9_999, 10)).toBe(1);
    expect(refreshDelaySeconds(1, slotMs, 10)).toBe(10);
    const atMs = slotMs;
    expect(refreshDelaySeconds(QUIET_EVENTS, atMs, 10)).toBe(0);
    expect(refreshDelaySeconds(1, atMs, 0)).toBe(0);
  });
});
