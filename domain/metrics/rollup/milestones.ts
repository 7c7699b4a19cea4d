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
 * What happened once in a campaign, with its time, as a pure function of the sets of events: neither their order, nor repetition, nor
 * a crash of what counts them changes a milestone. A late event may, because it changes the set.
 *
 * - **A brand reached the line**: its cumulative net amount was at or above it at the end of a base window. The time is the
 *   end of the first such window, and a brand that falls below again keeps it.
 * - **The campaign passed last year's whole**: its net amount was strictly above the total of the campaign that it is
 *   compared with, at the end of a base window.
 *
 * All are found when they are asked for. In the newest windows the first cost nothing, since the total is put together from them. Further
 * back it takes reading rows, so what was found is recorded in an item beside the total, each with a proof: a hash of what its
 * time depends on. The record is a memory and no more. Whatever has become of it, an entry whose proof holds is right, and what has none
 * is searched again.
 *
 * The second concerns two campaigns, either of which may still change, so it is not recorded. It is found from the series in each row of
 * the rows below it.
 */

/**
 * Brand milestones that are kept, the earliest: with the longest names they take two thirds of an item. A line that more brands
 * reach says nothing of any of them.
 */
const MAX_BRAND_MILESTONES = 500;

/** 48 bits: a chance match, which would keep a time that has changed, has a probability of 4 in 10^15. */
const PROOF_BYTES = 6;

const isBaseWindow = (settings: CampaignSettings, levels: readonly Level[], { level }: RowKey): boolean =>
  levels[level]!.lengthMs === settings.windowMs;

/** The end of a base window, and at most that of the campaign. */
const endOf = (settings: CampaignSettings, startMs: number): number =>
  Math.min(startMs + settings.windowMs, settings.endsAtMs);

/** A hash of everything that the time of a crossing depends on: while it is the same, so is the time, and nothing need be read. */
const proofOf = ({ basis, beforeFen }: Crossing, lineFen: number): string =>
  digestOf(basis, String(beforeFen), String(lineFen)).subarray(0, PROOF_BYTES).toString('base64url');

/** The crossings in the earliest rows that have enough of them. */
const earliest = (crossings: ReadonlyMap<string, Crossing>): Crossing[] => {
  const byTime = [...crossings.values()].sort((a, b) => a.key.startMs - b.key.startMs);
  const lastMs = byTime[MAX_BRAND_MILESTONES - 1]?.key.startMs ?? Number.POSITIVE_INFINITY;
  return byTime.filter(({ key }) => key.startMs <= lastMs);
};

type Search = { crossing: Crossing; proof: string };

/**
 * Finds when brands reached the line, for all of them together, a level at a time. What `recorded` proves is not searched again.
 * A brand whose rows change meanwhile is left out: the next to ask finds it.
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
    const proof = isBaseWindow(settings, levels, crossing.key) ? '' : proofOf(crossing, lineFen);
    if (proof !== '' && known?.proof === proof) found.push(known);
    else note({ crossing, proof });
  }
  while (searches.length > 0) {
    const groups = [...Map.groupBy(searches, ({ crossing }) => crossing.key.startMs).values()];
    const childKeys = groups.map(([first]) => childrenOf(settings, levels, first!.crossing.key));
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

/** Records a campaign's milestones, so that whoever asks for them need not search. Writes only where they have changed. */
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

/** When the campaign's net amount passed the whole of another campaign; empty where it has not, or there is nothing to pass. */
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
    // A row that is newer than the one above it may lack what that one had; the next read finds both consistent.
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
 * A campaign's milestones in the order of their times. `lastYear` is the whole of the campaign that it is compared with, if
 * there is one. One read, and more for brands that are not recorded, and once last year is passed.
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
