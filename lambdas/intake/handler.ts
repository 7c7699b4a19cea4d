import { openCampaigns } from '#domain/campaigns/open-campaigns.ts';
import type { Senders } from '#domain/intake/admission.ts';
import { sendRouted } from '#domain/intake/deliver.ts';
import { toDelivery } from '#domain/intake/delivery.ts';
import { missesCampaign, type RouteOptions, route } from '#domain/intake/route.ts';
import { batchHandler, eachRecord } from '#platform/batch.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { logTraces } from '#platform/traces.ts';
import { lambdaOutside } from '../outside.ts';

/** The entry of the pipeline: validates each event, finds its campaigns, and forwards it or rejects it with a reason. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    const nowMs = runtime.clock.nowMs();
    const waitMs = Number(runtime.environment('CAMPAIGN_WAIT_SECONDS')) * SECOND_MS;
    const senders = JSON.parse(runtime.environment('SENDERS')) as Senders;
    const readsPlaces = runtime.environment('READS_PLACES') === 'true';
    const urls = {
      control: runtime.environment('CONTROL_QUEUE_URL'),
      waiting: runtime.environment('WAITING_QUEUE_URL'),
    };
    const deliveries = eachRecord(records, fail, (record) => toDelivery(record, urls));
    const routeAmong = (campaigns: RouteOptions['campaigns']) =>
      route(
        deliveries.map(([, delivery]) => delivery),
        { campaigns, nowMs, waitMs, senders, readsPlaces },
      );
    let routed = routeAmong(await openCampaigns(runtime, nowMs, 'cached'));
    if (missesCampaign(routed)) routed = routeAmong(await openCampaigns(runtime, nowMs, 'fresh'));
    logTraces(runtime, 'traced events', routed.traceparents);
    await sendRouted(runtime, routed, nowMs);
    const causes = new Map(routed.failures.map(({ messageId, cause }) => [messageId, cause]));
    for (const [record] of deliveries)
      if (causes.has(record.messageId)) fail(record, causes.get(record.messageId));
  });
};

export const handler = makeHandler(lambdaOutside());
