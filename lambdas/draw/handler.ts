import type { Context, ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { batchHandler, logger, parseBodies } from '#platform/batch.ts';
import { environment } from '#platform/environment.ts';
import { sendAll } from '#platform/queue.ts';

type Tick = { time: string };

/** In ms, less than the function's timeout: what is not done by then is done at the next tick. */
const SLICE_MS = 240_000;

/**
 * Closes, publishes and draws what is due in every open campaign, and reveals the seeds of those that are over. The time is
 * the later of the tick's and the clock's: a tick that waited must not publish a slot as of an earlier time.
 */
const onTicks = batchHandler(async (records, fail) => {
  const ticks = parseBodies<Tick>(records, fail);
  if (ticks.length === 0) return;
  const startMs = Date.now();
  const nowMs = Math.max(startMs, ...ticks.map(([, { time }]) => Date.parse(time)));
  const relays = environment('BEACON_RELAYS').split(',');
  for (const { settings, hasFreeOrders } of await readListing()) {
    if (!hasFreeOrders) continue;
    const { campaignId } = settings;
    try {
      await advanceDraw(campaignId, { nowMs, deadlineMs: startMs + SLICE_MS, relays, random: Math.random });
    } catch (cause) {
      // Another campaign's draw is none the worse for it; a tick repeated does no harm.
      logger.error('draw did not advance', { campaignId, cause: cause as Error });
      for (const [record] of ticks) fail(record, cause);
    }
  }
});

/** Called by the clock, which becomes a message like any other, and by the queue of these messages. */
export const handler = async (
  event: ScheduledEvent | SQSEvent,
  context: Context,
): Promise<SQSBatchResponse | undefined> => {
  if ('Records' in event) return onTicks(event, context);
  await sendAll(environment('DRAW_QUEUE_URL'), [{ message: { time: event.time } satisfies Tick }]);
  return undefined;
};
