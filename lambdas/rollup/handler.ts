import { type RollupMessage, runsOf } from '#domain/metrics/rollup/message.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import { publishGauges } from '#platform/gauges.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/**
 * Windows that are rolled up together, counting those that several messages name. What is done of a batch stays done, so
 * that a flood of windows is worked off bit by bit, whenever the function's time is over.
 */
const WINDOWS_PER_RUN = 1_000;

/** Recomputes every row above the windows that a batch of messages names. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    const messages = parseBodies<RollupMessage>(records, fail);
    const byCampaign = Map.groupBy(messages, ([, { settings }]) => settings.campaignId);
    let conflicts = 0;
    let overdrafts = 0;
    for (const ofCampaign of byCampaign.values()) {
      const { settings } = ofCampaign[0]![1];
      const tasks = ofCampaign.map(([record, { windows }]) => ({ record, windows }));
      for (const run of runsOf(tasks, WINDOWS_PER_RUN)) {
        try {
          const alarming = await rollUp(
            runtime,
            settings,
            run.flatMap(({ windows }) => windows),
          );
          conflicts += alarming.conflicts;
          overdrafts += alarming.overdrafts;
        } catch (cause) {
          // The windows of other runs and campaigns are unaffected.
          for (const { record } of run) fail(record, cause);
        }
      }
    }
    if (conflicts + overdrafts > 0)
      publishGauges('rollup', { ConflictingContents: conflicts, CouponOverdrafts: overdrafts });
  });
};

export const handler = makeHandler(lambdaOutside());
