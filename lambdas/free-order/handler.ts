import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { type FreeOrderMessage, fromMemberTuple, type OrderEvent } from '#domain/members/member-event.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** Takes orders into the draws of their campaigns, and wins out again whose orders are given back. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    const messages = parseBodies<FreeOrderMessage>(records, fail);
    for (const campaignId of new Set(messages.flatMap(([, { campaigns }]) => campaigns))) {
      const ofCampaign = messages.filter(([, { campaigns }]) => campaigns.includes(campaignId));
      try {
        const events = ofCampaign.flatMap(([, message]) => message.events.map(fromMemberTuple));
        await takePart(
          runtime,
          campaignId,
          events.filter((event): event is OrderEvent => event.kind !== 'tier'),
          runtime.clock.nowMs(),
        );
      } catch (cause) {
        // Another campaign's orders are none the worse for it.
        for (const [record] of ofCampaign) fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
