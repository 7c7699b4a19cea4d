import { readPending } from '#domain/metrics/pending-items.ts';
import { endTurn, LOOK_AGAIN_MS, type Turn, takeTurn } from '#domain/metrics/turn-items.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Alarming } from './fold-window.ts';
import { type DirtyWindow, rollUp } from './tree.ts';

/**
 * A worker rolls up the windows asked for, and other pending ones until there are this many together; later turns take the rest.
 */
const WINDOWS_TOGETHER = 1_000;

/**
 * How many shards one worker rolls up together, so that the row of a window with a few shards is merged once. A sale with more
 * shards is shared by several workers.
 */
export const SHARDS_TOGETHER = 4;

const nameOf = ({ startMs, shard }: DirtyWindow): string => `${startMs}#${shard}`;

/** The windows of a shard that have pending blocks: those that were asked for, and the others. */
type Pending = { own: DirtyWindow[]; others: DirtyWindow[] };

const pendingWindows = async (
  runtime: Runtime,
  settings: CampaignSettings,
  windows: readonly DirtyWindow[],
): Promise<Pending> => {
  const pending = await readPending(runtime, settings, windows[0]!.shard);
  const all = new Map(pending.map(({ startMs, shard }) => [nameOf({ startMs, shard }), { startMs, shard }]));
  const own = new Map(windows.filter((window) => all.has(nameOf(window))).map((one) => [nameOf(one), one]));
  return { own: [...own.values()], others: [...all].flatMap(([name, one]) => (own.has(name) ? [] : one)) };
};

/**
 * Rolls up some of these shards, if it is this worker's turn, and removes those that are done from the map. A shard is done when
 * none of its given windows has pending blocks.
 */
const rollUpSome = async (
  runtime: Runtime,
  settings: CampaignSettings,
  byShard: Map<number, readonly DirtyWindow[]>,
): Promise<Alarming> => {
  const turns: Turn[] = [];
  const pending: Pending[] = [];
  const shards: number[] = [];
  try {
    for (const [shard, ofShard] of byShard) {
      if (turns.length === SHARDS_TOGETHER) break;
      const ofThis = await pendingWindows(runtime, settings, ofShard);
      if (ofThis.own.length === 0) {
        byShard.delete(shard);
        continue;
      }
      const turn = await takeTurn(runtime, settings, shard);
      if (turn === undefined) continue;
      turns.push(turn);
      pending.push(ofThis);
      shards.push(shard);
    }
    if (turns.length === 0) return { conflicts: 0, overdrafts: 0 };
    const own = pending.flatMap((ofShard) => ofShard.own);
    const others = pending
      .flatMap((ofShard) => ofShard.others)
      .slice(0, Math.max(0, WINDOWS_TOGETHER - own.length));
    const alarming = await rollUp(runtime, settings, [...own, ...others]);
    for (const shard of shards) byShard.delete(shard);
    return alarming;
  } finally {
    for (const turn of turns) await endTurn(runtime, settings, turn);
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
  const byShard = Map.groupBy(windows, ({ shard }) => shard) as Map<number, readonly DirtyWindow[]>;
  while (byShard.size > 0) {
    const { size } = byShard;
    const alarming = await rollUpSome(runtime, settings, byShard);
    sum.conflicts += alarming.conflicts;
    sum.overdrafts += alarming.overdrafts;
    if (byShard.size === size) await runtime.clock.wait(LOOK_AGAIN_MS);
  }
  return sum;
};
