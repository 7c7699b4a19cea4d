import { childrenOf, type Level, levelsOf, parentOf, type RowKey, totalKey } from '#domain/metrics/levels.ts';
import { blockKeyOf } from '#domain/metrics/made-of.ts';
import { PAID } from '#domain/metrics/metric-event.ts';
import { oldestPendingMs, readPending, removePending } from '#domain/metrics/pending-items.ts';
import { putRow, readRows, type StoredRow } from '#domain/metrics/row-items.ts';
import { raiseWatermark } from '#domain/metrics/watermark-item.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { foldWindow, MAX_ATTEMPTS, refusedText } from './fold-window.ts';
import { type LineWatch, watchLine } from './locate.ts';
import { type MadeTotal, recordMilestones } from './milestones.ts';
import { appendInto, emptyRow, mergeInto, type Row, rowNetFen, tallyOf } from './row.ts';
import { packRowParts, unpackRowParts } from './row-codec.ts';

export type DirtyWindow = { startMs: number; shard: number };

/** A campaign's tree of rows. */
type Tree = { settings: CampaignSettings; levels: readonly Level[] };

const ROWS_AT_ONCE = 8;

const placeOf = ({ level, startMs, shard }: RowKey): string => `${level}#${startMs}#${shard}`;

const distinct = (keys: readonly RowKey[]): RowKey[] => [
  ...new Map(keys.map((key) => [placeOf(key), key])).values(),
];

const windowKey = ({ startMs, shard }: DirtyWindow): RowKey => ({ level: 0, startMs, shard });

/**
 * Makes the total, and every row on the way to it, include all blocks of the given windows that were written before the
 * call. Calls may overlap, repeat or crash anywhere: a row is always the merge of its children as of some time after the call
 * began, a row is only replaced by a superset of it, and a refused row is made again. So the last call to begin
 * leaves the total complete and its milestones recorded. Only then are the blocks removed from the pending ones.
 */
export const rollUp = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<void> => {
  const tree = { settings, levels: levelsOf(settings) };
  const { levels } = tree;
  const done = new Map<string, ReadonlySet<string>>();
  let dirty = distinct(windows.map(windowKey));
  const shards = [...new Set(dirty.map(({ shard }) => shard))];
  await mapLimited(dirty, ROWS_AT_ONCE, async (key) => {
    done.set(placeOf(key), await foldWindow(runtime, settings, key));
  });
  for (let level = 1; level < levels.length - 1; level++) {
    dirty = distinct(dirty.flatMap((key) => parentOf(settings, levels, key) ?? []));
    await mapLimited(dirty, ROWS_AT_ONCE, (key) => mergeChildren(runtime, tree, key));
  }
  const { newestMs } = await makeTotal(runtime, tree);
  // All that are done with, also those of a call that crashed before it could remove them.
  const pending = await mapLimited(shards, ROWS_AT_ONCE, (shard) => readPending(runtime, settings, shard));
  const folded = pending
    .flat()
    .filter((block) => done.get(placeOf(windowKey(block)))?.has(blockKeyOf(block.blockId)));
  await removePending(runtime, settings, folded);
  // A block that is not pending now is in the stored total, which is this one or made of more.
  const oldestMs = (await oldestPendingMs(runtime, settings)) ?? Number.POSITIVE_INFINITY;
  if (newestMs > 0) await raiseWatermark(runtime, settings, Math.min(newestMs, oldestMs));
};

/** Merges the rows right below the total into it, and records its milestones. */
const makeTotal = async (runtime: Runtime, tree: Tree): Promise<MadeTotal> => {
  const { settings } = tree;
  const key = totalKey(settings);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const total = await mergeChildren(runtime, tree, key, brandLineFenOf(settings));
    if (await recordMilestones(runtime, settings, total)) return total;
  }
  throw new Error(refusedText(settings, key));
};

/**
 * Whether a row's children, as they were read, are made of all that the row is made of. They are not where the row was written
 * after they were read.
 */
const areNewer = (row: StoredRow | undefined, counts: readonly number[]): boolean => {
  if (row === undefined) return true;
  if (row.madeOf?.kind === 'children') return row.madeOf.counts.every((count, i) => count <= counts[i]!);
  return row.blocks <= counts.reduce((sum, count) => sum + count, 0);
};

/**
 * Merges the rows below a row into it, unless it is their merge already. With `lineFen` it also finds where brands reached that line,
 * in either case.
 */
const mergeChildren = async (
  runtime: Runtime,
  { settings, levels }: Tree,
  key: RowKey,
  lineFen?: number,
): Promise<MadeTotal> => {
  const childKeys = childrenOf(settings, levels, key);
  const areShards = levels[key.level - 1]!.shards > 1;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const [current, ...children] = await readRows(runtime, settings, [key, ...childKeys]);
    const counts = children.map((child) => child?.blocks ?? 0);
    if (!areNewer(current, counts)) continue;
    const version = fingerprintOf(children.map((child) => child?.version ?? '').join());
    const isMade = current?.version === version;
    const blocks = counts.reduce((sum, count) => sum + count, 0);
    const watch = lineFen === undefined ? undefined : watchLine(lineFen);
    const made = { blocks, version, newestMs: 0, crossings: watch?.crossings ?? new Map() };
    if (isMade && watch === undefined) return made;
    const stored = childKeys.map((childKey, i) => ({ key: childKey, row: children[i] }));
    const row = areShards ? rowOfShards(stored) : rowOfWindows(stored, watch);
    made.newestMs = row.newestMs;
    if (isMade) return made;
    const next = { blocks, version, madeOf: { kind: 'children', counts } as const, parts: packRowParts(row) };
    if (await putRow(runtime, settings, key, { row: next, before: current })) return made;
  }
  throw new Error(refusedText(settings, key));
};

type Child = { key: RowKey; row: StoredRow | undefined };

/** The row of a base window, from those of its shards. */
const rowOfShards = (children: readonly Child[]): Row => {
  const sum = emptyRow();
  for (const { row } of children) if (row !== undefined) mergeInto(sum, unpackRowParts(row.parts));
  return sum;
};

/** The row of a longer window, from those of the windows in it, in the order of time. */
const rowOfWindows = (children: readonly Child[], watch: LineWatch | undefined): Row => {
  const sum = emptyRow();
  for (const { key, row } of children) {
    if (row === undefined) continue;
    const child = unpackRowParts(row.parts);
    appendInto(sum, child);
    watch?.appended(child, sum, { key, version: row.version });
    const orders = tallyOf(child, PAID).count;
    const netFen = rowNetFen(child);
    if (orders === 0 && netFen === 0) continue;
    sum.series.push({ startMs: key.startMs, orders, netFen, peakFen: child.peakFen });
  }
  return sum;
};
