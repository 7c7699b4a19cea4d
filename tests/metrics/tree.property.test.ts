import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { levelsOf } from '#domain/metrics/levels.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import {
  appendInto,
  emptyRow,
  type Row,
  rowNetFen,
  rowOfEvents,
  tallyOf,
} from '#domain/metrics/rollup/row.ts';
import { packRowParts, unpackRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { metricEvents, paid, START_MS, settings } from './factories.ts';
import { consistent, runWorkers } from './workers.ts';
import { append, metricsWorld, pendingOf, rowAt, storedTotal, type World, writesOf } from './world.ts';

const floorTo = (timeMs: number, lengthMs: number): number => Math.floor(timeMs / lengthMs) * lengthMs;

/** A row of these windows' events, straight from the list of them. */
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

const windowAt = (offsetMs: number) => ({ level: 0, startMs: START_MS + offsetMs, shard: 0 });

const bytesOf = (row: Row): string => Buffer.from(packRowParts(row)[0]!).toString('hex');

const totalBytes = async (world: World, campaign: CampaignSettings): Promise<string> =>
  bytesOf(unpackRowParts((await storedTotal(world, campaign)).parts));

const batches = fc.array(
  metricEvents(600_000, 20).filter((events) => events.length > 0),
  { minLength: 1, maxLength: 6 },
);
const campaigns = fc
  .record({ shards: fc.constantFrom(1, 3), windowMs: fc.constantFrom(10_000, 60_000) })
  .map((changes) => settings(changes));

describe('rolling up', () => {
  it('by overlapping workers that crash anywhere and are run again ends at the total of the set of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        campaigns,
        batches,
        fc.scheduler(),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 6 }),
        async (campaign, all, scheduler, deaths) => {
          const sets = consistent(all);
          const world = await runWorkers(campaign, sets, { scheduler, deaths });
          const expected = totalOf(campaign, sets.flat());
          expect(await totalBytes(world, campaign)).toBe(bytesOf(expected));
          expect(await pendingOf(world, campaign)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('by a worker that was overtaken makes its row again from the current ones', async () => {
    const campaign = settings({ endsAtMs: START_MS + 60_000 });
    const mine = paid({ order: 'mine', timeMs: START_MS });
    const others = [1, 2].map((i) => paid({ order: `other-${i}`, timeMs: START_MS + 10_000 }));
    let isOvertaken = false;
    const world = metricsWorld(async (call) => {
      // Between the worker's reading of the windows and its writing of the total, another one folds the second window.
      if (call !== 'PutItem' || isOvertaken || (await rowAt(world, campaign, windowAt(0))) === undefined)
        return;
      isOvertaken = true;
      await rollUp(world.aside, campaign, await append(world, campaign, others));
    });
    await rollUp(world.runtime, campaign, await append(world, campaign, [mine]));
    expect(isOvertaken).toBe(true);
    expect(await totalBytes(world, campaign)).toBe(bytesOf(totalOf(campaign, [mine, ...others])));
  });

  it('again without new events writes nothing', async () => {
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
