import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './addresses.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { Schedule } from './template.ts';

export type ScheduleRunner = { stop(): void };

/**
 * Calls a function at its schedule's rate, first after one interval, as a rule that has just been created does. While a call is
 * still running the next one is left out; a failed one is not repeated, because the next is due soon.
 */
export function startSchedule(schedule: Schedule, pool: Pick<HandlerPool, 'invoke'>): ScheduleRunner {
  let running = false;
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    void pool.invoke(schedule.input ?? scheduledEvent(schedule.arn, new Date())).then(() => {
      running = false;
    });
  }, schedule.everySeconds * 1_000);
  return { stop: () => clearInterval(timer) };
}

/** The event of an EventBridge rule that has no input of its own. */
function scheduledEvent(arn: string, time: Date): object {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: LOCAL_ACCOUNT,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region: LOCAL_REGION,
    resources: [arn],
    detail: {},
  };
}
