import { type RollupMessage, runsOf } from '#domain/metrics/rollup/message.ts';
import { shareRollUp } from '#domain/metrics/rollup/share.ts';
import { settleWatermark } from '#domain/metrics/rollup/tree.ts';
import { batchHandler, eachRecord, outOfTime, togetherOrAlone } from '#platform/batch.ts';
import { publishGauges } from '#platform/gauges.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/**
 * The most windows that are rolled up together, in one run; a window that several messages name counts several times. Finished
 * runs of a batch stay finished, so work on a flood of windows makes progress even if the function runs out of time.
 */
const WINDOWS_PER_RUN = 1_000;

/** Rolls up the windows that a batch of messages names: updates their rows, and the rows of longer spans that cover them. */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail, isLate) => {
    const messages = eachRecord(records, fail, (record) => {
      const { settings, windows } = JSON.parse(record.body) as RollupMessage;
      const { campaignId } = settings;
      const isAgain = Number(record.attributes.ApproximateReceiveCount) > 1;
      return {
        campaignId,
        settings,
        isAgain,
        windows: windows.map(({ startMs, shard }) => ({ startMs, shard })),
      };
    });
    const byCampaign = Map.groupBy(messages, ([, { campaignId }]) => campaignId);
    let conflicts = 0;
    let overdrafts = 0;
    for (const ofCampaign of byCampaign.values()) {
      const { settings } = ofCampaign[0]![1];
      const tasks = ofCampaign.map(([record, { windows, isAgain }]) => ({ record, windows, isAgain }));
      for (const run of runsOf(tasks, WINDOWS_PER_RUN)) {
        // A run that fails does not affect the windows of other runs and campaigns.
        const ofRun = run.map(({ record, ...task }) => [record, task] as const);
        await togetherOrAlone(ofRun, fail, async (these) => {
          if (isLate()) throw outOfTime();
          const alarming = await shareRollUp(
            runtime,
            settings,
            these.flatMap(({ windows }) => windows),
          );
          if (these.some(({ isAgain }) => isAgain)) await settleWatermark(runtime, settings);
          conflicts += alarming.conflicts;
          overdrafts += alarming.overdrafts;
        });
      }
    }
    if (conflicts + overdrafts > 0)
      publishGauges('rollup', { ConflictingContents: conflicts, CouponOverdrafts: overdrafts });
  });
};

export const handler = makeHandler(lambdaOutside());
