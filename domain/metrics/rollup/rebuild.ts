import { childrenOf, parentOf, type RowKey, totalKey, windowStartOf } from '#domain/metrics/levels.ts';
import { blockKeyOf } from '#domain/metrics/made-of.ts';
import { blocksKeptUntil, readBlocks, type StoredBlock } from '#domain/metrics/metrics-table.ts';
import {
  mendRow,
  type Replacement,
  readDamaged,
  readRows,
  type StoredRow,
} from '#domain/metrics/row-items.ts';
import { readShardChanges } from '#domain/metrics/shard-items.ts';
import { shardKeysOf, windowKeyOf } from '#domain/metrics/shards.ts';
import { readMarks } from '#domain/metrics/watermark-item.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { placeOf, type Tree, treeOf } from './composition.ts';
import { coverableOf, rowOfChildren } from './cover.ts';
import { MAX_ATTEMPTS, METRICS_FOLDING, refusedText, rowFromBlocks } from './fold-window.ts';
import { rowOfShards } from './merge-shards.ts';
import { recordMilestones } from './milestones.ts';

/** The results for the rows that were looked at. */
export type Rebuilt = {
  /** Base windows that were looked at. */
  windows: number;
  /** Rows in which a byte was missing or wrong, and which are repaired now. */
  mended: RowKey[];
  /** Rows of base windows that stay as they are: some of their blocks have expired. */
  expired: RowKey[];
};

const WINDOWS_AT_ONCE = 8;

/**
 * Makes a row again, and repeats that if another worker writes it meanwhile. `make` returns undefined for a row that cannot be
 * made. Returns whether the row was wrong.
 */
const mend = async (
  runtime: Runtime,
  settings: CampaignSettings,
  key: RowKey,
  make: (before: StoredRow | undefined) => Promise<Replacement['row'] | undefined>,
): Promise<boolean> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const before = await readDamaged(runtime, settings, key);
    const row = await make(before);
    if (row === undefined) return false;
    const isMended = await mendRow(runtime, settings, key, { row, before });
    if (isMended !== undefined) return isMended;
  }
  throw new Error(refusedText(settings, key));
};

/** Whether all blocks that a base window's row is made of are still stored. */
const hasAllBlocks = (
  settings: CampaignSettings,
  key: RowKey,
  { before, blocks, nowMs }: { before: StoredRow | undefined; blocks: readonly StoredBlock[]; nowMs: number },
): boolean => {
  if (nowMs < blocksKeptUntil(settings, key.startMs)) return true;
  if (before?.madeOf?.kind !== 'blocks' || before.madeOf.isSealed) return false;
  const live = new Set(blocks.map(({ id }) => blockKeyOf(id)));
  return before.madeOf.blocks.every((block) => live.has(block));
};

type Looking = { runtime: Runtime; settings: CampaignSettings; rebuilt: Rebuilt };

const mendFromBlocks = async ({ runtime, settings, rebuilt }: Looking, key: RowKey): Promise<boolean> =>
  mend(runtime, settings, key, async (before) => {
    const blocks = await readBlocks(runtime, settings, key);
    if (blocks.length === 0 && before === undefined) return undefined;
    if (hasAllBlocks(settings, key, { before, blocks, nowMs: runtime.clock.nowMs() }))
      return rowFromBlocks(METRICS_FOLDING, blocks, runtime.results);
    rebuilt.expired.push(key);
    return undefined;
  });

/** How many of its children a row covers; if the row does not say, how many it may cover by now. */
const coveredOf = (tree: Tree, key: RowKey, before: StoredRow | undefined, tailMs: number): number =>
  before?.madeOf?.kind === 'children' ? before.madeOf.counts.length : coverableOf(tree, key, tailMs);

/**
 * Makes rows again: first those of base windows, out of their blocks as long as these exist, and then all rows above them, out of
 * the rows below. The base windows are those from the one that contains `fromMs` to the last one that starts before `untilMs`. A
 * row that is right is not written. The sale may be on meanwhile: a row that a worker writes in between is made again. Throws if
 * a worker does so in each of MAX_ATTEMPTS attempts. Every window and every row above is read, so this is for an operator and not
 * for a function.
 */
export const rebuildRows = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { fromMs = settings.startsAtMs, untilMs = settings.endsAtMs }: { fromMs?: number; untilMs?: number } = {},
): Promise<Rebuilt> => {
  const tree = treeOf(settings);
  const rebuilt: Rebuilt = { windows: 0, mended: [], expired: [] };
  const looking = { runtime, settings, rebuilt };
  const note = (key: RowKey, isMended: boolean): void => {
    if (isMended) rebuilt.mended.push(key);
  };
  const { tailMs } = await readMarks(runtime, settings);
  if (tailMs === undefined) return rebuilt;
  const changes = await readShardChanges(runtime, settings);
  const leaves: RowKey[] = [];
  const lastMs = Math.min(tailMs, untilMs - 1);
  for (
    let startMs = windowStartOf(settings, Math.max(fromMs, settings.startsAtMs));
    startMs <= lastMs;
    startMs += settings.windowMs
  )
    leaves.push(windowKeyOf(settings, startMs));
  rebuilt.windows = leaves.length;
  await mapLimited(leaves, WINDOWS_AT_ONCE, async (leaf) => {
    const shards = shardKeysOf(settings, changes, leaf.startMs);
    if (shards.length === 0) return note(leaf, await mendFromBlocks(looking, leaf));
    for (const shard of shards) note(shard, await mendFromBlocks(looking, shard));
    const make = async (before: StoredRow | undefined) => {
      const rows = await readRows(runtime, settings, shards);
      const isEmpty = before === undefined && rows.every((row) => row === undefined);
      return isEmpty ? undefined : rowOfShards(rows);
    };
    note(leaf, await mend(runtime, settings, leaf, make));
  });
  let keys = leaves;
  for (let level = tree.base + 1; level <= totalKey(settings).level; level++) {
    const parents = keys.flatMap((key) => parentOf(settings, tree.levels, key) ?? []);
    keys = [...new Map(parents.map((key) => [placeOf(key), key])).values()];
    for (const key of keys) {
      const make = async (before: StoredRow | undefined) => {
        const children = childrenOf(settings, tree.levels, key).slice(
          0,
          coveredOf(tree, key, before, tailMs),
        );
        const rows = await readRows(runtime, settings, children);
        const isEmpty = before === undefined && rows.every((row) => row === undefined);
        return isEmpty ? undefined : rowOfChildren(children, rows);
      };
      note(key, await mend(runtime, settings, key, make));
    }
  }
  if (rebuilt.mended.length > 0) await recordMilestones(runtime, settings);
  return rebuilt;
};
