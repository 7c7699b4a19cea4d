import { describe, expect, it } from 'vitest';
import { toTuple } from '#domain/metrics/metric-event.ts';
import { addPending } from '#domain/metrics/pending-items.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { readMarks } from '#domain/metrics/watermark-item.ts';
import { makeHandler } from '#lambdas/metrics/handler.ts';
import { makeHandler as makeRollupHandler } from '#lambdas/rollup/handler.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { eventOf } from '../support/queues.ts';
import { testOutside } from '../support/runtime.ts';
import { paid, START_MS, settings } from './factories.ts';

const CAMPAIGN = settings();
const LATER_MS = START_MS + 60_000;

/**
 * A campaign with an order in its seventh window, which is not rolled up yet. `calls` are the calls that write, as JSON. A write
 * that contains `refused` fails, until `relent` is called.
 */
const withOrder = async (refused?: string) => {
  const calls: string[] = [];
  let isRefusing = refused !== undefined;
  const dynamodb = emulatedTables({
    before: async ({ name, input }) => {
      const call = JSON.stringify(input);
      if (isRefusing && call.includes(refused!)) throw new Error('refused');
      if (/^(Put|Update|BatchWrite)/.test(name)) calls.push(call);
    },
  });
  const sqs = { send: async () => ({ Successful: [], Failed: [] }) as never };
  const outside = testOutside({
    clients: { dynamodb, sqs },
    environment: { ROLLUP_QUEUE_URL: 'rollup' },
  });
  const event = paid({ timeMs: LATER_MS });
  await makeHandler(outside)(eventOf({ settings: CAMPAIGN, events: [toTuple(event)] }), {} as never);
  const relent = () => {
    isRefusing = false;
  };
  return { runtime: makeRuntime(outside), calls, outside, relent };
};

const placeOf = (calls: readonly string[], ...texts: string[]): number =>
  calls.findIndex((call) => texts.every((text) => call.includes(text)));

describe('a batch of events', () => {
  it('is stored as a block before its window is pending', async () => {
    const { calls } = await withOrder();
    expect(placeOf(calls, 'BLOCK#')).toBeGreaterThanOrEqual(0);
    expect(placeOf(calls, 'BLOCK#')).toBeLessThan(placeOf(calls, 'PENDING#'));
  });
});

describe('a block', () => {
  it('outlives its window and all the time that a message can lie in a queue and a dead-letter queue', async () => {
    const { calls } = await withOrder();
    const expiresAt = /"expiresAt":\{"N":"(\d+)"\}/.exec(calls[placeOf(calls, 'BLOCK#')]!)![1];
    const queuesMs = (4 + 14) * 86_400_000;
    expect(Number(expiresAt) * 1_000).toBeGreaterThan(LATER_MS + CAMPAIGN.horizonMs + queuesMs);
  });
});

describe('a window that is rolled up', () => {
  it('stays pending until the mark of the newest window is raised, so that the rows above include it', async () => {
    const { runtime, calls } = await withOrder();
    await rollUp(runtime, CAMPAIGN, [{ startMs: LATER_MS, shard: 0 }]);
    const struckOut = placeOf(calls, 'DeleteRequest', 'PENDING#');
    expect(struckOut).toBeGreaterThan(placeOf(calls, 'tailMs'));
    expect(placeOf(calls, 'tailMs')).toBeGreaterThan(0);
  });

  it('stays pending until the time of the newest order is raised', async () => {
    const { runtime, calls } = await withOrder();
    await rollUp(runtime, CAMPAIGN, [{ startMs: LATER_MS, shard: 0 }]);
    expect(placeOf(calls, 'newestMs')).toBeGreaterThan(0);
    expect(placeOf(calls, 'DeleteRequest', 'PENDING#')).toBeGreaterThan(placeOf(calls, 'newestMs'));
  });

  it('is marked as complete by a redelivery if the first worker crashed before it did so', async () => {
    const { outside, runtime, relent } = await withOrder('completeMs');
    const event = eventOf({ settings: CAMPAIGN, windows: [{ startMs: LATER_MS, shard: 0 }] });
    const rollup = makeRollupHandler(outside);
    await rollup(event, {} as never);
    expect((await readMarks(runtime, CAMPAIGN)).completeMs).toBeUndefined();
    relent();
    event.Records[0]!.attributes.ApproximateReceiveCount = '2';
    await rollup(event, {} as never);
    expect((await readMarks(runtime, CAMPAIGN)).completeMs).toBe(LATER_MS);
  });

  it('is not marked as complete before a rollup has found that it is', async () => {
    const { runtime } = await withOrder('DeleteRequest');
    await expect(rollUp(runtime, CAMPAIGN, [{ startMs: LATER_MS, shard: 0 }])).rejects.toThrow('refused');
    const { row, watermarkMs } = await readTotal(runtime, CAMPAIGN);
    expect(row.newestMs).toBe(LATER_MS);
    expect(watermarkMs).toBeUndefined();
  });

  it('is not marked as complete while an older window is pending', async () => {
    const { runtime } = await withOrder();
    await addPending(runtime, CAMPAIGN, [{ startMs: START_MS, shard: 0, blockId: 'older' }]);
    await rollUp(runtime, CAMPAIGN, [{ startMs: LATER_MS, shard: 0 }]);
    expect((await readMarks(runtime, CAMPAIGN)).completeMs ?? 0).toBeLessThanOrEqual(START_MS);
  });
});
