import fc, { type Scheduler } from 'fast-check';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { testRuntime } from '../support/runtime.ts';
import { append, resetStore, store } from './memory-table.ts';

type RollUp = typeof import('#domain/metrics/rollup/tree.ts').rollUp;

/** One id with one content: two contents in two windows would be two events. */
export const consistent = (batches: readonly MetricEvent[][]): MetricEvent[][] => {
  const contents = new Map(batches.flat().map((event) => [event.id, event]));
  return batches.map((events) => events.map(({ id }) => contents.get(id)!));
};

/** The order of the calls of the table, and the calls at which a worker dies. */
export type WorkerRun = { scheduler: Scheduler; deaths: readonly number[] };

/** Runs of random order and random deaths. */
export const workerRuns = (): fc.Arbitrary<WorkerRun> =>
  fc.record({
    scheduler: fc.scheduler(),
    deaths: fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 6 }),
  });

/**
 * Appends and rolls up each batch as a worker of its own, all of them at once over an empty table, each call of the table in
 * the scheduler's order. A worker that dies, at the calls numbered in `deaths`, is run again, as its message would be.
 */
export const runWorkers = async (
  rollUp: RollUp,
  campaign: CampaignSettings,
  batches: readonly MetricEvent[][],
  { scheduler, deaths }: WorkerRun,
): Promise<void> => {
  let calls = 0;
  resetStore(async (call) => {
    await scheduler.schedule(Promise.resolve(), call);
    if (deaths.includes(calls++)) throw new Error('killed');
  });
  const worker = async (events: MetricEvent[]) => {
    for (;;) {
      try {
        await rollUp(testRuntime(), campaign, append(campaign, events));
        return;
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
      }
    }
  };
  await scheduler.waitFor(Promise.all(batches.map(worker)));
  store.turn = async () => {};
};
