/** Writes and reads the blocks of base windows. */
import type { CampaignSettings } from '#events/contract.ts';
import { batchWrite } from '#platform/batch-write.ts';
import { DAY_MS, SECOND_MS } from '#platform/duration.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import { metricsTable, partitionOf } from './item-keys.ts';
import { type RowKey, windowEndOf } from './levels.ts';
import { rowAmong, type StoredRow } from './row-items.ts';

const BLOCK_PREFIX = 'BLOCK#';

/**
 * How long a block outlives its window's horizon, or its own writing if that is later. That is longer than a message can stay
 * in any queue and dead-letter queue, so no block expires before it is folded into its row.
 */
export const BLOCK_MARGIN_MS = 21 * DAY_MS;
/** The margin in the previous format, whose rows do not say what they are made of. */
export const FORMER_MARGIN_MS = 7 * DAY_MS;

export type StoredBlock = { id: string; body: Uint8Array };

const blockOfItem = ({ item, body }: Item): StoredBlock => ({
  id: item!.S!.slice(BLOCK_PREFIX.length),
  body: body!.B!,
});

/** Writes blocks of base windows. Writing a block again replaces it by the same bytes. */
export const putBlocks = async (
  runtime: Runtime,
  settings: CampaignSettings,
  blocks: readonly (StoredBlock & RowKey)[],
): Promise<void> => {
  const nowMs = runtime.clock.nowMs();
  const items = blocks.map(({ id, body, level, startMs, shard }) => {
    const neededMs = Math.max(windowEndOf(settings, startMs) + settings.horizonMs, nowMs) + BLOCK_MARGIN_MS;
    return {
      window: { S: partitionOf(settings.campaignId, { level, startMs, shard }) },
      item: { S: BLOCK_PREFIX + id },
      body: { B: body },
      expiresAt: { N: String(Math.ceil(neededMs / SECOND_MS)) },
    };
  });
  await batchWrite(runtime, metricsTable(runtime), items);
};

/** The time until which every block of a base window is kept, in ms since the epoch. */
export const blocksKeptUntil = (settings: CampaignSettings, windowStartMs: number): number =>
  windowEndOf(settings, windowStartMs) + settings.horizonMs + BLOCK_MARGIN_MS;

/** Reads the blocks of a base window, strongly consistent. */
export const readBlocks = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
): Promise<StoredBlock[]> =>
  (
    await queryAll(runtime, {
      TableName: metricsTable(runtime),
      KeyConditionExpression: '#window = :window AND begins_with(#item, :blocks)',
      ExpressionAttributeNames: { '#window': 'window', '#item': 'item' },
      ExpressionAttributeValues: {
        ':window': { S: partitionOf(settings.campaignId, key) },
        ':blocks': { S: BLOCK_PREFIX },
      },
    })
  ).map(blockOfItem);

/** Reads a base window: all of its blocks, and its stored row. Strongly consistent. */
export const readWindow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
): Promise<{ blocks: StoredBlock[]; row: StoredRow | undefined }> => {
  const items = await queryAll(runtime, {
    TableName: metricsTable(runtime),
    KeyConditionExpression: '#window = :window',
    ExpressionAttributeNames: { '#window': 'window' },
    ExpressionAttributeValues: { ':window': { S: partitionOf(settings.campaignId, key) } },
  });
  const blocks = items.filter((item) => item.item!.S!.startsWith(BLOCK_PREFIX)).map(blockOfItem);
  return { blocks, row: await rowAmong(runtime, settings, key, items) };
};
