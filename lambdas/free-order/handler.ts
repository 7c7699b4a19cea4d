import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { packMemberEvents } from '#domain/intake/pack.ts';
import {
  type FreeOrderMessage,
  fromMemberTuple,
  type OrderEvent,
  orderEventOf,
} from '#domain/members/member-event.ts';
import { batchHandler, outOfTime, parseBodies } from '#platform/batch.ts';
import { sendAll } from '#platform/queue.ts';
import { makeRuntime, type Outside, type Runtime } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** How long a winning ticket of a paused campaign waits before it asks again. */
const DEFERRED_SECONDS = 60;

const sendDeferred = (runtime: Runtime, campaignId: string, orders: readonly OrderEvent[]): Promise<void> =>
  sendAll(
    runtime,
    runtime.environment('FREE_ORDER_QUEUE_URL'),
    packMemberEvents(orders.map((event) => ({ campaigns: [campaignId], event }))).map((message) => ({
      message,
      delaySeconds: DEFERRED_SECONDS,
    })),
  );

/**
 * Takes orders into the draws of their campaigns, and revokes the wins of refunded orders. Winning tickets of a paused campaign go
 * back to the queue in a message of their own, so that they neither fail nor come to the dead-letter queue however long it is.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    const messages = parseBodies<FreeOrderMessage>(records, fail);
    for (const campaignId of new Set(messages.flatMap(([, { campaigns }]) => campaigns))) {
      const ofCampaign = messages.filter(([, { campaigns }]) => campaigns.includes(campaignId));
      try {
        if (isLate()) throw outOfTime();
        const events = ofCampaign
          .flatMap(([, message]) => message.events.map(fromMemberTuple))
          .flatMap((event) => orderEventOf(event) ?? []);
        const deferred = await takePart(runtime, campaignId, events, runtime.clock.nowMs());
        await sendDeferred(
          runtime,
          campaignId,
          events.filter(({ kind, orderId }) => kind === 'paid' && deferred.has(orderId)),
        );
      } catch (cause) {
        // The orders of other campaigns are unaffected.
        for (const [record] of ofCampaign) fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
