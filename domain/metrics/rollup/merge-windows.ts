/** Merges the rows of a base window's shards into one row, if the window has several shards. */
import type { RowKey } from '#domain/metrics/levels.ts';
import { putRow, readRows, type StoredRow } from '#domain/metrics/row-items.ts';
import { type ShardChange, shardKeysOf } from '#domain/metrics/shards.ts';
import { endTurn, LOOK_AGAIN_MS, MERGE, takeTurn } from '#domain/metrics/turn-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { placeOf } from './composition.ts';
import { type FoldedWindow, MAX_ATTEMPTS, refusedText } from './fold-window.ts';
import { rowOfShards, versionOfShards } from './merge-shards.ts';

const ROWS_AT_ONCE = 8;

/** A window to be merged, and the keys of its shards. */
type Merge = { key: RowKey; shardKeys: readonly RowKey[] };

type Done = ReadonlyMap<string, FoldedWindow>;

/** Whether a window's row contains what this worker has folded into its shards. Rows of shards only grow, so counts are enough. */
const contains = (row: StoredRow | undefined, { shardKeys }: Merge, done: Done): boolean => {
  if (row?.madeOf?.kind !== 'children') return false;
  const { counts } = row.madeOf;
  return shardKeys.every((key, i) => (done.get(placeOf(key))?.count ?? 0) <= (counts[i] ?? 0));
};

const mergeWindow = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { key, shardKeys }: Merge,
): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const [before, ...shards] = await readRows(runtime, settings, [key, ...shardKeys]);
    const counts = shards.map((shard) => shard?.blocks ?? 0);
    const isAhead =
      before?.madeOf?.kind === 'children'
        ? before.madeOf.counts.every((count, i) => count <= counts[i]!)
        : (before?.blocks ?? 0) <= counts.reduce((sum, count) => sum + count, 0);
    if (!isAhead) continue;
    if (before?.version === versionOfShards(shards)) return;
    if (await putRow(runtime, settings, key, { row: rowOfShards(shards), before })) return;
  }
  throw new Error(refusedText(settings, key));
};

/**
 * Makes the rows of base windows contain what was folded into their shards. A window has one row, however many shards it has, and
 * DynamoDB limits the writes to the row's key. So workers take turns: one merges what all of them have folded, and the others find
 * their work done. Turns only save writes. A merge is correct without them.
 */
export const mergeWindows = async (
  runtime: Runtime,
  settings: CampaignSettings,
  changes: readonly ShardChange[],
  { leaves, done }: { leaves: readonly RowKey[]; done: Done },
): Promise<void> => {
  let merges = leaves
    .map((key): Merge => ({ key, shardKeys: shardKeysOf(settings, changes, key.startMs) }))
    .filter(({ shardKeys }) => shardKeys.length > 0);
  while (merges.length > 0) {
    const rows = await readRows(
      runtime,
      settings,
      merges.map(({ key }) => key),
    );
    merges = merges.filter((merge, i) => !contains(rows[i], merge, done));
    if (merges.length === 0) return;
    const turn = await takeTurn(runtime, settings, MERGE);
    if (turn === undefined) {
      await runtime.clock.wait(LOOK_AGAIN_MS);
      continue;
    }
    try {
      await mapLimited(merges, ROWS_AT_ONCE, (merge) => mergeWindow(runtime, settings, merge));
    } finally {
      await endTurn(runtime, settings, turn);
    }
    return;
  }
};
