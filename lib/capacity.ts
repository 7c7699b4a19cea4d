import { DEFAULT_DEMAND } from '#domain/capacity/demand.ts';
import type { Setups } from '#domain/capacity/load.ts';
import { type CapacityPlan, planCapacity } from '#domain/capacity/plan.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { WORKERS, type WorkerName } from './functions/index.ts';
import type { Stage } from './stages/stage.ts';

/** The settings of the functions that capacity plans. */
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
