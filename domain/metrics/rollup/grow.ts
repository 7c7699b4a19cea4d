import { raiseShards } from '#domain/metrics/shard-items.ts';
import { KEY_UNITS_PER_SECOND_MAX, mostShards, type ShardChange } from '#domain/metrics/shards.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { SECOND_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { FoldedWindow } from './fold-window.ts';

/** About how often the row of the newest window is written. */
const REFRESHED_SECONDS = 2;
/** A change takes effect after ten minutes, and the sale may grow meanwhile. So it is made at half of what a key may take. */
const GROWN_AT = KEY_UNITS_PER_SECOND_MAX / 2;

/** Write units a second that the key of a window's shard gets. */
const unitsPerSecond = ({ windowMs }: CampaignSettings, { units }: FoldedWindow): number =>
  (units.blocks * SECOND_MS) / windowMs + units.row / REFRESHED_SECONDS;

/** Doubles the number of a running sale's shards if one of them gets more than half of what a key may take. */
export const growShards = async (
  runtime: Runtime,
  settings: CampaignSettings,
  changes: readonly ShardChange[],
  folded: Iterable<FoldedWindow>,
): Promise<void> => {
  const isBusy = [...folded].some((window) => unitsPerSecond(settings, window) > GROWN_AT);
  if (!isBusy) return;
  const change = await raiseShards(runtime, settings, 2 * mostShards(settings, changes));
  if (change === undefined) return;
  runtime.logger.info('more shards', {
    campaignId: settings.campaignId,
    shards: change.shards,
    from: new Date(change.fromMs).toISOString(),
  });
};
