import { putBlocks } from '#domain/metrics/metrics-table.ts';
import { addPending } from '#domain/metrics/pending-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Example } from './example.ts';
import { packExamples } from './example-block.ts';
import { rowKeyOf } from './example-windows.ts';

/**
 * Writes a batch's examples of a campaign as blocks, and notes them as pending. A block exists before it is pending, and each
 * write may be repeated: the same examples make the same blocks.
 *
 * @param ofExamples the settings that `examplesSettings` returns for the campaign.
 */
export const putExamples = async (
  runtime: Runtime,
  ofExamples: CampaignSettings,
  examples: readonly Example[],
): Promise<void> => {
  const byWindow = Map.groupBy(examples, (example) => {
    const { startMs, shard } = rowKeyOf(ofExamples, example);
    return `${startMs}#${shard}`;
  });
  const blocks = [...byWindow.values()].flatMap((ofWindow) => {
    const key = rowKeyOf(ofExamples, ofWindow[0]!);
    return packExamples(ofWindow).map((block) => ({ ...block, ...key }));
  });
  await putBlocks(runtime, ofExamples, blocks);
  await addPending(
    runtime,
    ofExamples,
    blocks.map(({ startMs, shard, id }) => ({ startMs, shard, blockId: id })),
  );
};
