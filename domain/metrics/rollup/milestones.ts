import { childrenOf, type Level, levelsOf, type RowKey, totalKey } from '#domain/metrics/levels.ts';
import { putMilestoneItem, readMilestoneItem, readRows } from '#domain/metrics/metrics-table.ts';
import type { MilestoneView } from '#domain/metrics/rollup/milestone-view.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import { compareText } from '#platform/collections.ts';
import { digestOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Crossing, firstReaching, partsOf } from './locate.ts';
import { type BrandMilestone, packMilestones, unpackMilestones } from './milestones-codec.ts';
import { type Row, rowNetFen } from './row.ts';
import { unpackRowParts } from './row-codec.ts';

/**
 * What happened once in a campaign, with its time, as a pure function of the sets of events: neither their order, nor repetition, nor
 * a crash of what counts them changes a milestone. A late event may, because it changes the set.
 *
 * - **A brand reached the line**: its cumulative net amount was at or above it at the end of a base window. The time is the
 *   end of the first such window, and a brand that falls below again keeps it.
 * - **The campaign passed last year's whole**: its net amount was strictly above the total of the campaign that it is
 *   compared with, at the end of a base window.
 *
 * The first are found when the total is made, and recorded in an item beside it. The record ends
 * up covering the whole set, because every worker that writes a total checks the record after it:
 *
 * 1. A record is made of a total and of the rows below it, which are at least as new as the total. Rows are never replaced
 *    by what is made of fewer blocks, so of the last total, which all blocks are folded into, there is only one record.
 * 2. Suppose that the last write of the record, by worker W, is of a total that is not the last. W reads the total again after it.
 *    Either the last total is there, and W continues until it has recorded that one; or the last total is written later, and its
 *    writer then reads W's record, finds it different, and replaces it. Both contradict the assumption.
 * 3. A worker that crashes has not finished its message, which is redelivered: the total exists by then, and the record is checked
 *    all the same.
 * 4. The condition on the number of blocks keeps a record of fewer blocks from replacing one of more. A refused record is not missed:
 *    everything in it is in the stored one.
 *
 * The second concerns two campaigns, either of which may still change, so it is not recorded. It is found on request, from the series
 * in each row of the rows below it, with one read a level.
 */

/**
 * Brand milestones that are kept, the earliest: with the longest names they take two thirds of an item. A line that more brands
 * reach says nothing of any of them.
 */
const MAX_BRAND_MILESTONES = 500;

/** 48 bits: a chance match, which would keep a time that has changed, has a probability of 4 in 10^15. */
const PROOF_BYTES = 6;

/** A total that was made, and where in the rows right below it each brand reached the line. */
export type MadeTotal = { blocks: number; version: string; crossings: ReadonlyMap<string, Crossing> };

const isBaseWindow = (settings: CampaignSettings, levels: readonly Level[], { level }: RowKey): boolean =>
  levels[level]!.lengthMs === settings.windowMs;

/** The end of a base window, and at most that of the campaign. */
const endOf = (settings: CampaignSettings, startMs: number): number =>
  Math.min(startMs + settings.windowMs, settings.endsAtMs);

/** A hash of everything that the time of a crossing depends on: while it is the same, so is the time, and nothing need be read. */
const proofOf = ({ version, beforeFen }: Crossing, lineFen: number): string =>
  digestOf(version, String(beforeFen), String(lineFen)).subarray(0, PROOF_BYTES).toString('base64url');

/** The crossings in the earliest rows that have enough of them. */
const earliest = (crossings: ReadonlyMap<string, Crossing>): Crossing[] => {
  const byTime = [...crossings.values()].sort((a, b) => a.key.startMs - b.key.startMs);
  const lastMs = byTime[MAX_BRAND_MILESTONES - 1]?.key.startMs ?? Number.POSITIVE_INFINITY;
  return byTime.filter(({ key }) => key.startMs <= lastMs);
};

type Search = { crossing: Crossing; proof: string };

/**
 * Finds when brands reached the line, for all of them together, a level at a time. What `recorded` proves is not searched again.
 * Undefined where a row has changed since the total was made: another worker is about to make a newer total.
 */
const locate = async (
  runtime: Runtime,
  settings: CampaignSettings,
  crossings: ReadonlyMap<string, Crossing>,
  recorded: readonly BrandMilestone[],
): Promise<BrandMilestone[] | undefined> => {
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
    const stored = (await readRows(runtime, settings, childKeys.flat())).values();
    searches = [];
    for (const [i, group] of groups.entries()) {
      const keys = childKeys[i]!;
      const children = keys.map(() => stored.next().value);
      const rows = children.map((child) => unpackRowParts(child?.parts ?? []));
      for (const { crossing, proof } of group) {
        const { brand } = crossing;
        const reached = firstReaching(partsOf(rows, brand), crossing.beforeFen, lineFen);
        if (reached === undefined) return undefined;
        const { index, beforeFen } = reached;
        const { version } = children[index]!;
        note({ crossing: { brand, key: keys[index]!, version, beforeFen }, proof });
      }
    }
  }
  return found
    .sort((a, b) => a.atMs - b.atMs || compareText(a.brand, b.brand))
    .slice(0, MAX_BRAND_MILESTONES);
};

/**
 * Records the milestones of a total that was just made, or found to be made already. Returns false where a newer total was made since,
 * which the caller must then record. Costs one read while nothing has changed.
 */
export const recordMilestones = async (
  runtime: Runtime,
  settings: CampaignSettings,
  total: MadeTotal,
): Promise<boolean> => {
  const stored = await readMilestoneItem(runtime, settings);
  const recorded = stored === undefined ? [] : unpackMilestones(stored.body);
  const milestones = await locate(runtime, settings, total.crossings, recorded);
  // The worker that changed a row since has yet to write the total, and records the milestones of that.
  if (milestones === undefined) return true;
  if (stored === undefined && milestones.length === 0) return true;
  const body = packMilestones(milestones);
  if (stored !== undefined && Buffer.compare(stored.body, body) === 0) return true;
  if (!(await putMilestoneItem(runtime, settings, { blocks: total.blocks, body }))) return true;
  const [now] = await readRows(runtime, settings, [totalKey(settings)]);
  return now?.version === total.version;
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
    const [stored] = await readRows(runtime, settings, [key]);
    row = unpackRowParts(stored?.parts ?? []);
    beforeFen = reached.beforeFen;
  }
};

/**
 * A campaign's milestones in the order of their times. `total` is its total, and `lastYear` the whole of the campaign that it
 * is compared with, if there is one. One read, and once last year is passed one more for each level between the base windows
 * and the total.
 */
export const readMilestones = async (
  runtime: Runtime,
  settings: CampaignSettings,
  total: Row,
  lastYear: Row | undefined,
): Promise<MilestoneView[]> => {
  const [stored, passing] = await Promise.all([
    readMilestoneItem(runtime, settings),
    lastYear === undefined ? [] : readPassing(runtime, settings, total, lastYear),
  ]);
  const brands = (stored === undefined ? [] : unpackMilestones(stored.body)).map(
    ({ brand, atMs }): MilestoneView => ({ kind: 'brand-line', brand, atMs }),
  );
  return [...brands, ...passing].sort((a, b) => a.atMs - b.atMs);
};
