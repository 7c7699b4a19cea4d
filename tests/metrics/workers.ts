import fc, { type Scheduler } from 'fast-check';
import { decodeMadeOf, type MadeOf } from '#domain/metrics/made-of.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { append, METRICS_TABLE, metricsWorld, type World } from './world.ts';

/** The batches, with the same content wherever an id occurs: two contents of an id in two windows would count as two events. */
export const consistent = (batches: readonly MetricEvent[][]): MetricEvent[][] => {
  const contents = new Map(batches.flat().map((event) => [event.id, event]));
  return batches.map((events) => events.map(({ id }) => contents.get(id)!));
};

/** The order of the calls to the table, and the calls at which a worker dies. */
export type WorkerRun = {
  scheduler: Scheduler;
  deaths: readonly number[];
  /** What has happened before the workers begin. */
  prepare?: (world: World) => Promise<unknown>;
  /** How the workers roll up: as the function does, or without taking turns, as if every turn lasted too long. */
  rollUpBy?: typeof rollUp;
};

/** Runs with a random order and random crashes. */
export const workerRuns = (): fc.Arbitrary<WorkerRun> =>
  fc.record({
    scheduler: fc.scheduler(),
    deaths: fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 6 }),
  });

const WRITTEN = new Set(['PutItem, answer', 'UpdateItem, answer']);

/** Checks that rows are replaced by supersets only, and that the watermark never falls. Throws otherwise. */
const watchGrowth = (world: World) => {
  const rows = new Map<string, MadeOf>();
  let watermarkMs = 0;
  const checkRow = (partition: string, next: MadeOf): void => {
    const before = rows.get(partition);
    rows.set(partition, next);
    const isSuperset =
      before === undefined ||
      (before.kind === 'blocks' && next.kind === 'blocks'
        ? before.blocks.every((block) => next.blocks.includes(block))
        : before.kind === 'children' &&
          next.kind === 'children' &&
          before.counts.every((count, i) => count <= (next.counts[i] ?? -1)));
    if (!isSuperset) throw new Error(`row ${partition}: expected a superset of ${JSON.stringify(before)}`);
  };
  return {
    check: (): void => {
      for (const { window, item, made, completeMs } of world.tables.items(METRICS_TABLE)) {
        if (item!.S === 'ROW') checkRow(window!.S!, decodeMadeOf(made!.B!));
        if (item!.S !== 'WATERMARK' || completeMs === undefined) continue;
        if (Number(completeMs.N) < watermarkMs) throw new Error('watermark: expected no fall, got one');
        watermarkMs = Number(completeMs.N);
      }
    },
  };
};

/**
 * Appends and rolls up each batch with a separate worker, all at once over an empty table. The scheduler decides the order of
 * the calls to the table. A worker crashes at the calls numbered in `deaths` and is then run again, as its message would be.
 */
export const runWorkers = async (
  campaign: CampaignSettings,
  batches: readonly MetricEvent[][],
  { scheduler, deaths, prepare = async () => {}, rollUpBy = rollUp }: WorkerRun,
): Promise<World> => {
  let calls = 0;
  const world = metricsWorld(async (call) => {
    await scheduler.schedule(Promise.resolve(), call);
    if (WRITTEN.has(call)) growth.check();
    if (deaths.includes(calls++)) throw new Error('killed');
  });
  const growth = watchGrowth(world);
  await prepare({ ...world, runtime: world.aside });
  const worker = async (events: MetricEvent[]) => {
    for (;;) {
      try {
        await rollUpBy(world.runtime, campaign, await append(world, campaign, events));
        return;
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
      }
    }
  };
  await scheduler.waitFor(Promise.all(batches.map(worker)));
  world.turn = async () => {};
  return world;
};
