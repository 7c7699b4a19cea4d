import {
  childrenOf,
  type Level,
  levelsOf,
  type RowKey,
  totalKey,
  windowEndOf,
  windowStartOf,
} from '#domain/metrics/levels.ts';
import type { CampaignSettings } from '#events/contract.ts';

/**
 * The elapsed time, in ms, at which a campaign that is complete up to `timeMs` is compared with another: the
 * end of the base window that contains `timeMs`, at most the campaign's length. The window's end is taken because this
 * campaign's figures already include a part of that window. Comparing this part with the other campaign's whole window can only
 * make this campaign look smaller, and only until the window is over.
 */
export const elapsedAt = (settings: CampaignSettings, timeMs: number): number =>
  Math.min(windowEndOf(settings, windowStartOf(settings, timeMs)), settings.endsAtMs) - settings.startsAtMs;

/**
 * The rows, in the order of time, that together hold the base windows that end by the campaign's start plus `elapsedMs`: as
 * few rows as the tree allows, and only the total once all of the campaign has elapsed.
 *
 * Base windows are cut at multiples of their length since 1970 and not at the campaign's start, so the elapsed time is cut to
 * whole windows. If a campaign starts inside a window, its first window is shorter, and nothing has elapsed until that window
 * is over. So campaigns that start at the same offset in their windows are compared at exactly the same elapsed time, and others
 * at times less than a window apart.
 */
export const prefixKeys = (settings: CampaignSettings, elapsedMs: number): RowKey[] => {
  const levels = levelsOf(settings);
  const total = totalKey(settings);
  const untilMs = settings.startsAtMs + elapsedMs;
  if (untilMs >= settings.endsAtMs) return [total];
  const keys: RowKey[] = [];
  let cut: RowKey | undefined = total;
  while (cut !== undefined) {
    const { lengthMs }: Level = levels[cut.level - 1]!;
    const children = childrenOf(settings, levels, cut);
    const elapsed = children.filter(({ startMs }) => startMs + lengthMs <= untilMs);
    keys.push(...elapsed);
    // A base window is not cut. If it has several shards, the one row that is taken is on the level above their rows.
    cut = lengthMs > settings.windowMs ? children[elapsed.length] : undefined;
  }
  return keys;
};
