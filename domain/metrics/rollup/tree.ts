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
import { fingerprintOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type LineWatch, watchLine } from './locate.ts';
import { type MadeTotal, recordMilestones } from './milestones.ts';
import { appendInto, emptyRow, mergeInto, type Row, rowNetFen, rowOfEvents, tallyOf } from './row.ts';
import { packRowParts, unpackRowParts } from './row-codec.ts';

export type DirtyWindow = { startMs: number; shard: number };

const ROWS_AT_ONCE = 8;
/** A row is refused only while others write it, so a handful of attempts is many. */
const MAX_ATTEMPTS = 10;

const forEachRow = async (keys: readonly RowKey[], work: (key: RowKey) => Promise<void>): Promise<void> => {
  const left = keys.values();
  const worker = async () => {
    for (const key of left) await work(key);
  };
  await Promise.all(Array.from({ length: ROWS_AT_ONCE }, worker));
};

const distinct = (keys: readonly RowKey[]): RowKey[] => [
  ...new Map(keys.map((key) => [`${key.level}#${key.startMs}#${key.shard}`, key])).values(),
];

/**
 * Makes the total, and every row on the way to it, include all blocks of the given windows that were written before the
 * call. Calls may overlap, repeat or die anywhere: a row is always the merge of what its children were at some time
 * after the call began, a row made of fewer blocks never replaces one made of more, and a refused row is made again. So
 * the last call to begin leaves the total complete, and its milestones recorded. Only then are the blocks struck out of those
 * that are not in the total yet.
 */
export const rollUp = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<void> => {
  const levels = levelsOf(settings);
  const folded = new Map<number, PendingBlock[]>();
  let dirty = distinct(windows.map(({ startMs, shard }) => ({ level: 0, startMs, shard })));
  await forEachRow(dirty, async (key) => {
    const blockIds = await foldWindow(runtime, settings, key);
    const ofShard = folded.get(key.shard) ?? [];
    folded.set(key.shard, ofShard.concat(blockIds.map((blockId) => ({ startMs: key.startMs, blockId }))));
  });
  for (let level = 1; level < levels.length - 1; level++) {
    dirty = distinct(dirty.flatMap((key) => parentOf(settings, levels, key) ?? []));
    await forEachRow(dirty, async (key) => {
      await mergeChildren(runtime, settings, levels, key);
    });
  }
  await makeTotal(runtime, settings, levels);
  for (const [shard, blocks] of folded) await strikeOut(runtime, settings, shard, blocks);
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

/** Merges the rows right below the total into it, and has its milestones recorded. */
const makeTotal = async (
  runtime: Runtime,
  settings: CampaignSettings,
  levels: readonly Level[],
): Promise<void> => {
  const key = totalKey(settings);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const total = await mergeChildren(runtime, settings, levels, key, brandLineFenOf(settings));
    if (await recordMilestones(runtime, settings, total)) return;
  }
  throw new Error(refusedText(settings, key));
};

/**
 * Merges the rows below a row into it, unless it is their merge already. With `lineFen` it finds where brands reached that
 * line in either case.
 */
const mergeChildren = async (
  runtime: Runtime,
  settings: CampaignSettings,
  levels: readonly Level[],
  key: RowKey,
  lineFen?: number,
): Promise<MadeTotal> => {
  const childKeys = childrenOf(settings, levels, key);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const [current, ...children] = await readRows(runtime, settings, [key, ...childKeys]);
    const version = fingerprintOf(children.map((child) => child?.version ?? '').join());
    const isMade = current?.version === version;
    const blocks = children.reduce((sum, child) => sum + (child?.blocks ?? 0), 0);
    const watch = lineFen === undefined ? undefined : watchLine(lineFen);
    const made = { blocks, version, crossings: watch?.crossings ?? new Map() };
    if (isMade && watch === undefined) return made;
    const row = rowOfChildren(levels, key, childKeys, children, watch);
    if (isMade || (await putRow(runtime, settings, key, { blocks, version, parts: packRowParts(row) })))
      return made;
  }
  throw new Error(refusedText(settings, key));
};

const refusedText = (settings: CampaignSettings, { level, startMs, shard }: RowKey): string =>
  `row of ${settings.campaignId}, level ${level}, window ${new Date(startMs).toISOString()}, shard ${shard}: refused ${MAX_ATTEMPTS} times`;

/** Takes the folded blocks off the pending ones, among them those of a call that died before it could. */
const strikeOut = async (
  runtime: Runtime,
  settings: CampaignSettings,
  shard: number,
  folded: readonly PendingBlock[],
): Promise<void> => {
  const foldedIds = new Set(folded.map(({ blockId }) => blockId));
  const done = (await readPending(runtime, settings, shard)).filter(({ blockId }) => foldedIds.has(blockId));
  if (done.length > 0) await removePending(runtime, settings, shard, done);
};

/** The row above others: a base window of its shards, or a longer one of the windows in it, in the order of time. */
const rowOfChildren = (
  levels: readonly Level[],
  key: RowKey,
  childKeys: readonly RowKey[],
  children: readonly (StoredRow | undefined)[],
  watch: LineWatch | undefined,
): Row => {
  const row = emptyRow();
  const hasShards = levels[key.level - 1]!.shards > 1;
  for (const [i, stored] of children.entries()) {
    if (stored === undefined) continue;
    const child = unpackRowParts(stored.parts);
    if (hasShards) {
      mergeInto(row, child);
      continue;
    }
    appendInto(row, child);
    watch?.appended(child, row, { key: childKeys[i]!, version: stored.version });
    const orders = tallyOf(child, PAID).count;
    const netFen = rowNetFen(child);
    if (orders === 0 && netFen === 0) continue;
    row.series.push({ startMs: childKeys[i]!.startMs, orders, netFen, peakFen: child.peakFen });
  }
  return row;
};
