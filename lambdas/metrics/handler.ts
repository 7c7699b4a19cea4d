import { blocksOf } from '#domain/metrics/batch-blocks.ts';
import type { MetricsMessage } from '#domain/metrics/metric-event.ts';
import { addPending, putBlocks } from '#domain/metrics/metrics-table.ts';
import { batchHandler, parseBodies } from '#platform/batch.ts';
import { sendAll } from '#platform/queue.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/**
 * Appends a batch's events as blocks and asks for a rollup of the windows they are in. The order of the three writes matters: a block
 * exists before it is pending, and is pending before its rollup is asked for. Each of them may be repeated.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  return batchHandler(runtime, async (records, fail) => {
    const messages = parseBodies<MetricsMessage>(records, fail).map(([, message]) => message);
    for (const { settings, blocks } of blocksOf(messages)) {
      await putBlocks(runtime, settings, blocks);
      for (const [shard, ofShard] of Map.groupBy(blocks, (block) => block.shard)) {
        await addPending(
          runtime,
          settings,
          shard,
          ofShard.map(({ startMs, id }) => ({ startMs, blockId: id })),
        );
      }
      const windows = [
        ...new Map(blocks.map(({ startMs, shard }) => [`${startMs}#${shard}`, { startMs, shard }])).values(),
      ];
      await sendAll(runtime, runtime.environment('ROLLUP_QUEUE_URL'), [{ message: { settings, windows } }]);
    }
  });
};

export const handler = makeHandler(lambdaOutside());
