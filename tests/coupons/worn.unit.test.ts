import type { SQSBatchResponse } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type CouponMessage, fromMemberTuple } from '#domain/members/member-event.ts';
import { makeHandler } from '#lambdas/coupon/handler.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { messageOf, orderEvent } from '../support/free-order-world.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

type Handler = (event: unknown, context: unknown) => Promise<SQSBatchResponse>;

/** Delivers a message with events for two campaigns, and returns the parts that came back to the queue. */
const partsAfter = async (events: CouponMessage['events'], deliveries: number): Promise<CouponMessage[]> => {
  const random = seededRandom(5);
  const queues = new Queues(random, new Weather(random));
  const outside = testOutside({ clients: { dynamodb: emulatedTables(), sqs: queues.sqs } });
  const record = {
    messageId: '1',
    body: JSON.stringify({ campaigns: ['one', 'two'], events }),
    attributes: { ApproximateReceiveCount: String(deliveries) },
    eventSourceARN: 'arn:aws:sqs:us-east-1:1:other',
  };
  const context = { getRemainingTimeInMillis: () => 60_000 };
  await (makeHandler(outside) as unknown as Handler)({ Records: [record] }, context);
  return queues.of('coupon').map(({ body }) => JSON.parse(body) as CouponMessage);
};

const { events } = messageOf(
  ['one'],
  [1, 2, 3, 4, 5].map((number) => orderEvent(number)),
);
const idsOf = (parts: readonly CouponMessage[]) =>
  parts.flatMap((part) => part.events.map((tuple) => fromMemberTuple(tuple)));

describe('a message that keeps failing', () => {
  it('goes back at its tenth delivery as two messages, each with about half of its events and all of its campaigns', async () => {
    const parts = await partsAfter(events, 10);
    expect(parts.map((part) => [part.events.length, part.campaigns])).toEqual([
      [3, ['one', 'two']],
      [2, ['one', 'two']],
    ]);
    expect(idsOf(parts)).toEqual(events.map((tuple) => fromMemberTuple(tuple)));
  });

  it('is processed as a whole at its ninth delivery, and at a later one too if it has only one event', async () => {
    expect(await partsAfter(events, 9)).toEqual([]);
    expect(await partsAfter(events.slice(0, 1), 29)).toEqual([]);
  });
});
