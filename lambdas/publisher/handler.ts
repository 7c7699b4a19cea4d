import { type PublishRequest, publish } from '#domain/free-orders/audit/publish.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import type { Objects } from '#platform/objects.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaBuckets } from '../buckets.ts';
import { lambdaOutside } from '../outside.ts';

/** An invocation begins no step after this many ms, so that even the longest step ends before the function's timeout. */
const SLICE_MS = 420_000;

/** Publishes draws in a bucket, and exports those that are over. `objectsIn` opens a bucket. */
export const makeHandler = (outside: Outside, objectsIn: (bucket: string) => Objects) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    const { clock, environment, logger } = runtime;
    const endMs = clock.nowMs() + SLICE_MS;
    const objects = objectsIn(environment('PUBLIC_BUCKET'));
    for (const [record, request] of parseBodies<PublishRequest>(records, fail)) {
      try {
        const published = await publish(runtime, objects, request, () => clock.nowMs() >= endMs);
        logger.info('draw published', { campaignId: request.campaignId, published });
      } catch (cause) {
        fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside(), lambdaBuckets());
