import { readPending } from '#domain/metrics/pending-items.ts';
import { endTurn, takeTurn } from '#domain/metrics/turn-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Alarming } from './fold-window.ts';
import { type DirtyWindow, rollUp } from './tree.ts';

/** Windows that are rolled up in one turn, a message's own first; if there are more, later turns take the rest. */
const WINDOWS_PER_TURN = 1_000;

/** The wait before another worker's turn is looked at again. */
const LOOK_AGAIN_MS = 200;

const nameOf = ({ startMs, shard }: DirtyWindow): string => `${startMs}#${shard}`;

/** The windows of a shard that have pending blocks, the given ones first; none if no given window has any. */
const pendingWindows = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<DirtyWindow[]> => {
  const pending = await readPending(runtime, settings, windows[0]!.shard);
  const all = new Map(pending.map(({ startMs, shard }) => [nameOf({ startMs, shard }), { startMs, shard }]));
  const own = windows.filter((window) => all.has(nameOf(window)));
  return own.length === 0
    ? []
    : [...new Set([...own.map(nameOf), ...all.keys()])].map((name) => all.get(name)!);
};

/** Rolls up a shard, if it is this worker's turn; undefined if it is not. */
const rollUpShard = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<Alarming | undefined> => {
  const pending = await pendingWindows(runtime, settings, windows);
  if (pending.length === 0) return { conflicts: 0, overdrafts: 0 };
  const turn = await takeTurn(runtime, settings, windows[0]!.shard);
  if (turn === undefined) return undefined;
  try {
    return await rollUp(runtime, settings, pending.slice(0, WINDOWS_PER_TURN));
  } finally {
    await endTurn(runtime, settings, turn);
  }
};

/**
 * Rolls up windows in which blocks are pending; see {@link rollUp}. Of the workers that are asked for the same shard, one works
 * at a time. It also rolls up the pending windows of the others, who then find their work done. Meanwhile they work on shards
 * that are free. Returns the counts that are reported to the operator, for the events that this call was the first to fold in.
 */
export const shareRollUp = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<Alarming> => {
  const sum: Alarming = { conflicts: 0, overdrafts: 0 };
  const byShard = Map.groupBy(windows, ({ shard }) => shard);
  while (byShard.size > 0) {
    const { size } = byShard;
    for (const [shard, ofShard] of byShard) {
      const alarming = await rollUpShard(runtime, settings, ofShard);
      if (alarming === undefined) continue;
      byShard.delete(shard);
      sum.conflicts += alarming.conflicts;
      sum.overdrafts += alarming.overdrafts;
    }
    if (byShard.size === size) await runtime.clock.wait(LOOK_AGAIN_MS);
  }
  return sum;
};
