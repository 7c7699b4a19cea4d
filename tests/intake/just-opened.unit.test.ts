import type { SQSRecord } from 'aws-lambda';
import { expect, it } from 'vitest';
import { listCampaign } from '#domain/campaigns/campaigns-table.ts';
import type { CouponMessage } from '#domain/members/member-event.ts';
import { makeHandler } from '#lambdas/intake/handler.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { definition, START_MS } from '../coupons/factories.ts';
import { couponIdBy } from '../support/coupon-ids.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';

const ENVIRONMENT = {
  SENDERS: '{}',
  READS_PLACES: 'false',
  CONTROL_QUEUE_URL: 'control',
  WAITING_QUEUE_URL: 'waiting',
  PRESALE_QUEUE_URL: 'presale',
};

it('an order that names a coupon of a campaign opened just now goes to the coupon queue', async () => {
  const random = seededRandom(3);
  const queues = new Queues(random, new Weather(random));
  const outside = testOutside({
    clients: { dynamodb: emulatedTables(), sqs: queues.sqs },
    clock: { nowMs: () => START_MS + 60_000, wait: async () => {} },
    environment: ENVIRONMENT,
  });
  const runtime = makeRuntime(outside);
  const consume = consumerOf(makeHandler(outside));
  const { coupons: _, ...withoutCoupons } = definition('counting');
  const order = (id: string, couponId?: string) => ({
    specversion: '1.0',
    type: 'order.paid',
    id,
    source: '/shop',
    time: new Date(START_MS + 1_000).toISOString(),
    data: { orderId: id, memberId: 'm1', brandId: 'lotus', channel: 'far', amountFen: 9_000, couponId },
  });
  const send = (body: unknown): Promise<unknown> =>
    consume({
      Records: eventOf(body).Records.map((record: SQSRecord) => ({
        ...record,
        eventSourceARN: 'arn:events',
      })),
    });

  await listCampaign(runtime, withoutCoupons);
  await send(order('first'));
  expect(queues.of('coupon')).toEqual([]);
  await listCampaign(runtime, { ...definition('opened'), startsAt: new Date(START_MS + 500).toISOString() });
  await send(order('second', couponIdBy('first', 'opened', 'm1', 0)));
  const [message] = queues.of('coupon').map(({ body }) => JSON.parse(body) as CouponMessage);
  expect(message).toMatchObject({ campaigns: ['opened'], events: [expect.arrayContaining(['second'])] });
});
