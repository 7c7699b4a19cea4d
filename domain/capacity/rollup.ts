/** The load of the rollup. */
import { SHARDS_TOGETHER } from '#domain/metrics/rollup/share.ts';
import { TURN_MS } from '#domain/metrics/turn-items.ts';
import { addCost, FREE, sumUnits } from './cost.ts';
import { durationOf, type Load, MARGIN, type Setup } from './load.ts';
import type { Cost, LinearCost, UnitCosts } from './unit-costs.ts';

/** The default length of a base window, in seconds. */
const WINDOW_SECONDS = 10;
/**
 * A window's row grows with its first orders: with this many, or with {@link GROWING_ORDERS_A_BRAND} for each brand if that is
 * more. It hardly grows with later orders, because their brands, their stores and the registers that count their members are in
 * it already.
 */
const GROWING_ORDERS = 40_000;
const GROWING_ORDERS_A_BRAND = 2;
/** A read unit covers four times as many bytes as a write unit. */
const READ_SHARE = 1 / 4;

/** The cost of the smallest measured refresh with at least this many brands, else of the largest one. */
const refreshOf = ({ refreshes }: UnitCosts, brands: number): LinearCost =>
  (refreshes.find((one) => one.brands >= brands) ?? refreshes.at(-1)!).cost;

/** Write units of a window's row after this many orders, and of everything that is written with it. */
const rowUnits = ({ invocation, each }: LinearCost, brands: number, orders: number): number => {
  const growing = Math.min(orders, Math.max(GROWING_ORDERS, GROWING_ORDERS_A_BRAND * brands));
  return sumUnits(invocation.writeUnits) + sumUnits(each.writeUnits) * growing;
};

/** The cost of refreshing a window's row. The row is made again from all orders in the window, and written as a whole. */
const refreshCost = (line: LinearCost, brands: number, orders: number): Cost => ({
  ...addCost(line.invocation, line.each, orders),
  writeUnits: { metrics: rowUnits(line, brands, orders) },
});

/** The load of one campaign's rollup in a second of the peak. */
export type RollupLoad = {
  /** How often a shard's newest window is refreshed, and how many orders it then holds on average. */
  readonly refreshesPerSecond: number;
  readonly ordersInWindow: number;
  /** Invocations a second in which a worker has work. Each refreshes some shards, and merges the shards of a window. */
  readonly runsPerSecond: number;
  readonly durationMs: number;
  readonly mergesPerSecond: number;
  /** The workers that it takes to refresh every shard once a batch is collected. With fewer, shards are refreshed less often. */
  readonly concurrency: number;
  /** The workers that it takes to refresh each window once. With fewer, rollup falls behind. */
  readonly concurrencyMin: number;
  /** If there are more workers than this, some find no free shard. */
  readonly concurrencyMax: number;
  /** Write units/s on the key of a shard's newest window, and on the key of the whole window's row. */
  readonly shardUnits: number;
  readonly mergedUnits: number;
  /** Write units/s on the rows that the shards and windows of a campaign share. */
  readonly sharedUnits: number;
  /** How long a worker's turn at a shard lasts at most. */
  readonly turnSeconds: number;
  readonly cost: Cost;
};

export type RolledUp = { metrics: Load; brands: number; shards: number; setup: Setup; costs: UnitCosts };

type Run = { durationMs: number; mergeMs: number; cost: Cost; mergeCost: Cost };

/** A worker's run when each shard's window holds this many orders. */
const runAt = ({ brands, shards, setup, costs }: RolledUp, orders: number): Run => {
  const line = refreshOf(costs, brands);
  const shard = refreshCost(line, brands, orders);
  const together = Math.min(shards, SHARDS_TOGETHER);
  const merged = rowUnits(line, brands, orders * shards);
  const mergeCost: Cost =
    shards === 1
      ? FREE
      : {
          ...FREE,
          // A row that is unpacked and added costs at most as much as one that is made of hardly any orders.
          cpuMs: line.invocation.cpuMs * shards,
          rounds: 4,
          writeUnits: { metrics: merged },
          readUnits: { metrics: (rowUnits(line, brands, orders) * shards + merged) * READ_SHARE },
        };
  const cost = addCost(FREE, shard, together);
  const mergeMs = durationOf(mergeCost, setup);
  // Shards are refreshed at the same time, so their calls are waited for once. A merge waits for at most one other worker's merge.
  const durationMs = durationOf({ ...cost, rounds: shard.rounds }, setup) + 2 * mergeMs;
  return { durationMs, mergeMs, cost, mergeCost };
};

/** The load of rollup. Workers take turns at a few shards each, and merge one after another. */
export const rollupLoad = (rolled: RolledUp): RollupLoad => {
  const { metrics, brands, shards, setup, costs } = rolled;
  const { ordersPerSecond, invocationsPerSecond } = metrics;
  const refreshesPerSecond = Math.min(1 / setup.windowSeconds, invocationsPerSecond);
  const refreshesOfWindow = WINDOW_SECONDS * refreshesPerSecond;
  const full = (ordersPerSecond / shards) * Math.max(WINDOW_SECONDS, 1 / refreshesPerSecond);
  const ordersInWindow =
    refreshesOfWindow > 1 ? (full * (refreshesOfWindow + 1)) / (2 * refreshesOfWindow) : full;
  const groups = shards / Math.min(shards, SHARDS_TOGETHER);
  const run = runAt(rolled, ordersInWindow);
  const last = runAt(rolled, full);
  const runsPerSecond = groups * refreshesPerSecond;
  const mergesPerSecond =
    shards === 1 ? 0 : Math.min(runsPerSecond, run.mergeMs === 0 ? 0 : 1_000 / run.mergeMs);
  const workers = (runs: number, ms: number): number => ((runs * ms) / 1_000) * MARGIN;
  const line = refreshOf(costs, brands);
  const each = Math.min(refreshesPerSecond, 1 / WINDOW_SECONDS);
  return {
    refreshesPerSecond,
    ordersInWindow,
    runsPerSecond,
    durationMs: last.durationMs,
    mergesPerSecond,
    concurrency: Math.ceil(workers(runsPerSecond, run.durationMs)),
    concurrencyMin: workers(groups * each, last.durationMs),
    concurrencyMax: Math.ceil(groups),
    shardUnits: refreshesPerSecond * rowUnits(line, brands, ordersInWindow),
    mergedUnits: mergesPerSecond * rowUnits(line, brands, ordersInWindow * shards),
    sharedUnits: runsPerSecond * sumUnits(line.invocation.writeUnits),
    turnSeconds: TURN_MS / 1_000,
    cost: addCost(addCost(FREE, run.cost, runsPerSecond), run.mergeCost, mergesPerSecond),
  };
};
