import { paceCampaigns } from '#domain/pacing/pace-campaigns.ts';
import { sweep } from '#domain/pacing/sweep.ts';
import { batchHandler, tickHandler } from '#platform/batch.ts';
import { publishGauges } from '#platform/gauges.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** How long an invocation sweeps: much shorter than the function's timeout. The next minute's invocation continues. */
const SWEEP_SLICE_MS = 30_000;

/** Moves prices and frees the money of expired coupons, once for all the ticks of a batch. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  const onTicks = batchHandler(runtime, async (_records, _fail, isLate) => {
    const nowMs = runtime.clock.nowMs();
    const { failures, lostSegments } = await paceCampaigns(runtime, nowMs, isLate);
    publishGauges('pacer', { LostSegments: lostSegments });
    // What is left waits for the next tick.
    if (!isLate()) await sweep(runtime, nowMs, nowMs + SWEEP_SLICE_MS);
    // The tick comes back. Campaigns that were paced now are then left as they are, because too little time has passed.
    if (failures.size > 0) {
      throw new AggregateError(
        failures.values(),
        `pacing: expected no failure, got failures of ${[...failures.keys()].join(', ')}`,
      );
    }
  });
  return tickHandler(runtime, 'PACER_QUEUE_URL', onTicks);
};

export const handler = makeHandler(lambdaOutside());
