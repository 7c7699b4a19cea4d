/** What a stage needs for its sale, computed from its file and from the settings of the functions. */
import { DEFAULT_DEMAND } from '#domain/capacity/demand.ts';
import type { Setups } from '#domain/capacity/load.ts';
import { type CapacityPlan, planCapacity } from '#domain/capacity/plan.ts';
import type { Sizes } from '#domain/capacity/sizes.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { WATCHERS, WORKERS, type WorkerName } from './functions/index.ts';
import type { Stage } from './stages/stage.ts';

/** The settings of the functions that a capacity plan covers. */
export const SETUPS: Setups = {
  intake: WORKERS.intake.tuning,
  coupon: WORKERS.coupon.tuning,
  'free-order': WORKERS.freeOrder.tuning,
  metrics: WORKERS.metrics.tuning,
  rollup: WORKERS.rollup.tuning,
  audience: WORKERS.audience.tuning,
};

/** The names of these functions in the plan. */
export const PLANNED: Readonly<Partial<Record<WorkerName, keyof Setups>>> = {
  intake: 'intake',
  coupon: 'coupon',
  freeOrder: 'free-order',
  metrics: 'metrics',
  rollup: 'rollup',
  audience: 'audience',
};

/** What a stage needs for the sale that its file describes. */
export const capacityOf = ({
  peakOrdersPerSecond,
  brands,
  members,
}: Pick<Stage, 'peakOrdersPerSecond' | 'brands' | 'members'>): CapacityPlan =>
  planCapacity(
    { ...DEFAULT_DEMAND, ordersPerSecond: peakOrdersPerSecond, brands, members, audience: members },
    UNIT_COSTS,
    SETUPS,
  );

/** A provisioned poller runs at most this many invocations at a time. */
const INVOCATIONS_PER_POLLER = 10;

/** The most invocations at a time from a worker's own queue. */
const boundOf = (name: WorkerName, { concurrency, pollers }: Sizes): number => {
  const planned = PLANNED[name];
  if (planned === undefined) return WORKERS[name].tuning.concurrencyMax;
  const polled = pollers[planned];
  return polled === undefined ? concurrency[planned] : polled.max * INVOCATIONS_PER_POLLER;
};

/** The most invocations at a time that a stack of these sizes may ask for: the bounds of its queues, and one for each watcher. */
export const invocationsAtMost = (sizes: Sizes): number =>
  Object.entries(WORKERS).reduce(
    (sum, [name, { sideQueues = {} }]) =>
      Object.values(sideQueues).reduce(
        (ofSides, { concurrencyMax }) => ofSides + concurrencyMax,
        sum + boundOf(name as WorkerName, sizes),
      ),
    Object.keys(WATCHERS).length,
  );
