import { type DirtyWindow, rollUp } from '#domain/metrics/rollup/tree.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** A message on the rollup queue: windows of a campaign in which blocks were written. */
export type RollupMessage = { settings: CampaignSettings; windows: DirtyWindow[] };

/** Recomputes every row above the windows that a batch of messages names, each of them once. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    const messages = parseBodies<RollupMessage>(records, fail);
    const byCampaign = Map.groupBy(messages, ([, { settings }]) => settings.campaignId);
    for (const ofCampaign of byCampaign.values()) {
      const { settings } = ofCampaign[0]![1];
      try {
        await rollUp(
          runtime,
          settings,
          ofCampaign.flatMap(([, message]) => message.windows),
        );
      } catch (cause) {
        // The windows of other campaigns are unaffected.
        for (const [record] of ofCampaign) fail(record, cause);
      }
    }
  });
};

export const handler = makeHandler(lambdaOutside());
