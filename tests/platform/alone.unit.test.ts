import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { toMemberTuple } from '#domain/members/member-event.ts';
import { toTuple } from '#domain/metrics/metric-event.ts';
import { makeHandler as coupon } from '#lambdas/coupon/handler.ts';
import { makeHandler as freeOrder } from '#lambdas/free-order/handler.ts';
import { makeHandler as metrics } from '#lambdas/metrics/handler.ts';
import { makeHandler as rollup } from '#lambdas/rollup/handler.ts';
import { outOfTime, togetherOrAlone } from '#platform/batch.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { instantRules } from '../free-orders/factory.ts';
import { paid, START_MS, settings } from '../metrics/factories.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { messageOf, openCampaign, orderEvent, secrets } from '../support/free-order-world.ts';
import { testOutside } from '../support/runtime.ts';

type Handler = (event: unknown, context: unknown) => Promise<SQSBatchResponse>;

const outside = testOutside({
  clients: { dynamodb: emulatedTables(), sqs: { send: (async () => ({})) as never }, secrets },
  environment: { QUIET_SLOT_SECONDS: '60', ROLLUP_QUEUE_URL: 'rollup', OWN_QUEUE_URLS: '' },
});

const context = (leftMs: number) => ({
  functionName: 'test',
  awsRequestId: 'test',
  getRemainingTimeInMillis: () => leftMs,
});

/** The positions of the records in a batch that a function reports as failed. */
const failedOf = async (make: unknown, bodies: readonly string[], leftMs = 60_000): Promise<number[]> => {
  const handler = (make as (surroundings: typeof outside) => Handler)(outside);
  const Records = bodies.map((body, i) => ({
    messageId: String(i),
    body,
    attributes: { ApproximateReceiveCount: '1' },
    eventSourceARN: 'arn:aws:sqs:us-east-1:1:other',
  }));
  const { batchItemFailures } = await handler({ Records }, context(leftMs));
  return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier)).sort();
};

const text = (value: unknown): string => JSON.stringify(value);
const counted = { settings: settings(), events: [toTuple(paid())] };
const rolled = { settings: settings(), windows: [{ startMs: START_MS, shard: 0 }] };
const taken = messageOf(['draw'], [orderEvent(1)]);
const remembered = { campaigns: [], events: [toMemberTuple(orderEvent(2))] };

describe('a record that cannot be processed', () => {
  it.each([
    ['metrics', metrics, counted, [{ settings: settings(), events: [null] }]],
    ['metrics', metrics, counted, [{ settings: settings(), events: [['id', START_MS]] }]],
    ['rollup', rollup, rolled, [{ settings: settings(), windows: [null] }, { settings: settings() }]],
    ['free-order', freeOrder, taken, [{ campaigns: ['draw'], events: [null] }, { campaigns: ['draw'] }]],
    ['coupon', coupon, remembered, [{ campaigns: [], events: [null] }, { campaigns: [] }]],
  ])('fails alone in %s if its content is wrong', async (_, make, good, bad) => {
    await openCampaign(makeRuntime(outside), 'draw', instantRules());
    const bodies = [text(good), '{', 'null', '{}', ...bad.map(text), text(good)];
    const expected = bodies.flatMap((body, i) => (body === text(good) ? [] : [i]));
    expect(await failedOf(make, bodies)).toEqual(expected);
  });

  it.each([
    ['metrics', metrics, counted],
    ['rollup', rollup, rolled],
    ['free-order', freeOrder, taken],
    ['coupon', coupon, remembered],
  ])('comes back to %s if there is no time left for it', async (_, make, good) => {
    let asked = 0;
    const handler = (make as (surroundings: typeof outside) => Handler)(outside);
    const record = { messageId: '0', body: text(good), attributes: {}, eventSourceARN: 'other' };
    const leftMs = () => (asked++ === 0 ? 60_000 : 1_000);
    const response = await handler(
      { Records: [record] },
      { ...context(0), getRemainingTimeInMillis: leftMs },
    );
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: '0' }]);
  });
});

describe('records that are worked on together', () => {
  const record = (messageId: string) => [{ messageId } as SQSRecord, messageId] as const;
  const failedBy = async (fault: (contents: readonly string[]) => Error | undefined) => {
    const calls: string[] = [];
    const failed: string[] = [];
    await togetherOrAlone(
      ['a', 'b', 'c'].map(record),
      ({ messageId }) => failed.push(messageId),
      async (contents) => {
        calls.push(contents.join(''));
        const error = fault(contents);
        if (error !== undefined) throw error;
      },
    );
    return { calls, failed };
  };

  it('are each worked on alone if one of them is at fault', async () => {
    const fault = (contents: readonly string[]) =>
      contents.includes('b') ? new RangeError('b: expected a block') : undefined;
    expect(await failedBy(fault)).toEqual({ calls: ['abc', 'a', 'b', 'c'], failed: ['b'] });
    expect(await failedBy(() => undefined)).toEqual({ calls: ['abc'], failed: [] });
  });

  it('come back together if a service is at fault, or the time is over', async () => {
    const ofService = Object.assign(new TypeError('busy'), { $metadata: { httpStatusCode: 503 } });
    for (const error of [ofService, new Error('throttled'), outOfTime()])
      expect(await failedBy(() => error)).toEqual({ calls: ['abc'], failed: ['a', 'b', 'c'] });
  });
});
