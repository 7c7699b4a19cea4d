import { openCampaigns } from '#domain/campaigns/open-campaigns.ts';
import { sendRouted, toDelivery } from '#domain/intake/deliver.ts';
import { missesCampaign, route } from '#domain/intake/route.ts';
import { batchHandler } from '#platform/batch.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** The front door: validates, finds the campaigns, and hands each event on or rejects it with its reason. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records) => {
    const nowMs = runtime.clock.nowMs();
    const waitMs = Number(runtime.environment('CAMPAIGN_WAIT_SECONDS')) * SECOND_MS;
    const deliveries = records.map(toDelivery);
    let routed = route(deliveries, await openCampaigns(runtime, nowMs, 'cached'), nowMs, waitMs);
    if (missesCampaign(routed)) {
      routed = route(deliveries, await openCampaigns(runtime, nowMs, 'fresh'), nowMs, waitMs);
    }
    await sendRouted(runtime, routed, nowMs);
  });
};

export const handler = makeHandler(lambdaOutside());
