import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { levelsOf, totalKey } from '#domain/metrics/levels.ts';
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
import { testRuntime } from '../support/runtime.ts';
import { metricEvents, paid, START_MS, settings } from './factories.ts';
import { append, place, resetStore, store } from './memory-table.ts';
import { consistent, runWorkers } from './workers.ts';

vi.mock('#domain/metrics/metrics-table.ts', async () => (await import('./memory-table.ts')).memoryTable);

const runtime = testRuntime();

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

const bytesOf = (row: Row): string => Buffer.from(packRowParts(row)[0]!).toString('hex');

const storedTotal = (campaign: ReturnType<typeof settings>): string =>
  bytesOf(unpackRowParts([store.rows.get(place(campaign, totalKey(campaign)))!.parts[0]!]));

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
          await runWorkers(rollUp, campaign, sets, { scheduler, deaths });
          const expected = totalOf(campaign, sets.flat());
          expect(storedTotal(campaign)).toBe(bytesOf(expected));
          for (const blocks of store.pending.values()) expect(blocks.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('by a stale worker never replaces a row made of more blocks', async () => {
    await fc.assert(
      fc.asyncProperty(campaigns, batches, fc.scheduler(), async (campaign, all, scheduler) => {
        const seen = new Map<string, number>();
        await runWorkers(rollUp, campaign, all, { scheduler, deaths: [] });
        for (const [key, row] of store.rows) seen.set(key, row.blocks);
        await rollUp(runtime, campaign, append(campaign, all[0]!));
        for (const [key, row] of store.rows) expect(row.blocks).toBeGreaterThanOrEqual(seen.get(key) ?? 0);
      }),
      { numRuns: 50 },
    );
  });

  it('makes a refused row again from the current rows', async () => {
    const campaign = settings({ endsAtMs: START_MS + 60_000 });
    const mine = paid({ order: 'mine', timeMs: START_MS });
    const others = [1, 2].map((i) => paid({ order: `other-${i}`, timeMs: START_MS + 10_000 }));
    let puts = 0;
    resetStore(async (call) => {
      if (call !== 'putRow' || ++puts !== 2) return;
      // Between the worker's reading of the windows and its writing of the total, another one that read the first window
      // before it was folded writes the second window and a total of that alone, which more blocks are folded into.
      for (const event of others) append(campaign, [event]);
      const row = {
        blocks: 2,
        version: 'other',
        parts: [packRowParts(rowOfEvents(others.map(toBlockEvent)))[0]!],
      };
      store.rows.set(place(campaign, { level: 0, startMs: START_MS + 10_000, shard: 0 }), row);
      store.rows.set(place(campaign, totalKey(campaign)), row);
    });
    await rollUp(runtime, campaign, append(campaign, [mine]));
    expect(storedTotal(campaign)).toBe(bytesOf(totalOf(campaign, [mine, ...others])));
  });

  it('again without new events writes nothing', async () => {
    const campaign = settings();
    let writes = 0;
    resetStore(async (call) => {
      if (call === 'putRow') writes++;
    });
    const events = fc.sample(metricEvents(600_000, 20), { numRuns: 3, seed: 1 }).flat();
    const windows = append(campaign, events);
    await rollUp(runtime, campaign, windows);
    expect(writes).toBeGreaterThan(0);
    writes = 0;
    await rollUp(runtime, campaign, windows);
    expect(writes).toBe(0);
  });
});
