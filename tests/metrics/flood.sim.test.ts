import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { toTuple } from '#domain/metrics/metric-event.ts';
import type { RollupMessage } from '#domain/metrics/rollup/message.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { tallyOf } from '#domain/metrics/rollup/row.ts';
import { makeHandler as makeMetrics } from '#lambdas/metrics/handler.ts';
import { makeHandler as makeRollup } from '#lambdas/rollup/handler.ts';
import { chunks } from '#platform/collections.ts';
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { paid, START_MS, settings } from './factories.ts';
import { METRICS_TABLE, metricsWorld, pendingOf } from './world.ts';

const EVENTS = 10_000;
const EVENTS_PER_MESSAGE = 100;
/** What one DynamoDB item may hold. */
const ITEM_BYTES_MAX = 400 * 1024;
const NO_FAILURES: SQSBatchResponse = { batchItemFailures: [] };

const context = { functionName: 'test', awsRequestId: 'test', getRemainingTimeInMillis: () => 60_000 };

const batchOf = (messages: readonly unknown[]): SQSEvent =>
  ({
    Records: messages.map((message, i) => ({
      messageId: String(i),
      body: JSON.stringify(message),
      attributes: { ApproximateReceiveCount: '1' },
    })),
  }) as unknown as SQSEvent;

describe('a flood of events', () => {
  it('is counted, even if the events come out of order over 20 days and each event of a message is in a different window', async () => {
    const random = seededRandom(7);
    const campaign = settings({ endsAtMs: START_MS + 20 * DAY_MS, shards: 2, windowMs: 60_000 });
    const world = metricsWorld();
    const sent: RollupMessage[] = [];
    const outside = testOutside({
      clock: world.aside.clock,
      environment: { ROLLUP_QUEUE_URL: 'rollup', QUIET_SLOT_SECONDS: '10' },
      clients: {
        dynamodb: world.aside.dynamodb,
        sqs: {
          send: (async ({ input }: { input: { Entries: { MessageBody: string }[] } }) => {
            for (const { MessageBody: body } of input.Entries) sent.push(JSON.parse(body) as RollupMessage);
            return {};
          }) as never,
        },
      },
    });
    const events = Array.from({ length: EVENTS }, (_, i) =>
      paid({ order: `o${i}`, timeMs: START_MS + Math.floor(random() * 20 * DAY_MS), amountFen: 100 }),
    );
    const messages = chunks(events, EVENTS_PER_MESSAGE).map((chunk) => ({
      settings: campaign,
      events: chunk.map(toTuple),
    }));
    expect(await makeMetrics(outside)(batchOf(messages), context as never)).toEqual(NO_FAILURES);
    const pending = await pendingOf(world, campaign);
    expect(pending.length).toBeGreaterThan(8_000);
    for (const message of sent) expect(JSON.stringify(message).length).toBeLessThan(100_000);
    const rollup = makeRollup(outside);
    for (const batch of chunks(sent, 50))
      expect(await rollup(batchOf(batch), context as never)).toEqual(NO_FAILURES);
    const { row, pendingFromMs } = await readTotal(world.aside, campaign);
    expect(tallyOf(row, 'paid')).toEqual({ count: EVENTS, fen: EVENTS * 100 });
    expect(pendingFromMs).toBeUndefined();
    for (const item of world.tables.items(METRICS_TABLE))
      expect(JSON.stringify(item).length).toBeLessThan(ITEM_BYTES_MAX);
  });

  it('costs one write unit for each block that is noted as pending, however many are pending already', async () => {
    const { addPending } = await import('#domain/metrics/pending-items.ts');
    const campaign = settings();
    const world = metricsWorld();
    const unitsOf = async (from: number, count: number): Promise<number> => {
      const before = world.tables.consumed.get(METRICS_TABLE)?.write ?? 0;
      const blocks = Array.from({ length: count }, (_, i) => ({
        startMs: START_MS,
        shard: 0,
        blockId: `block-${from + i}`.padEnd(22, '-'),
      }));
      await addPending(world.aside, campaign, blocks);
      return world.tables.consumed.get(METRICS_TABLE)!.write - before;
    };
    expect(await unitsOf(0, 900)).toBe(900);
    world.time.nowMs += HOUR_MS;
    expect(await unitsOf(900, 1)).toBe(1);
  });
});
