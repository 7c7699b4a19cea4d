import { type OpenCampaign, readDefinition, readListing } from '#domain/campaigns/campaigns-table.ts';
import { readReached } from '#domain/campaigns/reached.ts';
import { examplesSettings } from '#domain/learning/example-windows.ts';
import { foldExamples, hasPendingExamples } from '#domain/learning/fold-examples.ts';
import type { Runtime } from '#platform/runtime.ts';

/**
 * Adds up what the coupons of all campaigns teach that have expired, as far as orders have come. It costs a call a campaign and
 * shard where nothing new has come. One campaign that fails stops none of the others; gives what failed, by campaign.
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
