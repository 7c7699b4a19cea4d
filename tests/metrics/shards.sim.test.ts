import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionOf } from '#domain/metrics/item-keys.ts';
import { windowStartOf } from '#domain/metrics/levels.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { tallyOf } from '#domain/metrics/rollup/row.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { raiseShards, readShardChanges } from '#domain/metrics/shard-items.ts';
import {
  CHANGES_KNOWN_MS,
  firstChangeable,
  KEY_UNITS_PER_SECOND_MAX,
  PRESALE_SPREAD_MS,
  shardKeysOf,
  shardsAt,
  shardsFor,
} from '#domain/metrics/shards.ts';
import { CLOCK_SKEW_MS } from '#events/contract.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { paid, START_MS, settings } from './factories.ts';
import { append, METRICS_TABLE, metricsWorld, type World } from './world.ts';

const campaign = settings({ endsAtMs: START_MS + 10 * HOUR_MS });

/** Another process on the tables of a world. It has read nothing yet. */
const otherProcess = (world: World): World => {
  const other = metricsWorld();
  Object.assign(other, { tables: world.tables, time: world.time });
  for (const name of ['runtime', 'aside'] as const)
    Object.assign(other[name], { clock: world[name].clock, dynamodb: world[name].dynamodb });
  return other;
};

describe('a change of the number of shards', () => {
  it('concerns no window that may have events from a process that does not know of it yet', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2 * HOUR_MS, max: 9 * HOUR_MS }),
        fc.integer({ min: 0, max: CHANGES_KNOWN_MS }),
        fc.constantFrom(1_000, 10_000, 60_000),
        (sinceMs, laterMs, windowMs) => {
          const of = settings({ ...campaign, windowMs });
          const fromMs = firstChangeable(of, START_MS + sinceMs);
          const latestEventMs = START_MS + sinceMs + laterMs + CLOCK_SKEW_MS;
          expect(windowStartOf(of, latestEventMs)).toBeLessThan(fromMs);
          expect(windowStartOf(of, START_MS + PRESALE_SPREAD_MS)).toBeLessThan(fromMs);
          expect(windowStartOf(of, fromMs)).toBe(fromMs);
        },
      ),
    );
  });

  it('is known to every process before the first window that it concerns, and duplicates count once before and after it', async () => {
    const world = metricsWorld();
    world.time.nowMs = START_MS + HOUR_MS;
    const slow = otherProcess(world);
    expect(await readShardChanges(slow.aside, campaign)).toEqual([]);
    const change = (await raiseShards(world.aside, campaign, 8))!;
    const orders = (fromMs: number) =>
      Array.from({ length: 40 }, (_, i) =>
        paid({ order: `o${fromMs}-${i}`, member: `m${i}`, timeMs: fromMs + i * 10_000 }),
      );
    const before = orders(world.time.nowMs);
    const after = orders(change.fromMs);
    // The slow process does not know of the change yet, and writes to windows that the change does not concern.
    await rollUp(slow.aside, campaign, await append(slow, campaign, before));
    world.time.nowMs = change.fromMs - CLOCK_SKEW_MS;
    for (const who of [world, slow, otherProcess(world)])
      await rollUp(who.aside, campaign, await append(who, campaign, [...before, ...after]));
    const { row, pendingFromMs } = await readTotal(slow.aside, campaign);
    expect(tallyOf(row, 'paid').count).toBe(80);
    expect(pendingFromMs).toBeUndefined();

    const changes = await readShardChanges(slow.aside, campaign);
    expect(shardsAt(campaign, changes, change.fromMs - 10_000)).toBe(1);
    expect(shardsAt(campaign, changes, change.fromMs)).toBe(8);
    const used = new Set(world.tables.items(METRICS_TABLE).map(({ window }) => window!.S));
    const spread = Array.from({ length: 40 }, (_, i) => change.fromMs + i * 10_000).flatMap((startMs) =>
      shardKeysOf(campaign, changes, startMs),
    );
    const shards = new Set(
      spread.filter((key) => used.has(partitionOf('sale', key))).map(({ shard }) => shard),
    );
    expect(shards.size).toBeGreaterThan(4);
  });

  it('is made once if workers ask at the same time, never lowers the number, and is not made near the end of the sale', async () => {
    const world = metricsWorld();
    const asked = await Promise.all(
      Array.from({ length: 4 }, () => raiseShards(otherProcess(world).aside, campaign, 4)),
    );
    expect(asked.filter((change) => change !== undefined)).toHaveLength(1);
    expect(await raiseShards(world.aside, campaign, 4)).toBeUndefined();
    expect(await raiseShards(world.aside, campaign, 2)).toBeUndefined();
    expect((await raiseShards(world.aside, campaign, 1_000))!.shards).toBe(64);
    world.time.nowMs = campaign.endsAtMs - 60_000;
    const other = settings({ ...campaign, campaignId: 'other' });
    expect(await raiseShards(world.aside, other, 4)).toBeUndefined();
  });

  it('is made by a rollup of a window that gets more than half of what a key may take, and by no other', async () => {
    const sale = settings({ ...campaign, windowMs: 1_000 });
    const world = metricsWorld();
    const changesAfter = async (orders: number, atMs: number) => {
      world.time.nowMs = atMs;
      const events = Array.from({ length: orders }, (_, i) =>
        paid({ order: `${atMs}-${i}`, timeMs: atMs, member: `member-${i}`, brand: `brand-${i % 50}` }),
      );
      await rollUp(world.aside, sale, await append(world, sale, events));
      world.time.nowMs += CHANGES_KNOWN_MS;
      return readShardChanges(world.aside, sale);
    };
    expect(await changesAfter(9_000, START_MS)).toEqual([]);
    const atMs = START_MS + HOUR_MS;
    const [change] = await changesAfter(40_000, atMs);
    expect(change).toEqual({ fromMs: firstChangeable(sale, atMs), shards: 2 });
  });
});

describe('as many shards as writes need', () => {
  it('leave no key more than 800 write units a second, up to the largest number of shards', () => {
    for (const units of [1, 800, 801, 9_000, 51_200]) {
      expect(units / shardsFor(units)).toBeLessThanOrEqual(KEY_UNITS_PER_SECOND_MAX);
      if (shardsFor(units) > 1)
        expect(units / (shardsFor(units) - 1)).toBeGreaterThan(KEY_UNITS_PER_SECOND_MAX);
    }
  });
});
