import type { Setups } from '#domain/capacity/load.ts';
import { WORKERS } from '#lib/functions/index.ts';

/** The settings of the stack's functions when it is deployed without options. */
export const SETUPS: Setups = {
  intake: WORKERS.intake.tuning,
  coupon: WORKERS.coupon.tuning,
  'free-order': WORKERS.freeOrder.tuning,
  metrics: WORKERS.metrics.tuning,
  rollup: WORKERS.rollup.tuning,
  audience: WORKERS.audience.tuning,
};
