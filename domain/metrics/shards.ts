import { type CampaignSettings, CLOCK_SKEW_MS } from '#events/contract.ts';
import { MAX_SHARDS } from '#events/sections/metrics.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import type { RowKey } from './levels.ts';

/**
 * The number of shards over which the blocks of a base window are spread. It is the number in the campaign's definition, or a
 * larger one from some window on if a running sale needs more. It depends on the window's start alone, so that duplicates of an
 * event meet in the same shard whenever they come. A window that may have blocks before all processes know of a change keeps its
 * number, so a change concerns future windows only.
 */

/** From the window that starts at `fromMs` on, there are this many shards. */
export type ShardChange = { fromMs: number; shards: number };

/** How old a process's knowledge of the changes may be. */
export const CHANGES_KNOWN_MS = 30 * SECOND_MS;
/** Room for clocks that differ, and for a worker that has read the changes and is slow to write. */
const SLACK_MS = 4 * MINUTE_MS;
/** The first window that a change may concern lies at least this far ahead: further than an event may be ahead of the clock. */
export const CHANGE_LEAD_MS = CHANGES_KNOWN_MS + CLOCK_SKEW_MS + SLACK_MS;

/**
 * The coupons of a presale are counted at times in this first part of the sale, those of one round at one time. Millions of
 * them in the first window alone would be more than one rollup can read. They are counted before the sale begins, so no change
 * concerns the windows of this part.
 */
export const PRESALE_SPREAD_MS = HOUR_MS;

/** A partition takes 1,000 write units a second; plans give it no more than this. */
export const KEY_UNITS_PER_SECOND_MAX = 800;

/**
 * The number of shards that this many write units a second need, so that none gets more than {@link KEY_UNITS_PER_SECOND_MAX};
 * at most {@link MAX_SHARDS}.
 */
export const shardsFor = (unitsPerSecond: number): number =>
  Math.min(MAX_SHARDS, Math.max(1, Math.ceil(unitsPerSecond / KEY_UNITS_PER_SECOND_MAX)));

/** The number of shards of the base window that starts at `startMs`. */
export const shardsAt = (
  { shards }: CampaignSettings,
  changes: readonly ShardChange[],
  startMs: number,
): number => changes.findLast(({ fromMs }) => fromMs <= startMs)?.shards ?? shards;

/** The largest number of shards that any window has, or will have. */
export const mostShards = ({ shards }: CampaignSettings, changes: readonly ShardChange[]): number =>
  Math.max(shards, ...changes.map((change) => change.shards));

/** The start of the first window that a change made at `nowMs` may concern. */
export const firstChangeable = ({ startsAtMs, windowMs }: CampaignSettings, nowMs: number): number =>
  Math.ceil((Math.max(nowMs, startsAtMs + PRESALE_SPREAD_MS) + CHANGE_LEAD_MS) / windowMs) * windowMs;

/** The level of a window's shards in a campaign that began with one shard: below its base windows, whose level is 0. */
const SPREAD_LEVEL = -1;

/** The level whose rows are those of whole base windows. */
export const baseLevelOf = (settings: CampaignSettings): number => (settings.shards > 1 ? 1 : 0);

/** The key of a window's shard. If the window has one shard, it is the key of the window's own row. */
export const shardKeyOf = (
  settings: CampaignSettings,
  changes: readonly ShardChange[],
  { startMs, shard }: { startMs: number; shard: number },
): RowKey => {
  if (settings.shards > 1) return { level: 0, startMs, shard };
  return { level: shardsAt(settings, changes, startMs) > 1 ? SPREAD_LEVEL : 0, startMs, shard };
};

/** The key of the row of the whole base window. */
export const windowKeyOf = (settings: CampaignSettings, startMs: number): RowKey => ({
  level: baseLevelOf(settings),
  startMs,
  shard: 0,
});

/**
 * The keys of the shards that a base window's row is merged from, in the order of their numbers; none if the window's blocks are
 * beside its row.
 */
export const shardKeysOf = (
  settings: CampaignSettings,
  changes: readonly ShardChange[],
  startMs: number,
): RowKey[] => {
  const shards = shardsAt(settings, changes, startMs);
  if (shards === 1 && baseLevelOf(settings) === 0) return [];
  return Array.from({ length: shards }, (_, shard) => shardKeyOf(settings, changes, { startMs, shard }));
};
