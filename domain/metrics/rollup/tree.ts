import { unpackBlock } from '#domain/metrics/block.ts';
import { childrenOf, type Level, levelsOf, parentOf, type RowKey, totalKey } from '#domain/metrics/levels.ts';
import { PAID } from '#domain/metrics/metric-event.ts';
import {
  type PendingBlock,
  putRow,
  readPending,
  readRows,
  readWindow,
  removePending,
  type StoredRow,
} from '#domain/metrics/metrics-table.ts';
import { brandLineFenOf, type CampaignSettings } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { fingerprintOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type LineWatch, watchLine } from './locate.ts';
import { type MadeTotal, recordMilestones } from './milestones.ts';
import { appendInto, emptyRow, mergeInto, type Row, rowNetFen, rowOfEvents, tallyOf } from './row.ts';
import { packRowParts, unpackRowParts } from './row-codec.ts';

export type DirtyWindow = { startMs: number; shard: number };

/** A campaign's tree of rows. */
type Tree = { settings: CampaignSettings; levels: readonly Level[] };

const ROWS_AT_ONCE = 8;
/** A row is refused only while others write it, so a handful of attempts is many. */
const MAX_ATTEMPTS = 10;

const distinct = (keys: readonly RowKey[]): RowKey[] => [
  ...new Map(keys.map((key) => [`${key.level}#${key.startMs}#${key.shard}`, key])).values(),
];

/**
 * Makes the total, and every row on the way to it, include all blocks of the given windows that were written before the
 * call. Calls may overlap, repeat or crash anywhere: a row is always the merge of its children as of some time after the call
 * began, a row made of fewer blocks never replaces one made of more, and a refused row is made again. So the last call to begin
 * leaves the total complete and its milestones recorded. Only then are the blocks removed from the pending ones.
 */
export const rollUp = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<void> => {
  const tree = { settings, levels: levelsOf(settings) };
  const { levels } = tree;
  const folded = new Map<number, PendingBlock[]>();
  let dirty = distinct(windows.map(({ startMs, shard }) => ({ level: 0, startMs, shard })));
  await mapLimited(dirty, ROWS_AT_ONCE, async (key) => {
    const blockIds = await foldWindow(runtime, settings, key);
    const ofShard = folded.get(key.shard) ?? [];
    folded.set(key.shard, ofShard.concat(blockIds.map((blockId) => ({ startMs: key.startMs, blockId }))));
  });
  for (let level = 1; level < levels.length - 1; level++) {
    dirty = distinct(dirty.flatMap((key) => parentOf(settings, levels, key) ?? []));
    await mapLimited(dirty, ROWS_AT_ONCE, (key) => mergeChildren(runtime, tree, key));
  }
  await makeTotal(runtime, tree);
  for (const [shard, blocks] of folded) await removeFolded(runtime, settings, shard, blocks);
};

/** Folds all blocks of a base window into its row. Returns the ids of the blocks that the row includes. */
const foldWindow = async (runtime: Runtime, settings: CampaignSettings, key: RowKey): Promise<string[]> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { blocks, row: current } = await readWindow(runtime, settings, key);
    const blockIds = blocks.map(({ id }) => id);
    const version = fingerprintOf([...blockIds].sort().join());
    if (current?.version === version) return blockIds;
    const row = rowOfEvents(blocks.flatMap(({ body }) => unpackBlock(body)));
    if (await putRow(runtime, settings, key, { blocks: blocks.length, version, parts: packRowParts(row) }))
      return blockIds;
  }
  throw new Error(refusedText(settings, key));
};

/** Merges the rows right below the total into it, and records its milestones. */
const makeTotal = async (runtime: Runtime, tree: Tree): Promise<void> => {
  const { settings } = tree;
  const key = totalKey(settings);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const total = await mergeChildren(runtime, tree, key, brandLineFenOf(settings));
    if (await recordMilestones(runtime, settings, total)) return;
  }
  throw new Error(refusedText(settings, key));
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
    const [current, ...children] = await readRows(runtime, settings, [key, ...childKeys]);
    const version = fingerprintOf(children.map((child) => child?.version ?? '').join());
    const isMade = current?.version === version;
    const blocks = children.reduce((sum, child) => sum + (child?.blocks ?? 0), 0);
    const watch = lineFen === undefined ? undefined : watchLine(lineFen);
    const made = { blocks, version, crossings: watch?.crossings ?? new Map() };
    if (isMade && watch === undefined) return made;
    const stored = childKeys.map((childKey, i) => ({ key: childKey, row: children[i] }));
    const row = areShards ? rowOfShards(stored) : rowOfWindows(stored, watch);
    if (isMade || (await putRow(runtime, settings, key, { blocks, version, parts: packRowParts(row) })))
      return made;
  }
  throw new Error(refusedText(settings, key));
};

const refusedText = (settings: CampaignSettings, { level, startMs, shard }: RowKey): string =>
  `row of ${settings.campaignId}, level ${level}, window ${new Date(startMs).toISOString()}, shard ${shard}: refused ${MAX_ATTEMPTS} times`;

/** Removes the folded blocks from the pending ones, also those of a call that crashed before it could. */
const removeFolded = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shard: number,
  folded: readonly PendingBlock[],
): Promise<void> => {
  const foldedIds = new Set(folded.map(({ blockId }) => blockId));
  const done = (await readPending(runtime, settings, shard)).filter(({ blockId }) => foldedIds.has(blockId));
  if (done.length > 0) await removePending(runtime, settings, shard, done);
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
