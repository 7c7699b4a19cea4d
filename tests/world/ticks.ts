import type { Schedule } from '#local/aws/template.ts';
import type { Faults } from './faults.ts';
import type { Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';

export type TickSurroundings = {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly isOver: () => boolean;
  readonly quietMs: () => number;
};

/** Lambda keeps an asynchronous call that it throttles, and tries it again: after a second, then ever later. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 300_000;
/** It drops the call after this time. */
const KEPT_MS = 6 * 3_600_000;

const LATE_MS = [1_000, 90_000] as const;

/**
 * While nothing is sent to the pipeline, the time between ticks grows: it is the time since something was sent, at most this.
 * It grows no further, because ticks fail too, and within a week the money of expired coupons must be freed, while their figures
 * are still open.
 */
const QUIET_MS_MAX = 6 * 3_600_000;
/** After a week, when only redriven messages and the expiry of items are left, ticks come once a day. */
const LONG_QUIET_MS = 7 * 24 * 3_600_000;
const LONG_QUIET_TICK_MS = 24 * 3_600_000;

/**
 * For these functions only one of this many ticks comes, which is enough: health makes a dozen calls a tick to show the depths
 * of queues, prices move slowly, and a draw may wait.
 */
const ONE_OF: Readonly<Record<string, number>> = { health: 240, pacer: 8, draw: 2 };

/**
 * Calls a function at its schedule's rate, until the world ends. A tick may come late, twice or not at all, as EventBridge
 * documents. While nothing happens, most ticks are left out, because hours of them would cost more than the sale. `quietMs`
 * says how long ago something was last sent.
 */
export const startTicks = (
  { everySeconds, arn, function: { shortName } }: Schedule,
  pool: Pool,
  { scheduler, faults, isOver, quietMs }: TickSurroundings,
): void => {
  const everyMs = everySeconds * 1_000 * (ONE_OF[shortName] ?? 1);
  const pauseMs = (): number =>
    quietMs() < LONG_QUIET_MS ? Math.min(QUIET_MS_MAX, quietMs()) : LONG_QUIET_TICK_MS;
  const next = (): void => scheduler.after(Math.max(everyMs, pauseMs()), tick);
  const invoke = async (event: object, untilMs: number, retryMs = RETRY_MS): Promise<void> => {
    const invocation = await pool.invoke(event);
    if (invocation.isOk || invocation.isThrottled !== true || scheduler.nowMs > untilMs) return;
    scheduler.after(retryMs, () => void invoke(event, untilMs, Math.min(RETRY_MS_MAX, retryMs * 2)));
  };
  const call = (delayMs: number): void => {
    const time = `${new Date(scheduler.nowMs).toISOString().slice(0, 19)}Z`;
    const untilMs = scheduler.nowMs + KEPT_MS;
    scheduler.after(delayMs, () => void invoke({ time, resources: [arn] }, untilMs));
  };
  const tick = (): void => {
    if (isOver()) return;
    if (!faults.strikes('tick')) call(0);
    else {
      const kind = faults.between(0, 2);
      if (kind === 1) call(faults.between(...LATE_MS));
      if (kind === 2) {
        call(0);
        call(faults.between(...LATE_MS));
      }
    }
    next();
  };
  next();
};
