import { advanceSegment, sendSegmentMessages } from '#domain/presale/advance-segment.ts';
import type { AudienceMessage } from '#domain/presale/segment.ts';
import { startPlanning } from '#domain/presale/segments.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/**
 * How long an invocation works on a segment before it leaves the rest to the next invocation. Much shorter than
 * the function's timeout, so that the current page can be finished. The timeout is short too, because a crashed
 * worker's segment waits for six timeouts.
 */
export const SLICE_MS = 20_000;

/** Divides the audience of a presale into segments, and continues a pass over a segment from where it stopped. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    for (const [record, message] of parseBodies<AudienceMessage>(records, fail)) {
      try {
        if (message.pass === 'start') {
          await startPlanning(runtime, message.campaignId);
          continue;
        }
        const state = await advanceSegment(runtime, message, runtime.clock.nowMs() + SLICE_MS);
        if (state === 'late') await sendSegmentMessages(runtime, [{ message }]);
      } catch (cause) {
        fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
