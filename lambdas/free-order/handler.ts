import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { memberMessages } from '#domain/intake/pack.ts';
import {
  type FreeOrderMessage,
  memberEventsIn,
  type OrderEvent,
  orderEventOf,
  partsOf,
} from '#domain/members/member-event.ts';
import { batchHandler, eachRecord, outOfTime, togetherOrAlone } from '#platform/batch.ts';
import { sendAll } from '#platform/queue.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { logTraces } from '#platform/traces.ts';
import { partWorn } from '#platform/worn-messages.ts';
import { lambdaOutside } from '../outside.ts';

/** How long a winning ticket of a paused campaign waits before it is tried again. */
const DEFERRED_SECONDS = 60;

const sendDeferred = (runtime: Runtime, campaignId: string, orders: readonly OrderEvent[]): Promise<void> =>
  sendAll(
    runtime,
    runtime.environment('FREE_ORDER_QUEUE_URL'),
    memberMessages(orders.map((event) => ({ campaigns: [campaignId], event }))).map((message) => ({
      ...message,
      delaySeconds: DEFERRED_SECONDS,
    })),
  );

/**
 * Takes orders into the draws of their campaigns, and reduces or revokes the wins of refunded orders. Orders of a paused campaign
 * that have a winning ticket go back to the queue in a message of their own, so that they do not count as failed and never reach
 * the dead-letter queue, however long the pause lasts.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    const read = eachRecord(records, fail, ({ body }) => {
      const message = JSON.parse(body) as FreeOrderMessage;
      return { ...message, orders: memberEventsIn(message).flatMap((event) => orderEventOf(event) ?? []) };
    });
    const queueUrl = runtime.environment('FREE_ORDER_QUEUE_URL');
    const messages = await partWorn(runtime, read, { queueUrl, partsOf }, fail);
    logTraces(
      runtime,
      'traced events',
      messages.flatMap(([, { orders }]) => orders.flatMap(({ traceparent }) => traceparent ?? [])),
    );
    for (const campaignId of new Set(messages.flatMap(([, { campaigns }]) => campaigns))) {
      const ofCampaign = messages.filter(([, { campaigns }]) => campaigns.includes(campaignId));
      // A campaign that fails does not affect the orders of the others.
      await togetherOrAlone(ofCampaign, fail, async (some) => {
        if (isLate()) throw outOfTime();
        const orders = some.flatMap((message) => message.orders);
        const deferred = await takePart(runtime, campaignId, orders, runtime.clock.nowMs());
        await sendDeferred(
          runtime,
          campaignId,
          orders.filter(({ kind, orderId }) => kind === 'paid' && deferred.has(orderId)),
        );
      });
    }
  });
};

export const handler = makeHandler(lambdaOutside());
