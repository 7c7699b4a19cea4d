import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { levelsOf } from '#domain/metrics/levels.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import {
  appendInto,
  emptyRow,
  type Row,
  rowNetFen,
  rowOfEvents,
  tallyOf,
} from '#domain/metrics/rollup/row.ts';
import { packRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { shareRollUp } from '#domain/metrics/rollup/share.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { raiseShards } from '#domain/metrics/shard-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { metricEvents, paid, START_MS, settings } from './factories.ts';
import { consistent, runWorkers } from './workers.ts';
import { append, metricsWorld, pendingOf, rowAt, type World, writesOf } from './world.ts';

const floorTo = (timeMs: number, lengthMs: number): number => Math.floor(timeMs / lengthMs) * lengthMs;

/** The row of these events, made directly from the list: a row for each window of `lengthMs`, all appended. */
const appended = (events: readonly MetricEvent[], lengthMs: number): Row => {
  const windows = Map.groupBy(events, ({ timeMs }) => floorTo(timeMs, lengthMs));
  const row = emptyRow();
  for (const [, ofWindow] of [...windows].sort(([a], [b]) => a - b)) {
    appendInto(row, rowOfEvents(ofWindow.map(toBlockEvent)));
  }
  return row;
};

/** What a campaign's total must be. */
const totalOf = (campaign: CampaignSettings, events: readonly MetricEvent[]): Row => {
  const row = appended(events, campaign.windowMs);
  const seriesMs = levelsOf(campaign).at(-2)!.lengthMs;
  const longer = Map.groupBy(events, ({ timeMs }) => floorTo(timeMs, seriesMs));
  row.series = [...longer]
    .sort(([a], [b]) => a - b)
    .map(([startMs, ofWindow]) => {
      const part = appended(ofWindow, campaign.windowMs);
      const { peakFen } = part;
      return { startMs, orders: tallyOf(part, 'paid').count, netFen: rowNetFen(part), peakFen };
    })
    .filter(({ orders, netFen }) => orders !== 0 || netFen !== 0);
  return row;
};

const bytesOf = (row: Row): string => Buffer.from(packRowParts(row)[0]!).toString('hex');

const totalBytes = async (world: World, campaign: CampaignSettings): Promise<string> =>
  bytesOf((await readTotal(world.aside, campaign)).row);

const HOUR_MS = 3_600_000;

const batches = fc.constantFrom(600_000, HOUR_MS, 5 * HOUR_MS).chain((spanMs) =>
  fc.array(
    metricEvents(spanMs, 20).filter((events) => events.length > 0),
    { minLength: 1, maxLength: 6 },
  ),
);
const campaigns = fc
  .record({
    shards: fc.constantFrom(1, 3),
    windowMs: fc.constantFrom(10_000, 60_000),
    hours: fc.constantFrom(5, 24, 100),
  })
  .map(({ hours, ...rest }) => settings({ ...rest, endsAtMs: START_MS + hours * HOUR_MS }));

describe('rolling up', () => {
  it('by overlapping workers that crash anywhere and are run again ends at the total of the set of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        campaigns,
        batches,
        fc.record({
          scheduler: fc.scheduler(),
          deaths: fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 6 }),
          rollUpBy: fc.constantFrom(rollUp, shareRollUp),
        }),
        async (campaign, all, run) => {
          const sets = consistent(all);
          const world = await runWorkers(campaign, sets, run);
          const expected = totalOf(campaign, sets.flat());
          expect(await totalBytes(world, campaign)).toBe(bytesOf(expected));
          expect(await pendingOf(world, campaign)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of a sale that gets more shards while it is on ends at the same total', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 3),
        fc.array(metricEvents(5 * HOUR_MS, 20), { minLength: 1, maxLength: 5 }),
        fc.scheduler(),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 6 }),
        async (shards, all, scheduler, deaths) => {
          const campaign = settings({ shards, endsAtMs: START_MS + 5 * HOUR_MS });
          const sets = consistent(all.filter((events) => events.length > 0));
          let changes = 0;
          const world = await runWorkers(campaign, sets, {
            scheduler,
            deaths,
            prepare: async ({ aside, time }) => {
              for (const atMs of [START_MS, START_MS + 2 * HOUR_MS]) {
                time.nowMs = atMs;
                const change = await raiseShards(aside, campaign, 4 + changes);
                if (change !== undefined) changes++;
              }
            },
          });
          expect(changes).toBe(2);
          expect(await totalBytes(world, campaign)).toBe(bytesOf(totalOf(campaign, sets.flat())));
          expect(await pendingOf(world, campaign)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('by a worker that was overtaken makes its row again from the current rows below it', async () => {
    const campaign = settings();
    const events = ['mine', 'other', 'far'].map((order, i) =>
      paid({ order, timeMs: START_MS + [0, 10_000, 600_000][i]! }),
    );
    const world = metricsWorld();
    await rollUp(world.aside, campaign, await append(world, campaign, [events[2]!]));
    const minute = { level: 1, startMs: START_MS, shard: 0 };
    let isOvertaken = false;
    world.turn = async (call) => {
      const writes = world.calls.filter(({ name }) => name === 'PutItem').length;
      // The row of the first window is written, and that of its minute comes next. Before that, another worker writes
      // the minute's row with the second window.
      if (call !== 'PutItem' || isOvertaken || writes < 4) return;
      isOvertaken = true;
      await rollUp(world.aside, campaign, await append(world, campaign, [events[1]!]));
      expect((await rowAt(world, campaign, minute))!.blocks).toBe(2);
    };
    await rollUp(world.runtime, campaign, await append(world, campaign, [events[0]!]));
    expect(isOvertaken).toBe(true);
    expect((await rowAt(world, campaign, minute))!.blocks).toBe(2);
    expect(await totalBytes(world, campaign)).toBe(bytesOf(totalOf(campaign, events)));
  });

  it('again without new events writes no row', async () => {
    const campaign = settings();
    const world = metricsWorld();
    const events = fc.sample(metricEvents(600_000, 20), { numRuns: 3, seed: 1 }).flat();
    const windows = await append(world, campaign, events);
    await rollUp(world.runtime, campaign, windows);
    expect(writesOf(world, 'ROW').length).toBeGreaterThan(0);
    world.calls.length = 0;
    await rollUp(world.runtime, campaign, windows);
    expect(writesOf(world, 'ROW')).toEqual([]);
  });
});
