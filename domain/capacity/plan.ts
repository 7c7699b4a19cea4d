/** The whole capacity plan of a sale. */
import type { Shards } from '#domain/campaigns/layout.ts';
import { MAX_BLOCK_BYTES } from '#domain/metrics/block.ts';
import { type Burden, burdensOf } from './burdens.ts';
import { addCost, FREE } from './cost.ts';
import type { Demand } from './demand.ts';
import { type Load, loadsOf, type Setups } from './load.ts';
import { debitsPlanned, type PresaleLoad, presaleLoad } from './presale.ts';
import { type RollupLoad, rollupLoad } from './rollup.ts';
import {
  boundOf,
  budgetUnits,
  costOfShards,
  pollersFor,
  type Sizes,
  shardsNeeded,
  UNITS_PER_DEBIT,
} from './sizes.ts';
import { type Cost, type OrderFunction, TABLE_NAMES, type TableName, type UnitCosts } from './unit-costs.ts';

/** The write units/s that a new table takes at once (DynamoDB Developer Guide, "Warm throughput"). */
const NEW_TABLE_WRITE_UNITS = 4_000;
const WARM_MARGIN = 1.25;

/** Write and read units/s. Warm the table to `warmWriteUnits` before the sale; 0 if that is not needed. */
type TableLoad = { writeUnits: number; readUnits: number; warmWriteUnits: number };

export type CapacityPlan = {
  readonly demand: Demand;
  readonly sizes: Sizes;
  readonly loads: readonly Load[];
  readonly presale: PresaleLoad;
  readonly rollup: RollupLoad;
  readonly tables: Readonly<Record<TableName, TableLoad>>;
  /** The keys, quotas and settings with a limit that orders may reach, the fullest first. */
  readonly burdens: readonly Burden[];
  /** The stored items that may become large under orders and grants, the largest first. */
  readonly items: readonly Item[];
  /** The cost of a second of the peak. */
  readonly cost: Cost;
};

type Loads = Readonly<Record<OrderFunction, Load>>;
export type Item = { readonly name: string; readonly bytes: number };

const KIB = 1_024;
/** About how many bytes an offer takes in a segment's sample. */
const SAMPLED_BYTES = 9;
const SAMPLED_OFFERS = 2 ** 20;
const SAMPLED_SEGMENTS_MIN = 32;
/** A round of a segment holds fewer grants than this. */
const ROUND_GRANTS = 900;
/** About how many bytes a deflated grant takes in a round. */
const ROUND_GRANT_BYTES = 110;

const itemsOf = (
  { metrics, 'free-order': freeOrder }: Loads,
  { shards, segments }: Sizes,
  costs: UnitCosts,
): Item[] => {
  const perInvocation = ({ ordersPerSecond, invocationsPerSecond }: Load): number =>
    invocationsPerSecond === 0 ? 0 : ordersPerSecond / invocationsPerSecond;
  const blockOf = (load: Load, table: TableName, ofShards: number, fixed: number): number => {
    const each =
      ((load.cost.writeUnits[table] ?? 0) - load.invocationsPerSecond * fixed) / load.ordersPerSecond;
    const whole = (perInvocation(load) * each * KIB) / ofShards;
    // A block above the limit is halved until it fits.
    return whole / 2 ** Math.max(0, Math.ceil(Math.log2(whole / MAX_BLOCK_BYTES)));
  };
  const ofCounted = costs.paths.counted.metrics!.invocation.writeUnits.metrics ?? 0;
  const ofLost = costs.paths.lost['free-order']!.invocation.writeUnits.draws ?? 0;
  return [
    { name: 'a block of orders', bytes: blockOf(metrics, 'metrics', shards.metrics, ofCounted) },
    { name: 'a block of entries', bytes: blockOf(freeOrder, 'draws', 1, ofLost) },
    {
      name: "a segment's sample",
      bytes: (SAMPLED_OFFERS / Math.max(segments, SAMPLED_SEGMENTS_MIN)) * SAMPLED_BYTES,
    },
    { name: 'a round of a presale', bytes: ROUND_GRANTS * ROUND_GRANT_BYTES },
  ].sort((a, b) => b.bytes - a.bytes);
};

const sizesOf = (
  {
    loads,
    presale,
    rollup,
    shards,
  }: { loads: Loads; presale: PresaleLoad; rollup: RollupLoad; shards: Shards },
  setups: Setups,
): Sizes => {
  const polled = Object.entries(loads).flatMap(([name, { messagesPerSecond }]) => {
    const pollers = pollersFor(messagesPerSecond);
    return pollers === undefined ? [] : [[name, pollers] as const];
  });
  const orders = Object.entries(loads).map(([name, { concurrency, setup }]) => [
    name,
    boundOf(concurrency, setup),
  ]);
  return {
    shards,
    segments: presale.segments,
    concurrency: {
      ...(Object.fromEntries(orders) as Record<OrderFunction, number>),
      rollup: Math.max(setups.rollup.concurrencyMax, Math.min(rollup.concurrencyMax, rollup.concurrency)),
      audience: presale.workers,
    },
    pollers: Object.fromEntries(polled),
  };
};

/**
 * What a sale needs from AWS, computed from its demand and the measured costs of an order. All arithmetic of
 * capacity is in this folder. Rates are those of the peak.
 */
export const planCapacity = (demand: Demand, costs: UnitCosts, setups: Setups): CapacityPlan => {
  const loads = loadsOf(demand, costs, setups);
  const { intake, coupon, 'free-order': freeOrder, metrics } = loads;
  const saleDebits = budgetUnits(coupon) / UNITS_PER_DEBIT;
  const rollupWith = (metricShards: number): RollupLoad =>
    rollupLoad({ metrics, brands: demand.brands, shards: metricShards, setup: setups.rollup, costs });
  const shards = shardsNeeded({ metrics, freeOrder }, Math.max(saleDebits, debitsPlanned(demand)), {
    costs,
    rowUnits: (metricShards) => rollupWith(metricShards).shardUnits,
  });
  const rollup = rollupWith(shards.metrics);
  const presale = presaleLoad(demand, costs, setups, shards.budgets);
  const sizes = sizesOf({ loads, presale, rollup, shards }, setups);
  const counting = addCost(metrics.cost, costOfShards(metrics, costs, shards.metrics));
  const once = [intake, coupon, freeOrder].reduce((sum, load) => addCost(sum, load.cost), FREE);
  const cost = addCost(once, addCost(counting, rollup.cost), demand.campaigns);
  const writeUnits = (table: TableName): number => cost.writeUnits[table] ?? 0;
  const tableOf = (name: TableName): TableLoad => {
    const most = Math.max(writeUnits(name), name === 'grants' ? presale.grantUnits : 0);
    const warm = Math.ceil(most * WARM_MARGIN);
    return {
      writeUnits: writeUnits(name),
      readUnits: cost.readUnits[name] ?? 0,
      warmWriteUnits: warm > NEW_TABLE_WRITE_UNITS ? warm : 0,
    };
  };
  return {
    demand,
    sizes,
    loads: Object.values(loads),
    presale,
    rollup,
    tables: Object.fromEntries(TABLE_NAMES.map((name) => [name, tableOf(name)])) as CapacityPlan['tables'],
    burdens: burdensOf({ demand, costs, setups, loads, presale, rollup, sizes, writeUnits }),
    items: itemsOf(loads, sizes, costs),
    cost,
  };
};
