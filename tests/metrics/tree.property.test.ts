import fc, { type Scheduler } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { CampaignSettings } from '#events/contract.ts';
import { blocksOf } from '#lambdas/metrics/batch-blocks.ts';
import { toBlockEvent } from '#lambdas/metrics/block.ts';
import { appendInto, emptyRow, type Row, rowNetFen, rowOfEvents, tallyOf } from '#lambdas/rollup/row.ts';
import { packRow, unpackRow } from '#lambdas/rollup/row-codec.ts';
import { rollUp } from '#lambdas/rollup/tree.ts';
import { levelsOf, type RowKey, totalKey } from '#lambdas/shared/levels.ts';
import { type MetricEvent, toTuple } from '#lambdas/shared/metric-event.ts';
import type * as MetricsTable from '#lambdas/shared/metrics-table.ts';
import { metricEvents, paid, START_MS, settings } from './factories.ts';

type StoredRow = MetricsTable.StoredRow;

/**
 * The metrics table in memory, with the guarantees of the real one and no more: each item's read and write is atomic and
 * strongly consistent, reads of several items are not a snapshot, and a process may die before or after any call.
 */
const store = vi.hoisted(() => ({
  blocks: new Map<string, Map<string, Uint8Array>>(),
  rows: new Map<string, StoredRow>(),
  pending: new Map<number, Set<string>>(),
  turn: async (_call: string): Promise<void> => {},
}));

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
      return { startMs, orders: tallyOf(part, 'paid').count, netFen: rowNetFen(part) };
    })
    .filter(({ orders, netFen }) => orders !== 0 || netFen !== 0);
  return row;
};

const place = ({ level, startMs, shard }: RowKey) => `${level}/${startMs}/${shard}`;

vi.mock(
  '#lambdas/shared/metrics-table.ts',
  (): Partial<typeof MetricsTable> => ({
    readWindow: async (_settings, key) => {
      const blocks: MetricsTable.StoredBlock[] = [];
      await store.turn('readWindow');
      const ids = [...(store.blocks.get(place(key))?.keys() ?? [])].sort();
      const half = ids.length >> 1;
      for (const id of ids.slice(0, half)) blocks.push({ id, body: store.blocks.get(place(key))!.get(id)! });
      await store.turn('readWindow, next page');
      const later = [...(store.blocks.get(place(key))?.keys() ?? [])]
        .sort()
        .filter((id) => id > (ids[half - 1] ?? ''));
      for (const id of later) blocks.push({ id, body: store.blocks.get(place(key))!.get(id)! });
      return { blocks, row: store.rows.get(place(key)) };
    },
    readRows: async (_settings, keys) => {
      const rows: (StoredRow | undefined)[] = [];
      for (const [i, key] of keys.entries()) {
        if (i % 3 === 0) await store.turn('readRows');
        rows.push(store.rows.get(place(key)));
      }
      return rows;
    },
    putRow: async (_settings, key, row) => {
      await store.turn('putRow');
      const current = store.rows.get(place(key));
      const isWritten = current === undefined || current.blocks <= row.blocks;
      if (isWritten) store.rows.set(place(key), row);
      await store.turn('putRow, answer');
      return isWritten;
    },
    readPending: async (_settings, shard) => {
      await store.turn('readPending');
      return [...(store.pending.get(shard) ?? [])].map((blockId) => ({ startMs: 0, blockId }));
    },
    removePending: async (_settings, shard, folded) => {
      await store.turn('removePending');
      for (const { blockId } of folded) store.pending.get(shard)?.delete(blockId);
    },
  }),
);

const append = (campaign: ReturnType<typeof settings>, events: readonly MetricEvent[]) => {
  const [result] = blocksOf([{ settings: campaign, events: events.map(toTuple) }]);
  for (const { id, body, startMs, shard } of result!.blocks) {
    const key = place({ level: 0, startMs, shard });
    if (!store.blocks.has(key)) store.blocks.set(key, new Map());
    store.blocks.get(key)!.set(id, body);
    if (!store.pending.has(shard)) store.pending.set(shard, new Set());
    store.pending.get(shard)!.add(id);
  }
  return result!.blocks.map(({ startMs, shard }) => ({ startMs, shard }));
};

const bytesOf = (row: Row): string => Buffer.from(packRow(row)).toString('hex');

const storedTotal = (campaign: ReturnType<typeof settings>): string =>
  bytesOf(unpackRow(store.rows.get(place(totalKey(campaign)))!.parts[0]!));

const batches = fc.array(
  metricEvents(600_000, 20).filter((events) => events.length > 0),
  { minLength: 1, maxLength: 6 },
);
const campaigns = fc
  .record({ shards: fc.constantFrom(1, 3), windowMs: fc.constantFrom(10_000, 60_000) })
  .map((changes) => settings(changes));

describe('rolling up', () => {
  const reset = (turn: (call: string) => Promise<void>) => {
    store.blocks.clear();
    store.rows.clear();
    store.pending.clear();
    store.turn = turn;
  };

  /** Appends and rolls up each batch as a worker of its own; a worker that dies is run again, as its message would be. */
  const runWorkers = async (
    campaign: ReturnType<typeof settings>,
    all: MetricEvent[][],
    scheduler: Scheduler,
    deaths: number[],
  ): Promise<void> => {
    let calls = 0;
    reset(async (call) => {
      await scheduler.schedule(Promise.resolve(), call);
      if (deaths.includes(calls++)) throw new Error('killed');
    });
    const worker = async (events: MetricEvent[]) => {
      for (;;) {
        try {
          await rollUp(campaign, append(campaign, events));
          return;
        } catch (error) {
          if (!(error instanceof Error) || error.message !== 'killed') throw error;
        }
      }
    };
    await scheduler.waitFor(Promise.all(all.map(worker)));
  };

  it('by overlapping workers that die anywhere and come back ends at the total of the set of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        campaigns,
        batches,
        fc.scheduler(),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 6 }),
        async (campaign, all, scheduler, deaths) => {
          // One id has one content here: two contents in two windows would be two events.
          const contents = new Map(all.flat().map((event) => [event.id, event]));
          const consistent = all.map((events) => events.map(({ id }) => contents.get(id)!));
          await runWorkers(campaign, consistent, scheduler, deaths);
          const expected = totalOf(campaign, consistent.flat());
          expect(storedTotal(campaign)).toBe(bytesOf(expected));
          for (const blocks of store.pending.values()) expect(blocks.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('a stale worker never replaces a row made of more blocks', async () => {
    await fc.assert(
      fc.asyncProperty(campaigns, batches, fc.scheduler(), async (campaign, all, scheduler) => {
        const seen = new Map<string, number>();
        await runWorkers(campaign, all, scheduler, []);
        for (const [key, row] of store.rows) seen.set(key, row.blocks);
        store.turn = async () => {};
        await rollUp(campaign, append(campaign, all[0]!));
        for (const [key, row] of store.rows) expect(row.blocks).toBeGreaterThanOrEqual(seen.get(key) ?? 0);
      }),
      { numRuns: 50 },
    );
  });

  it('a refused row is made again from what is there now', async () => {
    const campaign = settings({ endsAtMs: START_MS + 60_000 });
    const mine = paid({ order: 'mine', timeMs: START_MS });
    const others = [1, 2].map((i) => paid({ order: `other-${i}`, timeMs: START_MS + 10_000 }));
    let puts = 0;
    reset(async (call) => {
      if (call !== 'putRow' || ++puts !== 2) return;
      // Between the worker's reading of the windows and its writing of the total, another one that read the first window
      // before it was folded writes the second window and a total of that alone, which more blocks are folded into.
      for (const event of others) append(campaign, [event]);
      const row = { blocks: 2, version: 'other', parts: [packRow(rowOfEvents(others.map(toBlockEvent)))] };
      store.rows.set(place({ level: 0, startMs: START_MS + 10_000, shard: 0 }), row);
      store.rows.set(place(totalKey(campaign)), row);
    });
    await rollUp(campaign, append(campaign, [mine]));
    expect(storedTotal(campaign)).toBe(bytesOf(totalOf(campaign, [mine, ...others])));
  });

  it('again, when nothing new came, writes nothing', async () => {
    const campaign = settings();
    let writes = 0;
    reset(async (call) => {
      if (call === 'putRow') writes++;
    });
    const events = fc.sample(metricEvents(600_000, 20), { numRuns: 3, seed: 1 }).flat();
    const windows = append(campaign, events);
    await rollUp(campaign, windows);
    expect(writes).toBeGreaterThan(0);
    writes = 0;
    await rollUp(campaign, windows);
    expect(writes).toBe(0);
  });
});
