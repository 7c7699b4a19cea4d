import { expect, it } from 'vitest';
import { applySwitch } from '#domain/campaigns/issuing-switch.ts';
import { packMemberEvents } from '#domain/intake/pack.ts';
import { type FreeOrderMessage, memberEventsIn } from '#domain/members/member-event.ts';
import { makeHandler } from '#lambdas/free-order/handler.ts';
import { makeRuntime } from '#platform/runtime.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { Weather } from '../support/faults.ts';
import { openCampaign, orderEvent, START_MS, secrets } from '../support/free-order-world.ts';
import { consumerOf, eventOf, Queues } from '../support/queues.ts';
import { seededRandom } from '../support/random.ts';
import { testOutside } from '../support/runtime.ts';
import { instantRules } from './factory.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

it('a winning ticket of a paused campaign keeps its trace while it waits, and its win has the same trace', async () => {
  const random = seededRandom(3);
  const queues = new Queues(random, new Weather(random));
  const outside = testOutside({
    clients: { dynamodb: emulatedTables(), sqs: queues.sqs, secrets },
    clock: { nowMs: () => START_MS, wait: async () => {} },
  });
  const runtime = makeRuntime(outside);
  await openCampaign(runtime, 'sale', instantRules({ odds: { win: 1, in: 1 } }));
  const switchTo = (isPaused: boolean, order: string) =>
    applySwitch(runtime, 'sale', { isPaused, sinceMs: START_MS, order });
  const deliver = async (message: unknown): Promise<void> => {
    // Each delivery goes to a new worker, which has not seen the campaign before.
    const { batchItemFailures } = await consumerOf(makeHandler(outside))(eventOf(message));
    expect(batchItemFailures).toEqual([]);
  };

  await switchTo(true, '1');
  const event = { ...orderEvent(1), traceparent: TRACEPARENT };
  await deliver(packMemberEvents([{ campaigns: ['sale'], event }])[0]);
  expect(queues.of('grants')).toEqual([]);
  const [deferred, ...others] = queues.take('free-order', 9).map(({ body }) => JSON.parse(body));
  expect(others).toEqual([]);
  expect(memberEventsIn(deferred as FreeOrderMessage)).toEqual([event]);

  await switchTo(false, '2');
  await deliver(deferred);
  const grants = queues.of('grants').flatMap(({ body }) => JSON.parse(body) as object[]);
  expect(grants).toMatchObject([{ type: 'free-order.granted', traceparent: TRACEPARENT }]);
});
