import type { CampaignSettings } from '#events/contract.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type RowKey, totalKey } from './levels.ts';

/**
 * The keys of the metrics table. A key is (window, item): a partition holds the blocks of one window and shard (`BLOCK#id`) and
 * their row (`ROW`, and further items if the row has several parts). The total's partition also holds the recorded milestones,
 * the marks (`watermark-item.ts`) and the changes of the number of shards. Other partitions, one for each shard, hold an item
 * for each pending block. Each turn (`turn-items.ts`) has a partition too.
 */
export const metricsTable = (runtime: Runtime): string => runtime.environment('METRICS_TABLE');

const MILLISECONDS = '.000Z';

export const isoSeconds = (timeMs: number): string => {
  const iso = new Date(timeMs).toISOString();
  return iso.endsWith(MILLISECONDS) ? `${iso.slice(0, -MILLISECONDS.length)}Z` : iso;
};

export const partitionOf = (campaignId: string, { level, startMs, shard }: RowKey): string =>
  `${campaignId}#${level}#${isoSeconds(startMs)}#${shard}`;

/** The key of an item beside a campaign's total. */
export const besideTotal = (settings: CampaignSettings, item: string): Item => ({
  window: { S: partitionOf(settings.campaignId, totalKey(settings)) },
  item: { S: item },
});
