/** Sorts the metric events of a batch into blocks, by campaign, window and shard. */
import type { CampaignSettings } from '#events/contract.ts';
import { shardOf } from '#platform/hash.ts';
import { type MetricBlock, packBlocks } from './block.ts';
import { toBlockEvent } from './block-event.ts';
import { type RowKey, windowStartOf } from './levels.ts';
import { type MetricEvent, type MetricsMessage, metricEventsIn } from './metric-event.ts';
import { type ShardChange, shardKeyOf, shardsAt } from './shards.ts';

/** A block, and the key of the window's shard that it belongs to. */
export type PlacedBlock = MetricBlock & RowKey;

/** A batch's events of one campaign, in the order of its messages. */
export type CampaignEvents = { settings: CampaignSettings; events: MetricEvent[] };

export const eventsOf = (messages: readonly MetricsMessage[]): CampaignEvents[] =>
  [...Map.groupBy(messages, ({ settings }) => settings.campaignId).values()].map((ofCampaign) => ({
    settings: ofCampaign[0]!.settings,
    events: ofCampaign.flatMap(metricEventsIn),
  }));

/** The blocks of a campaign's events: one for each window and shard that they fall into, or several if one would be too large. */
export const blocksOf = (
  { settings, events }: CampaignEvents,
  changes: readonly ShardChange[],
): PlacedBlock[] => {
  const byWindow = Map.groupBy(events, (event) => windowStartOf(settings, event.timeMs));
  return [...byWindow].flatMap(([startMs, ofWindow]) => {
    const shards = shardsAt(settings, changes, startMs);
    return [...Map.groupBy(ofWindow, (event) => shardOf(event.id, shards))].flatMap(([shard, ofShard]) => {
      const key = shardKeyOf(settings, changes, { startMs, shard });
      return packBlocks(ofShard.map(toBlockEvent)).map((block) => ({ ...block, ...key }));
    });
  });
};
