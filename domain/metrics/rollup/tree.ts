import { childrenOf, parentOf, type RowKey } from '#domain/metrics/levels.ts';
import { blockKeyOf } from '#domain/metrics/made-of.ts';
import { oldestPendingMs, readPending, removePending } from '#domain/metrics/pending-items.ts';
import { readRows } from '#domain/metrics/row-items.ts';
import { readShardChanges } from '#domain/metrics/shard-items.ts';
import { type ShardChange, shardKeyOf, windowKeyOf } from '#domain/metrics/shards.ts';
import { type Marks, raiseMarks, readMarks } from '#domain/metrics/watermark-item.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { placeOf, type Tree, treeOf } from './composition.ts';
import { cover, coverableOf, touchRow } from './cover.ts';
import { type Alarming, type FoldedWindow, foldWindow, METRICS_FOLDING } from './fold-window.ts';
import { growShards } from './grow.ts';
import { mergeWindows } from './merge-windows.ts';
import { recordMilestones } from './milestones.ts';

export type DirtyWindow = { startMs: number; shard: number };

const ROWS_AT_ONCE = 8;

/**
 * A row is extended each time this many more of its children are old enough to be covered (`cover.ts`), or when something late
 * changes one of them. Each extension writes the whole row; readers put together what is not covered yet. If a crash prevents an
 * extension, the next one makes up for it.
 */
const EXTENDED_BY = 4;

/** How many rows, of all campaigns, a process remembers as stored. When there are more, it forgets all of them. */
const TOUCHED_MAX = 10_000;
const TOUCHED = compartment(() => new Set<string>());

const distinct = (keys: readonly RowKey[]): RowKey[] => [
  ...new Map(keys.map((key) => [placeOf(key), key])).values(),
];

const parentsOf = ({ settings, levels }: Tree, keys: readonly RowKey[]): RowKey[] =>
  distinct(keys.flatMap((key) => parentOf(settings, levels, key) ?? []));

/**
 * Makes every later read of the total include all blocks of the given windows that were written before the call. Calls may
 * overlap, be repeated or crash anywhere:
 *
 * 1. A row is only replaced by one that is made of a superset of its blocks. If the write is refused, the row is made again.
 * 2. A worker that covers a window raises the mark of the newest window first, and then reads what it covers. A worker that
 *    writes a window reads that mark afterwards. So either the first worker has read what the second wrote, or the second finds
 *    that the window may be covered, and covers its current state itself.
 * 3. Only then are the blocks removed from the pending ones. The time of the newest order or refund is stored before that.
 *    So if this worker crashes before it raises the time up to which all is complete, that time still follows from what is stored:
 *    {@link settleWatermark} raises it when the message comes again.
 *
 * Returns how many contradicting orders and overdrafts this call added to the rows, for an alarm.
 */
export const rollUp = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<Alarming> => {
  const tree = treeOf(settings);
  const changes = await readShardChanges(runtime, settings);
  const dirty = distinct(windows.map((window) => shardKeyOf(settings, changes, window)));
  const leaves = distinct(dirty.map(({ startMs }) => windowKeyOf(settings, startMs)));
  await touchAncestors(runtime, tree, leaves);
  const done = new Map<string, FoldedWindow>();
  await mapLimited(dirty, ROWS_AT_ONCE, async (key) => {
    done.set(placeOf(key), await foldWindow(runtime, settings, key, METRICS_FOLDING));
  });
  await mergeWindows(runtime, settings, changes, { leaves, done });
  const marks = await readMarks(runtime, settings);
  const newestStartMs = Math.max(...leaves.map(({ startMs }) => startMs));
  const tailMs = Math.max(marks.tailMs ?? Number.NEGATIVE_INFINITY, newestStartMs);
  const newestMs = done
    .values()
    .reduce((newest, window) => Math.max(newest, window.newestMs), marks.newestMs ?? 0);
  await raiseMarks(runtime, settings, {
    ...(tailMs === marks.tailMs ? {} : { tailMs }),
    ...(newestMs > (marks.newestMs ?? 0) ? { newestMs } : {}),
  });
  const tails = { tailMs, formerTailMs: marks.tailMs ?? Number.NEGATIVE_INFINITY };
  if (await coverAbove(runtime, tree, leaves, tails)) await recordMilestones(runtime, settings);
  await growShards(runtime, settings, changes, done.values());
  await removeDone(runtime, settings, changes, { dirty, done });
  await raiseComplete(runtime, settings, { ...marks, newestMs });
  const sum: Alarming = { conflicts: 0, overdrafts: 0 };
  for (const { alarming } of done.values()) {
    sum.conflicts += alarming?.conflicts ?? 0;
    sum.overdrafts += alarming?.overdrafts ?? 0;
  }
  return sum;
};

const touchAncestors = async (runtime: Runtime, tree: Tree, leaves: readonly RowKey[]): Promise<void> => {
  const touched = runtime.memory.of(TOUCHED);
  const { campaignId } = tree.settings;
  const ancestors: RowKey[] = [];
  for (let keys = parentsOf(tree, leaves); keys.length > 0; keys = parentsOf(tree, keys))
    ancestors.push(...keys);
  const unknown = ancestors.filter((key) => !touched.has(`${campaignId}#${placeOf(key)}`));
  // A refused write costs as much as writing the whole row. A read costs a twentieth of that.
  const rows = unknown.length === 0 ? [] : await readRows(runtime, tree.settings, unknown);
  const missing = unknown.filter((_, i) => rows[i] === undefined);
  await mapLimited(missing, ROWS_AT_ONCE, (key) => touchRow(runtime, tree, key));
  if (touched.size > TOUCHED_MAX) touched.clear();
  for (const key of unknown) touched.add(`${campaignId}#${placeOf(key)}`);
};

/** Whether a count has passed a multiple of {@link EXTENDED_BY} since it was `before`. */
const hasPassed = (count: number, before: number): boolean =>
  Math.floor(count / EXTENDED_BY) > Math.floor(before / EXTENDED_BY);

/**
 * Updates rows that cover windows to which something came late, and extends rows that have fallen behind. All
 * rows above a late window are looked at, even if the row below did not change now: a worker that crashed may
 * have changed the lower row and not the one above it. Returns whether the total has changed, or a row at
 * least two levels above the windows. Only then are milestones recorded again: in lower rows, finding a
 * milestone is as fast as reading its record.
 */
const coverAbove = async (
  runtime: Runtime,
  tree: Tree,
  leaves: readonly RowKey[],
  { tailMs, formerTailMs }: { tailMs: number; formerTailMs: number },
): Promise<boolean> => {
  let isChanged = false;
  let changed = new Set(leaves.map(placeOf));
  let keys: readonly RowKey[] = leaves;
  for (let level = tree.base + 1; level < tree.levels.length; level++) {
    const below = keys;
    keys = parentsOf(tree, below);
    const next = new Set<string>();
    await mapLimited(keys, ROWS_AT_ONCE, async (key) => {
      const children = childrenOf(tree.settings, tree.levels, key);
      const coverable = coverableOf(tree, key, tailMs);
      const places = new Set(children.slice(0, coverable).map(placeOf));
      const isLate = below.some((child) => places.has(placeOf(child)));
      const isBehind = hasPassed(coverable, coverableOf(tree, key, formerTailMs));
      if (!isLate && !isBehind) return;
      const hasChanged = await cover(runtime, tree, key, { upTo: coverable, dirty: changed });
      isChanged ||= hasChanged && level >= Math.min(tree.base + 2, tree.levels.length - 1);
      if (hasChanged || isLate) next.add(placeOf(key));
    });
    changed = next;
  }
  return isChanged;
};

/** Removes those pending blocks that the folded windows contain. */
const removeDone = async (
  runtime: Runtime,
  settings: CampaignSettings,
  changes: readonly ShardChange[],
  { dirty, done }: { dirty: readonly RowKey[]; done: ReadonlyMap<string, FoldedWindow> },
): Promise<void> => {
  const shards = [...new Set(dirty.map(({ shard }) => shard))];
  // This also finds the blocks of a call that crashed before it could remove them.
  const pending = await mapLimited(shards, ROWS_AT_ONCE, (shard) => readPending(runtime, settings, shard));
  const folded = pending.flat().filter((block) => {
    const window = done.get(placeOf(shardKeyOf(settings, changes, block)));
    return window?.blocks.has(blockKeyOf(block.blockId));
  });
  await removePending(runtime, settings, folded);
};

const raiseComplete = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { newestMs = 0, completeMs = 0 }: Marks,
): Promise<void> => {
  // A block that is not pending now is in the stored rows.
  const oldestMs = (await oldestPendingMs(runtime, settings)) ?? Number.POSITIVE_INFINITY;
  const nowCompleteMs = Math.min(newestMs, oldestMs);
  if (nowCompleteMs > completeMs) await raiseMarks(runtime, settings, { completeMs: nowCompleteMs });
};

/** Raises the time up to which a campaign is complete, if a worker crashed after it had removed the last pending blocks. */
export const settleWatermark = async (runtime: Runtime, settings: CampaignSettings): Promise<void> =>
  raiseComplete(runtime, settings, await readMarks(runtime, settings));
