import { type OpenCampaign, readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import { readReached } from '#domain/campaigns/reached.ts';
import { examplesSettings } from '#domain/learning/example-windows.ts';
import { foldExamples, hasPendingExamples } from '#domain/learning/fold-examples.ts';
import type { Runtime } from '#platform/runtime.ts';

/**
 * For all campaigns, adds up the examples of coupons that expired before the time that orders have reached
 * (`readReached`): no use of these coupons is still expected. If nothing is new, it costs one call for each campaign
 * and shard. A campaign that fails does not stop the others. Returns the failures by campaign.
 */
export const learn = async (
  runtime: Runtime,
  nowMs: number,
  listing?: readonly OpenCampaign[],
): Promise<Map<string, unknown>> => {
  const failures = new Map<string, unknown>();
  const reachedMs = await readReached(runtime, nowMs);
  for (const { settings, hasCoupons } of listing ?? (await readListing(runtime))) {
    if (!hasCoupons) continue;
    try {
      if (!(await hasPendingExamples(runtime, settings))) continue;
      const definition = await readDefinition(runtime, settings.campaignId);
      if (definition?.coupons === undefined) continue;
      await foldExamples(runtime, examplesSettings(settings, definition.coupons), reachedMs);
    } catch (error) {
      failures.set(settings.campaignId, error);
    }
  }
  return failures;
};
