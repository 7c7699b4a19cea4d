import type { CampaignSettings } from '#events/contract.ts';
import { shardOf } from '#platform/hash.ts';
import { type MetricBlock, packBlocks } from './block.ts';
import { toBlockEvent } from './block-event.ts';
import { windowStartOf } from './levels.ts';
import { type MetricEvent, type MetricsMessage, metricEventsIn } from './metric-event.ts';

export type PlacedBlock = MetricBlock & { startMs: number; shard: number };
export type CampaignBlocks = { settings: CampaignSettings; blocks: PlacedBlock[] };

/** The blocks that a batch of messages makes: one for each campaign, window and shard that its events fall into. */
export const blocksOf = (messages: readonly MetricsMessage[]): CampaignBlocks[] => {
  const byCampaign = Map.groupBy(messages, ({ settings }) => settings.campaignId);
  return [...byCampaign.values()].map((ofCampaign) => {
    const { settings } = ofCampaign[0]!;
    const events = ofCampaign.flatMap(metricEventsIn);
    return { settings, blocks: blocksOfCampaign(settings, events) };
  });
};

const blocksOfCampaign = (settings: CampaignSettings, events: readonly MetricEvent[]): PlacedBlock[] => {
  const byWindow = Map.groupBy(events, (event) => windowStartOf(settings, event.timeMs));
  return [...byWindow].flatMap(([startMs, ofWindow]) =>
    [...Map.groupBy(ofWindow, (event) => shardOf(event.id, settings.shards))].flatMap(([shard, ofShard]) =>
      packBlocks(ofShard.map(toBlockEvent)).map((block) => ({ ...block, startMs, shard })),
    ),
  );
};
