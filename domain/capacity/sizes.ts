import { FEWEST_SHARDS, type Shards } from '#domain/campaigns/layout.ts';
import { KEY_UNITS_PER_SECOND_MAX } from '#domain/metrics/shards.ts';
import { MAX_BUDGET_SHARDS } from '#events/sections/coupons.ts';
import { MAX_SHARDS } from '#events/sections/metrics.ts';
import { addCost } from './cost.ts';
import type { Load, Setup, Setups } from './load.ts';
import type { Cost, UnitCosts } from './unit-costs.ts';

/** What a capacity plan decides: into how many shards work is divided, and how much of it runs at a time. */

/**
 * A transaction holds a shard of a budget for about ten milliseconds, and another transaction that finds it held tries another
 * shard. So a shard takes at most a hundred debits a second; plans stay at half of that.
 */
export const DEBITS_PER_SHARD_MAX = 50;
/**
 * Write units/s on a campaign's budgets. A function's other writes to the table of campaigns are few, and are counted as if they
 * were debits.
 */
export const budgetUnits = ({ cost }: Load): number => cost.writeUnits.campaigns ?? 0;

/** DynamoDB counts two write units for a small item in a transaction. */
export const UNITS_PER_DEBIT = 2;
/** Entries' shards are named by a byte of a hash, which powers of two divide evenly. */
const MAX_ENTRY_SHARDS = 256;

/**
 * A queue's concurrency bound is this many times what the peak needs: a backlog must shrink while orders keep
 * coming, and the durations of calls are assumptions.
 */
const SPARE = 3;
/** The largest concurrency bound that an event source mapping may have. */
const CONCURRENCY_MAX = 1_000;

/** A provisioned poller receives this many messages a second: ten calls of ten messages. */
const MESSAGES_PER_POLLER = 100;
/** The most pollers that a mapping may keep ready, and that it may have. */
const POLLERS_READY_MAX = 200;
const POLLERS_MAX = 2_000;
/**
 * From this many messages a second on, a mapping has provisioned pollers. Lambda adds its own over minutes, but a sale begins
 * within seconds.
 */
const POLLED_MESSAGES_MIN = 1_000;

export type Pollers = { min: number; max: number };

/** What a capacity plan decides. A function has no `pollers` here if Lambda's own are enough. */
export type Sizes = {
  readonly shards: Shards;
  /** The most segments that a presale may have. */
  readonly segments: number;
  readonly concurrency: Readonly<Record<keyof Setups, number>>;
  readonly pollers: Readonly<Partial<Record<keyof Setups, Pollers>>>;
};

/** A block that waits to be counted is an item of 1 write unit. */
export const PENDING_UNITS = 1;

const unitsAnInvocation = ({ paths }: UnitCosts): number =>
  paths.counted.metrics!.invocation.writeUnits.metrics ?? 0;

/**
 * Write units/s on the newest window of a shard: its part of the events, and what each invocation adds because the size of its
 * block is rounded up.
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

const powerOfTwoAtLeast = (least: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, least)));

/** Unit costs, and the write units/s that a shard's row adds to its window, which depend on the number of shards. */
type ShardCosts = { costs: UnitCosts; rowUnits: (shards: number) => number };

const metricShardsOf = (metrics: Load, { costs, rowUnits }: ShardCosts): number => {
  const unitsOf = (shards: number): number => windowUnits(metrics, costs, shards) + rowUnits(shards);
  let shards = FEWEST_SHARDS.metrics;
  while (shards < MAX_SHARDS && unitsOf(shards) > KEY_UNITS_PER_SECOND_MAX) shards++;
  return shards;
};

/**
 * The fewest shards that keep each key within what is planned for it. `debitsPerSecond` are the most debits, in the sale or in
 * its presale, as if they were all of one budget.
 */
export const shardsNeeded = (
  { metrics, freeOrder }: { metrics: Load; freeOrder: Load },
  debitsPerSecond: number,
  costs: ShardCosts,
): Shards => ({
  metrics: metricShardsOf(metrics, costs),
  budgets: Math.min(
    MAX_BUDGET_SHARDS,
    Math.max(FEWEST_SHARDS.budgets, Math.ceil(debitsPerSecond / DEBITS_PER_SHARD_MAX)),
  ),
  entries: Math.min(
    MAX_ENTRY_SHARDS,
    Math.max(
      FEWEST_SHARDS.entries,
      powerOfTwoAtLeast((freeOrder.cost.writeUnits.draws ?? 0) / KEY_UNITS_PER_SECOND_MAX),
    ),
  ),
});

/**
 * The concurrency bound of a function that needs so many invocations at a time: the configured one, or a
 * higher one if the peak needs it.
 */
export const boundOf = (needed: number, { concurrencyMax }: Pick<Setup, 'concurrencyMax'>): number =>
  Math.min(CONCURRENCY_MAX, Math.max(concurrencyMax, Math.ceil(needed * SPARE)));

/** The pollers that a mapping keeps ready for so many messages a second; undefined if Lambda's own are enough. */
export const pollersFor = (messagesPerSecond: number): Pollers | undefined => {
  if (messagesPerSecond < POLLED_MESSAGES_MIN) return undefined;
  const needed = Math.ceil(messagesPerSecond / MESSAGES_PER_POLLER);
  return { min: Math.min(POLLERS_READY_MAX, needed), max: Math.min(POLLERS_MAX, needed * SPARE) };
};
