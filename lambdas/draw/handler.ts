import { readListing } from '#domain/campaigns/campaigns-table.ts';
import { askToPublish } from '#domain/free-orders/audit/publish.ts';
import { advanceDraw } from '#domain/free-orders/draw/advance.ts';
import { hasOverdueSlot } from '#domain/free-orders/draw/overdue.ts';
import { watchedRelays } from '#domain/free-orders/draw/watched-relays.ts';
import { batchHandler, outOfTime, parseBodies, type Tick, tickHandler } from '#platform/batch.ts';
import { publishGauges } from '#platform/gauges.ts';
import { asError } from '#platform/log.ts';
import type { Objects } from '#platform/objects.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaBuckets } from '../buckets.ts';
import { lambdaOutside } from '../outside.ts';

/** In ms, less than the function's timeout: the rest is left to the next tick. */
const SLICE_MS = 240_000;

/**
 * Closes, publishes and draws the due slots of every open campaign, and reveals the seed of each draw that is over. It uses the
 * later of the tick's time and the clock's, so that a tick that waited does not backdate a publication. `objectsIn` opens a
 * bucket.
 */
export const makeHandler = (outside: Outside, objectsIn: (bucket: string) => Objects) => {
  const relaysWatch = watchedRelays(outside.fetch);
  const runtime = makeRuntime({ ...outside, fetch: relaysWatch.fetch });
  const onTicks = batchHandler(runtime, async (records, fail, isLate) => {
    const ticks = parseBodies<Tick>(records, fail);
    if (ticks.length === 0) return;
    const startMs = runtime.clock.nowMs();
    const aheadMs = Math.max(0, ...ticks.map(([, { time }]) => Date.parse(time) - startMs));
    const relays = runtime.environment('BEACON_RELAYS').split(',');
    const objects = objectsIn(runtime.environment('PUBLIC_BUCKET'));
    let overdue = 0;
    for (const { settings, hasFreeOrders } of await readListing(runtime)) {
      if (!hasFreeOrders) continue;
      const { campaignId } = settings;
      try {
        if (isLate()) throw outOfTime();
        // The time is read again for each campaign, because the campaigns before it may have taken long.
        const nowMs = runtime.clock.nowMs() + aheadMs;
        const deadlineMs = startMs + SLICE_MS;
        await advanceDraw(runtime, campaignId, { nowMs, deadlineMs, relays, objects });
        if (await hasOverdueSlot(runtime, campaignId, nowMs)) overdue++;
        // Publish at once: a statement proves that a slot was closed in time only if it is public before its round is known.
        await askToPublish(runtime, campaignId);
      } catch (cause) {
        // The draws of other campaigns are unaffected, and do not repeat their steps when the tick comes again.
        runtime.logger.error('draw did not advance', { campaignId, cause: asError(cause) });
        for (const [record] of ticks) fail(record, cause);
      }
    }
    publishGauges('draw', {
      OverdueDraws: overdue,
      BeaconUnreachable: relaysWatch.takeUnreachable() ? 1 : 0,
    });
  });
  return tickHandler(runtime, 'DRAW_QUEUE_URL', onTicks);
};

export const handler = makeHandler(lambdaOutside(), lambdaBuckets());
