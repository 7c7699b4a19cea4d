import { type ExamplesMessage, fromExampleTuple } from '#domain/learning/example.ts';
import { putExamples } from '#domain/learning/examples-table.ts';
import { blocksOf, eventsOf } from '#domain/metrics/batch-blocks.ts';
import type { MetricsMessage } from '#domain/metrics/metric-event.ts';
import { putBlocks } from '#domain/metrics/metrics-table.ts';
import { addPending } from '#domain/metrics/pending-items.ts';
import type { RollupMessage } from '#domain/metrics/rollup/message.ts';
import { refreshDelaySeconds } from '#domain/metrics/rollup/refresh-delay.ts';
import { readShardChanges } from '#domain/metrics/shard-items.ts';
import { batchHandler, eachRecord, outOfTime, togetherOrAlone } from '#platform/batch.ts';
import { chunks } from '#platform/collections.ts';
import { sendAll } from '#platform/queue.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/** A rollup of this many windows ends well before its function's timeout. */
const WINDOWS_PER_MESSAGE = 100;

/**
 * Appends a batch's events as blocks and asks for a rollup of the windows they are in. The order of the three writes matters: a
 * block exists before it is pending, and is pending before its rollup is asked for. Each of them may be repeated. Examples, from
 * which the coupon model learns, are stored too; they stay pending until the pacer or the presale function folds them.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  const append = async (messages: readonly (MetricsMessage | ExamplesMessage)[]): Promise<void> => {
    const taught = messages.filter((message) => 'examples' in message);
    for (const ofCampaign of Map.groupBy(taught, ({ settings }) => settings.campaignId).values()) {
      const examples = ofCampaign.flatMap((message) => message.examples.map(fromExampleTuple));
      await putExamples(runtime, ofCampaign[0]!.settings, examples);
    }
    for (const ofCampaign of eventsOf(messages.filter(({ events }) => events.length > 0))) {
      const { settings } = ofCampaign;
      const blocks = blocksOf(ofCampaign, await readShardChanges(runtime, settings));
      await putBlocks(runtime, settings, blocks);
      await addPending(
        runtime,
        settings,
        blocks.map(({ startMs, shard, id }) => ({ startMs, shard, blockId: id })),
      );
      const windows = [
        ...new Map(blocks.map(({ startMs, shard }) => [`${startMs}#${shard}`, { startMs, shard }])).values(),
      ].sort((a, b) => a.startMs - b.startMs);
      const slotSeconds = Number(runtime.environment('QUIET_SLOT_SECONDS'));
      const delaySeconds = refreshDelaySeconds(ofCampaign.events.length, runtime.clock.nowMs(), slotSeconds);
      await sendAll(
        runtime,
        runtime.environment('ROLLUP_QUEUE_URL'),
        chunks(windows, WINDOWS_PER_MESSAGE).map((some) => ({
          message: { settings, windows: some } satisfies RollupMessage,
          ...(delaySeconds === 0 ? {} : { delaySeconds }),
        })),
      );
    }
  };
  return batchHandler(runtime, async (records, fail, isLate) => {
    const messages = eachRecord(records, fail, (record) => {
      const message = JSON.parse(record.body) as MetricsMessage | ExamplesMessage;
      return { message, campaignId: message.settings.campaignId };
    });
    const byCampaign = Map.groupBy(messages, ([, { campaignId }]) => campaignId);
    for (const ofCampaign of byCampaign.values()) {
      await togetherOrAlone(ofCampaign, fail, async (some) => {
        if (isLate()) throw outOfTime();
        await append(some.map(({ message }) => message));
      });
    }
  });
};

export const handler = makeHandler(lambdaOutside());
