/** The load of a presale. */
import { addCost, FREE } from './cost.ts';
import type { Demand } from './demand.ts';
import { ROUND_MS, type Setups } from './load.ts';
import { DEBITS_PER_SHARD_MAX } from './sizes.ts';
import type { Cost, UnitCosts } from './unit-costs.ts';

const SECONDS_PER_MINUTE = 60;
/** How soon the whole audience is to have its coupons. */
const TARGET_SECONDS = 20 * SECONDS_PER_MINUTE;
/** A plan has room for this many times the mean work, because segments do not all take equally long. */
const MARGIN = 1.3;
const WORKERS_MAX = 1_000;
/**
 * The fewest segments of a large audience. With far fewer, the samples of a segment could take more than 300
 * KB if there are several budgets.
 */
const SEGMENTS_MIN = 48;
const MEMBERS_PER_SEGMENT_MIN = 1_000;
/** Coupons that share a debit. */
const COUPONS_PER_DEBIT = 99;

export type PresaleLoad = {
  /** How many invocations at a time it takes to finish within twenty minutes. */
  needed: number;
  /** How many invocations at a time the presale is planned with. */
  workers: number;
  segments: number;
  /** How long the presale takes. */
  seconds: number;
  /** The debits of all budgets together. */
  debitsPerSecond: number;
  /**
   * Write units/s on the table of grants: the writes of all coupons, spread over twenty minutes, or over
   * `seconds` if that is longer.
   */
  grantUnits: number;
  /** Write units/s on the item that holds the progress of a segment. */
  segmentUnits: number;
};

const costOf = ({ audience, issuedShare }: Demand, { presale }: UnitCosts): Cost =>
  addCost(addCost(FREE, presale.member, audience), presale.coupon, audience * issuedShare);

/** The debits a second for which budgets get shards: those of a presale of a quarter of an hour, even if workers are faster. */
export const debitsPlanned = ({ audience, issuedShare }: Demand): number =>
  (audience * issuedShare) / COUPONS_PER_DEBIT / ((TARGET_SECONDS * 3) / 4);

/**
 * The work of a presale: as many workers as it takes to finish within twenty minutes, and how long they need. With few
 * `budgetShards`, the debits may take longer than the workers.
 */
export const presaleLoad = (
  demand: Demand,
  costs: UnitCosts,
  { audience }: Setups,
  budgetShards: number,
): PresaleLoad => {
  const cost = costOf(demand, costs);
  const workSeconds = (cost.cpuMs + cost.rounds * ROUND_MS) / 1_000;
  const needed = Math.ceil((workSeconds / TARGET_SECONDS) * MARGIN);
  const workers = Math.min(WORKERS_MAX, Math.max(audience.concurrencyMax, needed));
  const segments = Math.min(
    Math.max(SEGMENTS_MIN, workers),
    Math.max(1, Math.ceil(demand.audience / MEMBERS_PER_SEGMENT_MIN)),
  );
  const debits = (demand.audience * demand.issuedShare) / COUPONS_PER_DEBIT;
  const seconds = Math.max(
    workSeconds / Math.min(workers, segments),
    debits / (budgetShards * DEBITS_PER_SHARD_MAX),
  );
  return {
    needed,
    workers,
    segments,
    seconds,
    debitsPerSecond: debits / seconds,
    grantUnits: (cost.writeUnits.grants ?? 0) / Math.max(seconds, TARGET_SECONDS),
    // What is written to the table of campaigns is mostly the rounds of segments.
    segmentUnits: (cost.writeUnits.campaigns ?? 0) / seconds / Math.min(segments, workers),
  };
};
