import { takePart } from '#domain/free-orders/draw/take-part.ts';
import { type FreeOrderMessage, fromMemberTuple, orderEventOf } from '#domain/members/member-event.ts';
import { batchHandler, outOfTime, parseBodies } from '#platform/batch.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** Takes orders into the draws of their campaigns, and revokes the wins of refunded orders. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    const messages = parseBodies<FreeOrderMessage>(records, fail);
    for (const campaignId of new Set(messages.flatMap(([, { campaigns }]) => campaigns))) {
      const ofCampaign = messages.filter(([, { campaigns }]) => campaigns.includes(campaignId));
      try {
        if (isLate()) throw outOfTime();
        const events = ofCampaign.flatMap(([, message]) => message.events.map(fromMemberTuple));
        await takePart(
          runtime,
          campaignId,
          events.flatMap((event) => orderEventOf(event) ?? []),
          runtime.clock.nowMs(),
        );
      } catch (cause) {
        // The orders of other campaigns are unaffected.
        for (const [record] of ofCampaign) fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
