import type { SQSBatchResponse } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type FreeOrderMessage, fromMemberTuple, partsOf } from '#domain/members/member-event.ts';
import { makeHandler } from '#lambdas/free-order/handler.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { messageOf, orderEvent } from '../support/free-order-world.ts';
import { Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

type Handler = (event: unknown, context: unknown) => Promise<SQSBatchResponse>;

/** Delivers a message whose campaigns do not exist, so that its processing fails. */
const deliver = async (message: FreeOrderMessage, deliveries: number, isDown = false) => {
  const random = seededRandom(5);
  const queues = new Queues(random, new Weather(random));
  const refuse = async (): Promise<never> => Promise.reject(new Error('the queue is down'));
  const outside = testOutside({
    clients: { dynamodb: emulatedTables(), sqs: isDown ? { send: refuse } : queues.sqs },
    environment: { OWN_QUEUE_URLS: '' },
  });
  const record = {
    messageId: '1',
    body: JSON.stringify(message),
    attributes: { ApproximateReceiveCount: String(deliveries) },
    eventSourceARN: 'arn:aws:sqs:us-east-1:1:other',
  };
  const { batchItemFailures } = await (makeHandler(outside) as unknown as Handler)({ Records: [record] }, {});
  const sent = queues.of('free-order').map(({ body }) => JSON.parse(body) as FreeOrderMessage);
  return { isDone: batchItemFailures.length === 0, sent };
};

const ordersOf = ({ events }: FreeOrderMessage): string[] =>
  events.map(fromMemberTuple).flatMap((event) => ('orderId' in event ? [event.orderId] : []));

const events = [1, 2, 3, 4, 5].map((number) => orderEvent(number));
const ofTwo = messageOf(['one', 'two'], events);
const ofOne = messageOf(['one'], events);

describe('a message that has failed in many deliveries', () => {
  it('goes back as one message for each of its campaigns, or in halves if it has only one', async () => {
    expect(await deliver(ofTwo, 10)).toEqual({
      isDone: true,
      sent: ['one', 'two'].map((campaign) => ({ ...ofTwo, campaigns: [campaign] })),
    });
    const { isDone, sent } = await deliver(ofOne, 12);
    expect({ isDone, sizes: sent.map((part) => part.events.length) }).toEqual({
      isDone: true,
      sizes: [3, 2],
    });
    expect(sent.flatMap(ordersOf)).toEqual(ordersOf(ofOne));
  });

  it('stays whole one delivery before that, if it cannot be divided, or if its parts cannot be sent', async () => {
    expect(await deliver(ofTwo, 9)).toEqual({ isDone: false, sent: [] });
    expect(await deliver(messageOf(['one'], events.slice(0, 1)), 29)).toEqual({ isDone: false, sent: [] });
    expect(await deliver(ofTwo, 10, true)).toEqual({ isDone: false, sent: [] });
  });

  it('can be divided into parts of one order and one campaign each, and no order is lost', () => {
    let parts = [ofTwo];
    while (parts.some((part) => partsOf(part).length > 1)) parts = parts.flatMap(partsOf);
    expect(parts.map((part) => [...part.campaigns, ...ordersOf(part)].join(' ')).sort()).toEqual(
      ['one', 'two'].flatMap((campaign) => ordersOf(ofTwo).map((order) => `${campaign} ${order}`)).sort(),
    );
  });
});
