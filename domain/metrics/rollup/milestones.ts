import { childrenOf, type Level, levelsOf, type RowKey } from '#domain/metrics/levels.ts';
import { putMilestoneItem, readMilestoneItem } from '#domain/metrics/milestone-items.ts';
import type { MilestoneView } from '#domain/metrics/rollup/milestone-view.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';
import { digestOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { composedRow, readCompositions } from './composition.ts';
import { type Crossing, firstReaching, partsOf } from './locate.ts';
import { type BrandMilestone, packMilestones, unpackMilestones } from './milestones-codec.ts';
import { readTotal, type Total } from './read.ts';
import { type Row, rowNetFen } from './row.ts';

/**
 * A milestone is something that happens once in a campaign, with its time. It is a pure function of the set of events: their
 * order, their repetition and crashes change nothing. A late event may change it, because it changes the set.
 *
 * - **A brand reached the line**: its cumulative net amount was at or above it at the end of a base window. The time is the end
 *   of the first such window. A brand that falls below the line again keeps its milestone.
 * - **The campaign passed last year's total**: at the end of a base window, its net amount was strictly above the total of the
 *   campaign that it is compared with.
 *
 * All are found on demand. Brand milestones in the newest windows cost nothing, because the total is put together from these
 * windows. Older ones need more reads, so those that were found are recorded in an item beside the total, each with a proof: a hash of
 * what its time depends on. The record is only a cache: an entry whose proof still matches is right, and anything else is
 * searched again.
 *
 * Passing last year concerns two campaigns that may both still change, so it is not recorded. It is found from the series that
 * each row holds of the rows below it.
 */

/**
 * How many brand milestones are kept, the earliest first. With the longest names they take two thirds of an item. If more
 * brands reach the line, the line is too low to mean anything.
 */
const MAX_BRAND_MILESTONES = 500;

/** 48 bits: an accidental match would keep a wrong time, with a probability of 4 in 10^15. */
const PROOF_BYTES = 6;

const isBaseWindow = (settings: CampaignSettings, levels: readonly Level[], { level }: RowKey): boolean =>
  levels[level]!.lengthMs === settings.windowMs;

/** The end of a base window, or of the campaign if that is earlier. */
const endOf = (settings: CampaignSettings, startMs: number): number =>
  Math.min(startMs + settings.windowMs, settings.endsAtMs);

/**
 * A hash of everything that the time of a crossing depends on. While it is the same, so is the time, and nothing needs to be
 * read. An extension may move the end of the window in which the campaign was to end.
 */
const proofOf = (settings: CampaignSettings, { basis, beforeFen }: Crossing): string => {
  const { plannedEndsAtMs, endsAtMs } = settings;
  const end = plannedEndsAtMs === undefined ? [] : [String(endsAtMs)];
  return digestOf(basis, String(beforeFen), String(brandLineFenOf(settings)), ...end)
    .subarray(0, PROOF_BYTES)
    .toString('base64url');
};

/** The {@link MAX_BRAND_MILESTONES} earliest crossings, and all others in the same row as the last of these. */
const earliest = (crossings: ReadonlyMap<string, Crossing>): Crossing[] => {
  const byTime = [...crossings.values()].sort((a, b) => a.key.startMs - b.key.startMs);
  const lastMs = byTime[MAX_BRAND_MILESTONES - 1]?.key.startMs ?? Number.POSITIVE_INFINITY;
  return byTime.filter(({ key }) => key.startMs <= lastMs);
};

type Search = { crossing: Crossing; proof: string };

/**
 * Finds when brands reached the line, for all of them together, level by level. Entries of `recorded` whose proof matches are
 * not searched again. A brand whose rows change meanwhile is left out; the next call finds it.
 */
const locate = async (
  runtime: Runtime,
  settings: CampaignSettings,
  crossings: ReadonlyMap<string, Crossing>,
  recorded: readonly BrandMilestone[],
): Promise<BrandMilestone[]> => {
  const levels = levelsOf(settings);
  const lineFen = brandLineFenOf(settings);
  const proven = new Map(recorded.map((milestone) => [milestone.brand, milestone]));
  const found: BrandMilestone[] = [];
  let searches: Search[] = [];
  const note = (search: Search): void => {
    const { brand, key } = search.crossing;
    if (isBaseWindow(settings, levels, key)) {
      found.push({ brand, atMs: endOf(settings, key.startMs), proof: search.proof });
    } else {
      searches.push(search);
    }
  };

  for (const crossing of earliest(crossings)) {
    const known = proven.get(crossing.brand);
    const proof = isBaseWindow(settings, levels, crossing.key) ? '' : proofOf(settings, crossing);
    if (proof !== '' && known?.proof === proof) found.push(known);
    else note({ crossing, proof });
  }
  while (searches.length > 0) {
    const groups = [...Map.groupBy(searches, ({ crossing }) => crossing.key.startMs).values()];
    const childKeys = groups.map(([first]) =>
      childrenOf(settings, levels, first!.crossing.key).filter(({ startMs }) => startMs < settings.endsAtMs),
    );
    const { compositions } = await readCompositions(runtime, settings, childKeys.flat());
    const composed = compositions.values();
    searches = [];
    for (const [i, group] of groups.entries()) {
      const keys = childKeys[i]!;
      const rows = keys.map(() => composedRow(composed.next().value));
      for (const { crossing, proof } of group) {
        const { brand } = crossing;
        const reached = firstReaching(partsOf(rows, brand), crossing.beforeFen, lineFen);
        if (reached === undefined) continue;
        const { index, beforeFen } = reached;
        note({ crossing: { brand, key: keys[index]!, basis: '', beforeFen }, proof });
      }
    }
  }
  return found
    .sort((a, b) => a.atMs - b.atMs || compareText(a.brand, b.brand))
    .slice(0, MAX_BRAND_MILESTONES);
};

/** Records a campaign's milestones, so that readers need not search for them. Writes only if they have changed. */
export const recordMilestones = async (runtime: Runtime, settings: CampaignSettings): Promise<void> => {
  const [total, stored] = await Promise.all([
    readTotal(runtime, settings),
    readMilestoneItem(runtime, settings),
  ]);
  if (total.crossings.size === 0 && stored === undefined) return;
  const recorded = stored === undefined ? [] : unpackMilestones(stored.body);
  const body = packMilestones(await locate(runtime, settings, total.crossings, recorded));
  if (stored !== undefined && Buffer.compare(stored.body, body) === 0) return;
  await putMilestoneItem(runtime, settings, { blocks: total.blocks, body });
};

/** When the campaign's net amount passed the total of another campaign. Empty if it has not, or if there is nothing to pass. */
const readPassing = async (
  runtime: Runtime,
  settings: CampaignSettings,
  total: Row,
  lastYear: Row,
): Promise<MilestoneView[]> => {
  const lastYearFen = rowNetFen(lastYear);
  const lineFen = lastYearFen + 1;
  if (lastYearFen <= 0 || total.peakFen < lineFen) return [];
  const levels = levelsOf(settings);
  let row = total;
  let beforeFen = 0;
  for (let level = levels.length - 2; ; level--) {
    const reached = firstReaching(row.series, beforeFen, lineFen);
    // The rows may have been read at different times and disagree. The next read finds them consistent.
    if (reached === undefined) return [];
    const { startMs } = row.series[reached.index]!;
    const key: RowKey = { level, startMs, shard: 0 };
    if (isBaseWindow(settings, levels, key))
      return [{ kind: 'passed-last-year', atMs: endOf(settings, startMs) }];
    row = composedRow((await readCompositions(runtime, settings, [key])).compositions[0]);
    beforeFen = reached.beforeFen;
  }
};

/**
 * A campaign's milestones in the order of their times. `lastYear` is the total of the campaign that it is compared with, if
 * there is one. Takes one read, and more for brands that are not recorded and once last year's total is passed.
 */
export const readMilestones = async (
  runtime: Runtime,
  settings: CampaignSettings,
  total: Pick<Total, 'row' | 'crossings'>,
  lastYear: Row | undefined,
): Promise<MilestoneView[]> => {
  const [stored, passing] = await Promise.all([
    readMilestoneItem(runtime, settings),
    lastYear === undefined ? [] : readPassing(runtime, settings, total.row, lastYear),
  ]);
  const recorded = stored === undefined ? [] : unpackMilestones(stored.body);
  const brands = (await locate(runtime, settings, total.crossings, recorded)).map(
    ({ brand, atMs }): MilestoneView => ({ kind: 'brand-line', brand, atMs }),
  );
  return [...brands, ...passing].sort((a, b) => a.atMs - b.atMs);
};
