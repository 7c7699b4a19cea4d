/** How full each key, quota and setting is at the peak. */
import type { Demand } from './demand.ts';
import type { Load, Setups } from './load.ts';
import type { PresaleLoad } from './presale.ts';
import type { RollupLoad } from './rollup.ts';
import {
  budgetUnits,
  DEBITS_PER_SHARD_MAX,
  PENDING_UNITS,
  type Sizes,
  UNITS_PER_DEBIT,
  windowUnits,
} from './sizes.ts';
import { type OrderFunction, TABLE_NAMES, type TableName, type UnitCosts } from './unit-costs.ts';

/** A partition takes 1,000 write units/s (DynamoDB Developer Guide, "Service quotas"). Plans stay below it. */
export const KEY_WRITE_UNITS_MAX = 1_000;
/** An account's default quotas: write units/s of a table, invocations at a time. */
const TABLE_WRITE_UNITS_QUOTA = 40_000;
const CONCURRENCY_QUOTA = 1_000;
/** The seconds between two writes of the newest order's time by one worker. */
const NEWEST_SECONDS = 10;
const ORDER_FUNCTIONS: readonly OrderFunction[] = ['intake', 'coupon', 'free-order', 'metrics'];
/** The shards of a draw's quota and those of its budget together; each win writes to one shard of each. */
const DRAW_SHARDS = 2 * 10;

/** A key, a quota or a setting: its load at the peak, and its limit. */
export type Burden = {
  readonly kind: 'key' | 'quota' | 'setting';
  readonly name: string;
  readonly load: number;
  readonly max: number;
  readonly unit: 'write units/s' | 'invocations' | 'debits/s' | 's';
};

/** How full a burden is: 1 at its limit. */
export const shareOf = ({ load, max }: Burden): number => load / max;

/** What burdens are computed from. `writeUnits` are those of a table in a second of the peak. */
export type Burdened = {
  demand: Demand;
  costs: UnitCosts;
  setups: Setups;
  loads: Readonly<Record<OrderFunction, Load>>;
  presale: PresaleLoad;
  rollup: RollupLoad;
  sizes: Sizes;
  writeUnits: (table: TableName) => number;
};

const key = (name: string, load: number): Burden => ({
  kind: 'key',
  name,
  load,
  max: KEY_WRITE_UNITS_MAX,
  unit: 'write units/s',
});

const keysOf = ({ costs, loads, presale, rollup, sizes: { shards } }: Burdened): Burden[] => {
  const { metrics, coupon, 'free-order': freeOrder } = loads;
  return [
    key(
      'newest window of a shard of metrics',
      windowUnits(metrics, costs, shards.metrics) + rollup.shardUnits,
    ),
    key('merged row of the newest window', rollup.mergedUnits),
    key('pending blocks of a shard of metrics', metrics.invocationsPerSecond * PENDING_UNITS),
    key('rows of a campaign', rollup.sharedUnits),
    key('a shard of a budget', budgetUnits(coupon) / shards.budgets),
    key("a shard of a draw's budgets", budgetUnits(freeOrder) / DRAW_SHARDS),
    key('time of the newest order', coupon.concurrency / NEWEST_SECONDS),
    key('entries of a shard of a draw', (freeOrder.cost.writeUnits.draws ?? 0) / shards.entries),
    key('a shard of a budget, in the presale', (presale.debitsPerSecond * UNITS_PER_DEBIT) / shards.budgets),
    key('progress of a segment, in the presale', presale.segmentUnits),
  ];
};

const settingsOf = ({ setups, loads, presale, rollup, sizes }: Burdened): Burden[] => {
  const bound = (name: keyof Setups, load: number): Burden => ({
    kind: 'setting',
    name: `concurrency of ${name}`,
    load,
    max: sizes.concurrency[name],
    unit: 'invocations',
  });
  const time = (name: keyof Setups, ms: number): Burden => ({
    kind: 'setting',
    name: `time of ${name}`,
    load: ms / 1_000,
    max: setups[name].timeoutSeconds,
    unit: 's',
  });
  return [
    ...ORDER_FUNCTIONS.flatMap((name) => [
      bound(name, loads[name].concurrency),
      time(name, loads[name].durationMs),
    ]),
    bound('rollup', rollup.concurrencyMin),
    time('rollup', rollup.durationMs),
    {
      kind: 'setting',
      name: 'turn of rollup',
      load: rollup.durationMs / 1_000,
      max: rollup.turnSeconds,
      unit: 's',
    },
    bound('audience', presale.needed),
    {
      kind: 'setting',
      name: 'debits of a shard of a budget',
      load: budgetUnits(loads.coupon) / UNITS_PER_DEBIT / sizes.shards.budgets,
      max: 2 * DEBITS_PER_SHARD_MAX,
      unit: 'debits/s',
    },
  ];
};

const quotasOf = ({ demand, loads, presale, rollup, writeUnits }: Burdened): Burden[] => {
  const table = (name: string, load: number): Burden => ({
    kind: 'quota',
    name,
    load,
    max: TABLE_WRITE_UNITS_QUOTA,
    unit: 'write units/s',
  });
  const together = Object.values(loads).reduce(
    (sum, one) => sum + one.concurrency,
    rollup.concurrency * demand.campaigns,
  );
  return [
    ...TABLE_NAMES.map((name) => table(`table ${name}`, writeUnits(name))),
    table('table grants, for a presale in 20 min', presale.grantUnits),
    {
      kind: 'quota',
      name: 'invocations at a time',
      load: Math.max(together, presale.workers),
      max: CONCURRENCY_QUOTA,
      unit: 'invocations',
    },
  ];
};

/** The keys, quotas and settings with a limit that a sale may reach, the fullest first. */
export const burdensOf = (burdened: Burdened): Burden[] =>
  [...keysOf(burdened), ...quotasOf(burdened), ...settingsOf(burdened)].sort(
    (a, b) => shareOf(b) - shareOf(a),
  );
