/** Where a campaign's examples are stored: their windows, and the keys of their rows. */
import type { RowKey } from '#domain/metrics/levels.ts';
import { type CampaignSettings, extendedSettings, plannedEndOf } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { shardOf } from '#platform/hash.ts';

/**
 * A campaign's examples lie in at most about this many windows, however long its coupons are valid; in more if the campaign was
 * extended, because its windows keep their length.
 */
const WINDOWS_MAX = 100;

/** No campaign's id contains a `#`. */
export const examplesIdOf = ({ campaignId }: Pick<CampaignSettings, 'campaignId'>): string =>
  `${campaignId}#examples`;

/**
 * Where a campaign's examples are stored: like the metrics of a second campaign with another name. The second
 * campaign lasts until the last coupon has expired, and its windows are at least an hour long.
 */
export const examplesSettings = (
  settings: CampaignSettings,
  { offers }: Pick<Coupons, 'offers'>,
): CampaignSettings => {
  const validMs = Math.max(...offers.map(({ validHours }) => validHours)) * HOUR_MS;
  const { plannedEndsAtMs: _, ...planned } = { ...settings, endsAtMs: plannedEndOf(settings) + validMs };
  const leastMs = Math.ceil((planned.endsAtMs - planned.startsAtMs) / WINDOWS_MAX / HOUR_MS) * HOUR_MS;
  const examples = {
    ...planned,
    campaignId: examplesIdOf(settings),
    windowMs: Math.max(leastMs, settings.windowMs),
  };
  return extendedSettings(examples, settings.endsAtMs + validMs);
};

const startOf = ({ windowMs }: CampaignSettings, timeMs: number): number =>
  Math.floor(timeMs / windowMs) * windowMs;

/** The row of an example's window. The settings are those that {@link examplesSettings} returns. */
export const rowKeyOf = (
  examples: CampaignSettings,
  { id, timeMs }: { id: string; timeMs: number },
): RowKey => ({ level: 0, startMs: startOf(examples, timeMs), shard: shardOf(id, examples.shards) });

/** The keys of the rows of all windows in which examples can lie, in the order of time, and of each window shard by shard. */
export const rowKeysOf = (examples: CampaignSettings): RowKey[] => {
  const keys: RowKey[] = [];
  const { startsAtMs, endsAtMs, windowMs } = examples;
  for (let startMs = startOf(examples, startsAtMs); startMs <= endsAtMs; startMs += windowMs) {
    for (let shard = 0; shard < examples.shards; shard++) keys.push({ level: 0, startMs, shard });
  }
  return keys;
};

/** The row of all of a campaign's windows that are over. */
export const totalKeyOf = ({ startsAtMs }: CampaignSettings): RowKey => ({
  level: 1,
  startMs: startsAtMs,
  shard: 0,
});
