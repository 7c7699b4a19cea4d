import type { Schedule } from '#local/aws/template.ts';
import type { Faults } from './faults.ts';
import type { Pool } from './pool.ts';
import type { Scheduler } from './scheduler.ts';

const LATE_MS = [1_000, 90_000] as const;

/** Calls a function at its schedule's rate, until the world ends. A tick may come late, twice or not at all, as EventBridge says. */
export const startTicks = (
  { everySeconds, arn }: Schedule,
  pool: Pool,
  { scheduler, faults, isOver }: { scheduler: Scheduler; faults: Faults; isOver: () => boolean },
): void => {
  const call = (delayMs: number): void => {
    const time = `${new Date(scheduler.nowMs).toISOString().slice(0, 19)}Z`;
    scheduler.after(delayMs, () => void pool.invoke({ time, resources: [arn] }));
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
    scheduler.after(everySeconds * 1_000, tick);
  };
  scheduler.after(everySeconds * 1_000, tick);
};
