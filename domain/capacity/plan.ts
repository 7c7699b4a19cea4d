import { KEY_UNITS_PER_SECOND_MAX } from '#domain/metrics/shards.ts';
import { MAX_SHARDS } from '#events/sections/metrics.ts';
import {
  type Burden,
  burdensOf,
  costOfShards,
  KEY_WRITE_UNITS_MAX,
  refreshesPerSecond,
  refreshOf,
  windowUnits,
} from './burdens.ts';
import { addCost, FREE } from './cost.ts';
import type { Demand } from './demand.ts';
import { type Load, loadsOf, ROUND_MS, type Setups } from './load.ts';
import { type Cost, TABLE_NAMES, type TableName, type UnitCosts } from './unit-costs.ts';

/** The write units/s that a new table takes at once (DynamoDB Developer Guide, "Warm throughput"). */
const NEW_TABLE_WRITE_UNITS = 4_000;
const WARM_MARGIN = 1.25;
const SECONDS_PER_MINUTE = 60;

/** Write and read units/s. Warm the table to `warmWriteUnits` before the sale; 0 if that is not needed. */
type TableLoad = { writeUnits: number; readUnits: number; warmWriteUnits: number };

export type CapacityPlan = {
  readonly demand: Demand;
  readonly metricShards: number;
  readonly loads: readonly Load[];
  readonly tables: Readonly<Record<TableName, TableLoad>>;
  /** Everything with a limit on an order's way, the fullest first. */
  readonly burdens: readonly Burden[];
  /** The time until the whole audience is planned and issued. */
  readonly presaleMinutes: number;
  /** The cost of a second of the peak. */
  readonly cost: Cost;
};

/** The fewest shards that keep the newest window below what is planned for a key; at most as many as a definition may ask for. */
const metricShardsOf = (metrics: Load, costs: UnitCosts): number => {
  let shards = 1;
  while (shards < MAX_SHARDS && windowUnits(metrics, costs, shards) > KEY_UNITS_PER_SECOND_MAX) shards++;
  return shards;
};

/** The time that the presale's workers need, or that the key of its rounds allows, whichever is longer. */
const presaleMinutesOf = (demand: Demand, { presale }: UnitCosts, { audience }: Setups): number => {
  const members = addCost(FREE, presale.member, demand.audience);
  const all = addCost(members, presale.coupon, demand.audience * demand.issuedShare);
  const workerSeconds = (all.cpuMs + all.rounds * ROUND_MS) / 1_000 / audience.concurrencyMax;
  const keySeconds = (all.writeUnits.campaigns ?? 0) / KEY_WRITE_UNITS_MAX;
  return Math.max(workerSeconds, keySeconds) / SECONDS_PER_MINUTE;
};

/**
 * What a sale needs from AWS, computed from its demand and the measured costs of an order. All arithmetic of capacity is here.
 * Rates are those of the peak.
 */
export const planCapacity = (demand: Demand, costs: UnitCosts, setups: Setups): CapacityPlan => {
  const loads = loadsOf(demand, costs, setups);
  const { intake, coupon, 'free-order': freeOrder, metrics } = loads;
  const metricShards = metricShardsOf(metrics, costs);
  const ofCampaign = addCost(
    addCost(metrics.cost, costOfShards(metrics, costs, metricShards)),
    refreshOf(costs, demand.brands),
    refreshesPerSecond(metrics, setups),
  );
  const once = [intake, coupon, freeOrder].reduce((sum, load) => addCost(sum, load.cost), FREE);
  const cost = addCost(once, ofCampaign, demand.campaigns);
  const tableOf = (name: TableName): TableLoad => {
    const writeUnits = cost.writeUnits[name] ?? 0;
    const warm = Math.ceil(writeUnits * WARM_MARGIN);
    return {
      writeUnits,
      readUnits: cost.readUnits[name] ?? 0,
      warmWriteUnits: warm > NEW_TABLE_WRITE_UNITS ? warm : 0,
    };
  };
  return {
    demand,
    metricShards,
    loads: Object.values(loads),
    tables: Object.fromEntries(TABLE_NAMES.map((name) => [name, tableOf(name)])) as CapacityPlan['tables'],
    burdens: burdensOf({
      demand,
      costs,
      setups,
      loads,
      metricShards,
      writeUnits: (table) => cost.writeUnits[table] ?? 0,
    }),
    presaleMinutes: presaleMinutesOf(demand, costs, setups),
    cost,
  };
};
