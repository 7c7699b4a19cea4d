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
 * The elapsed time at which a campaign that is complete up to `timeMs` is compared with another: that of the end of the base
 * window in which `timeMs` lies, at most the campaign's length. It is the end because this campaign's figures hold what there
 * is of that window already; the other's whole window beside it can only make this year look smaller, and only until the
 * window is over.
 */
export const elapsedAt = (settings: CampaignSettings, timeMs: number): number =>
  Math.min(windowEndOf(settings, windowStartOf(settings, timeMs)), settings.endsAtMs) - settings.startsAtMs;

/**
 * The rows, in the order of time, that together hold the base windows that end by the campaign's start plus `elapsedMs`: as
 * few rows as the tree allows, its total alone once all of the campaign has elapsed.
 *
 * Base windows are cut at multiples of their length since 1970 and not at the campaign's start, so the elapsed time is cut
 * to whole ones: with a start inside of a window, the first window is shorter, and an elapsed time that does not reach
 * its end holds nothing. Campaigns whose starts lie at the same place in their windows are therefore compared at exactly the same
 * elapsed time, and others at times less than a window apart.
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
    // A base window is not cut, and where it has shards its one row is the level above them.
    cut = lengthMs > settings.windowMs ? children[elapsed.length] : undefined;
  }
  return keys;
};
