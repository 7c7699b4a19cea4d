import { ENTRY_SHARDS } from '#domain/free-orders/entries/draws-table.ts';
import { addCost, sumUnits } from './cost.ts';
import type { Demand } from './demand.ts';
import type { Load, Setups } from './load.ts';
import { type Cost, type OrderFunction, TABLE_NAMES, type TableName, type UnitCosts } from './unit-costs.ts';

/** A partition takes 1,000 write units/s (DynamoDB Developer Guide, "Service quotas"). Plans stay below it. */
export const KEY_WRITE_UNITS_MAX = 1_000;
/** An account's default quotas: write units/s of a table, invocations at a time. */
const TABLE_WRITE_UNITS_QUOTA = 40_000;
const CONCURRENCY_QUOTA = 1_000;
/** A block that waits to be counted is an item of 1 write unit. */
const PENDING_UNITS = 1;

/** A key, a quota or a setting: its load at the peak, and its limit. */
export type Burden = {
  readonly kind: 'key' | 'quota' | 'setting';
  readonly name: string;
  readonly load: number;
  readonly max: number;
  readonly unit: 'write units/s' | 'invocations';
};

export const shareOf = ({ load, max }: Burden): number => load / max;

/** The refresh that was measured with at least as many brands; the largest one for more. */
export const refreshOf = ({ refreshes }: UnitCosts, brands: number): Cost =>
  (refreshes.find((one) => one.brands >= brands) ?? refreshes.at(-1)!).cost;

/** Refreshes of a campaign's rows a second: as many as rollup's workers begin, if there are new events. */
export const refreshesPerSecond = (metrics: Load, { rollup }: Setups): number =>
  Math.min(rollup.concurrencyMax / rollup.windowSeconds, metrics.invocationsPerSecond);

const unitsAnInvocation = ({ paths }: UnitCosts): number =>
  paths.counted.metrics!.invocation.writeUnits.metrics ?? 0;

/**
 * Write units/s on the newest window of a shard: its part of the events, and the rounding up of one block for each invocation.
 */
export const windowUnits = (metrics: Load, costs: UnitCosts, shards: number): number => {
  const fixed = unitsAnInvocation(costs);
  const ofEvents = (metrics.cost.writeUnits.metrics ?? 0) - metrics.invocationsPerSecond * fixed;
  return ofEvents / shards + metrics.invocationsPerSecond * Math.max(0, fixed - PENDING_UNITS);
};

/** The cost that more shards add to a second of metrics: an invocation writes one block for each shard. */
export const costOfShards = (metrics: Load, costs: UnitCosts, shards: number): Cost => ({
  ...addCost(metrics.cost, metrics.cost, -1),
  writeUnits: { metrics: metrics.invocationsPerSecond * unitsAnInvocation(costs) * (shards - 1) },
});

export type Burdened = {
  demand: Demand;
  costs: UnitCosts;
  setups: Setups;
  loads: Readonly<Record<OrderFunction, Load>>;
  metricShards: number;
  writeUnits: (table: TableName) => number;
};

const keysOf = ({ demand, costs, setups, loads, metricShards }: Burdened): Burden[] => {
  const { metrics, coupon, 'free-order': freeOrder } = loads;
  const refresh = refreshOf(costs, demand.brands);
  const ofCampaign = (coupon.cost.writeUnits.campaigns ?? 0) + (freeOrder.cost.writeUnits.campaigns ?? 0);
  const key = (name: string, load: number): Burden => ({
    kind: 'key',
    name,
    load,
    max: KEY_WRITE_UNITS_MAX,
    unit: 'write units/s',
  });
  return [
    key('newest window of a shard of metrics', windowUnits(metrics, costs, metricShards)),
    key('pending blocks of a shard of metrics', metrics.invocationsPerSecond * PENDING_UNITS),
    key('rows of a campaign', refreshesPerSecond(metrics, setups) * sumUnits(refresh.writeUnits)),
    key('budgets, prices and rounds of a campaign', ofCampaign),
    key('entries of a shard of a draw', (freeOrder.cost.writeUnits.draws ?? 0) / ENTRY_SHARDS),
  ];
};

/** Everything with a limit on an order's way, the fullest first. */
export const burdensOf = (burdened: Burdened): Burden[] => {
  const loads = Object.values(burdened.loads);
  return [
    ...keysOf(burdened),
    ...TABLE_NAMES.map(
      (table): Burden => ({
        kind: 'quota',
        name: `table ${table}`,
        load: burdened.writeUnits(table),
        max: TABLE_WRITE_UNITS_QUOTA,
        unit: 'write units/s',
      }),
    ),
    {
      kind: 'quota',
      name: 'invocations at a time',
      load: loads.reduce((sum, { concurrency }) => sum + concurrency, 0),
      max: CONCURRENCY_QUOTA,
      unit: 'invocations',
    } as const,
    ...loads.map(
      ({ name, concurrency, setup }): Burden => ({
        kind: 'setting',
        name: `concurrency of ${name}`,
        load: concurrency,
        max: setup.concurrencyMax,
        unit: 'invocations',
      }),
    ),
  ].sort((a, b) => shareOf(b) - shareOf(a));
};
