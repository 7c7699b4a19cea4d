import type { Context, ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { paceCampaigns } from '#domain/pacing/pace-campaigns.ts';
import { sweep } from '#domain/pacing/sweep.ts';
import { batchHandler } from '#platform/batch.ts';
import { environment } from '#platform/environment.ts';
import { sendAll } from '#platform/queue.ts';

/** How long an invocation sweeps: the rest is for the next minute's, and short against the function's timeout. */
export const SWEEP_SLICE_MS = 30_000;

/** However many ticks came together, they are one. */
const onTicks = batchHandler(async () => {
  const nowMs = Date.now();
  await paceCampaigns(nowMs);
  await sweep(nowMs, nowMs + SWEEP_SLICE_MS);
});

/**
 * Called by the clock, which becomes a message like any other, so that what fails is repeated and in the end kept where
 * somebody sees it; and by the queue of these messages, to move prices and free the money of expired coupons.
 */
export const handler = async (
  event: ScheduledEvent | SQSEvent,
  context: Context,
): Promise<SQSBatchResponse | undefined> => {
  if ('Records' in event) return onTicks(event, context);
  await sendAll(environment('PACER_QUEUE_URL'), [{ message: { time: event.time } }]);
  return undefined;
};
