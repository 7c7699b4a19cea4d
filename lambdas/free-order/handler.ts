import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { type FreeOrderMessage, fromMemberTuple, type OrderEvent } from '#domain/members/member-event.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';

/** Takes orders into the draws of their campaigns, and wins out again whose orders are given back. */
export const handler = batchHandler(async (records, fail) => {
  const messages = parseBodies<FreeOrderMessage>(records, fail);
  for (const campaignId of new Set(messages.flatMap(([, { campaigns }]) => campaigns))) {
    const ofCampaign = messages.filter(([, { campaigns }]) => campaigns.includes(campaignId));
    try {
      const events = ofCampaign.flatMap(([, message]) => message.events.map(fromMemberTuple));
      await takePart(
        campaignId,
        events.filter((event): event is OrderEvent => event.kind !== 'tier'),
        Date.now(),
        Math.random,
      );
    } catch (cause) {
      // Another campaign's orders are none the worse for it.
      for (const [record] of ofCampaign) fail(record, cause);
    }
  }
});
