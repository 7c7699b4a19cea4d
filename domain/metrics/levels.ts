/** The tree of a campaign's rows: base windows, longer windows above them, and the total. */
import { type CampaignSettings, plannedEndOf } from '#events/contract.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#platform/duration.ts';

/**
 * The most rows of the level below that a row is made of, except for the total and for a window of several shards. It
 * determines the depth of a campaign's tree of rows.
 */
export const MAX_FAN_IN = 60;

/**
 * The most rows below the total. Only the total of a campaign that was extended has more than {@link MAX_FAN_IN}: its tree stays
 * as deep as it was, so that no row changes its place.
 */
export const MAX_TOTAL_FAN_IN = 4 * MAX_FAN_IN;

/** Preferred lengths, shortest first. A level gets one of them only if the length of the level below divides it. */
const NATURAL_LENGTHS_MS = [MINUTE_MS, HOUR_MS, DAY_MS];

/**
 * A level of a campaign's tree of rows. Level 0 holds the base windows, with a row for each shard. The top level is the
 * campaign's total, one row that starts with the campaign.
 */
export type Level = { index: number; lengthMs: number; shards: number };

/** A row's place in the tree. `startMs` is a multiple of the level's length, or the campaign's start for the total. */
export type RowKey = { level: number; startMs: number; shard: number };

const floorTo = (timeMs: number, lengthMs: number): number => Math.floor(timeMs / lengthMs) * lengthMs;

/** The number of windows of this length that the campaign's planned span touches. */
const windowCount = (settings: CampaignSettings, lengthMs: number): number =>
  (floorTo(plannedEndOf(settings) - 1, lengthMs) - floorTo(settings.startsAtMs, lengthMs)) / lengthMs + 1;

/**
 * The length of the next level: the shortest natural length that consists of 2 to {@link MAX_FAN_IN} windows of `lengthMs`; if
 * there is none, {@link MAX_FAN_IN} windows.
 */
const nextLength = (lengthMs: number): number =>
  NATURAL_LENGTHS_MS.find(
    (natural) => natural > lengthMs && natural % lengthMs === 0 && natural / lengthMs <= MAX_FAN_IN,
  ) ?? lengthMs * MAX_FAN_IN;

/** The end of the longest campaign whose tree has this level right below the total. */
const carriedUntil = ({ startsAtMs }: CampaignSettings, { lengthMs }: Pick<Level, 'lengthMs'>): number =>
  floorTo(startsAtMs, lengthMs) + MAX_TOTAL_FAN_IN * lengthMs;

/**
 * The levels of a campaign, base windows first and the total last. Above windows of 10 s, for example, a campaign of some hours
 * has minutes and hours, and one of over 60 hours has days as well. A window of several shards is merged to one row before it
 * goes into a longer one.
 *
 * The levels depend on the end with which the campaign was opened, and the total spans all that the tree
 * carries. So the tree is the same whether its reader knows of an extension or not.
 */
export const levelsOf = (settings: CampaignSettings): Level[] => {
  const levels: Level[] = [{ index: 0, lengthMs: settings.windowMs, shards: settings.shards }];
  let lengthMs = settings.windowMs;
  if (settings.shards > 1) levels.push({ index: 1, lengthMs, shards: 1 });
  while (windowCount(settings, lengthMs) > MAX_FAN_IN) {
    lengthMs = nextLength(lengthMs);
    levels.push({ index: levels.length, lengthMs, shards: 1 });
  }
  const carriedMs = carriedUntil(settings, { lengthMs }) - settings.startsAtMs;
  levels.push({ index: levels.length, lengthMs: carriedMs, shards: 1 });
  return levels;
};

/** The latest end that a campaign's tree of rows carries. */
export const latestEndOf = (settings: CampaignSettings): number =>
  settings.startsAtMs + levelsOf(settings).at(-1)!.lengthMs;

/** The start of the base window that an event of this time belongs to. */
export const windowStartOf = (settings: CampaignSettings, timeMs: number): number =>
  floorTo(timeMs, settings.windowMs);

/** The end of a base window, exclusive. */
export const windowEndOf = (settings: CampaignSettings, windowStartMs: number): number =>
  windowStartMs + settings.windowMs;

export const totalKey = (settings: CampaignSettings): RowKey => ({
  level: levelsOf(settings).length - 1,
  startMs: settings.startsAtMs,
  shard: 0,
});

/** The row on the next level that a row is merged into; undefined for the total. */
export const parentOf = (
  settings: CampaignSettings,
  levels: readonly Level[],
  key: RowKey,
): RowKey | undefined => {
  const parent = levels[key.level + 1];
  if (parent === undefined) return undefined;
  const isTotal = parent.index === levels.length - 1;
  return {
    level: parent.index,
    startMs: isTotal ? settings.startsAtMs : floorTo(key.startMs, parent.lengthMs),
    shard: 0,
  };
};

/**
 * The rows on the level below that are merged into a row, including those that begin after the campaign's end and are never
 * written: at most {@link MAX_FAN_IN}, or the shards of one window, or for the total {@link MAX_TOTAL_FAN_IN}.
 */
export const childrenOf = (settings: CampaignSettings, levels: readonly Level[], key: RowKey): RowKey[] => {
  const child = levels[key.level - 1];
  const own = levels[key.level];
  if (child === undefined || own === undefined) return [];
  const endMs = key.startMs + own.lengthMs;
  const children: RowKey[] = [];
  const firstMs = Math.max(key.startMs, floorTo(settings.startsAtMs, child.lengthMs));
  for (let startMs = floorTo(firstMs, child.lengthMs); startMs < endMs; startMs += child.lengthMs) {
    for (let shard = 0; shard < child.shards; shard++) children.push({ level: child.index, startMs, shard });
  }
  return children;
};

/**
 * Whether a window accepts no more events at `nowMs`, because its end plus the campaign's horizon is past. Its row can be
 * recomputed only from all of its blocks, which are kept for three weeks longer (`BLOCK_MARGIN_MS`).
 */
export const isPastHorizon = (settings: CampaignSettings, windowStartMs: number, nowMs: number): boolean =>
  nowMs > windowEndOf(settings, windowStartMs) + settings.horizonMs;
