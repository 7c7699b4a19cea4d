import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './addresses.ts';
import { type Clock, startClock } from './clock.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { Schedule } from './template.ts';

export type ScheduleRunner = { stop(): void };

/**
 * Calls a function at its schedule's rate by the clock, first after one interval, as a rule that has just been created does,
 * and again so after the clock is set. While a call is still running the next one is left out; a failed one is not repeated,
 * because the next is due soon.
 */
export function startSchedule(
  schedule: Schedule,
  pool: Pick<HandlerPool, 'invoke'>,
  clock: Clock = startClock(),
): ScheduleRunner {
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  const tick = (): void => {
    if (running) return;
    running = true;
    void pool.invoke(schedule.input ?? scheduledEvent(schedule.arn, new Date(clock.now()))).then(() => {
      running = false;
    });
  };
  const start = (): void => {
    clearInterval(timer);
    timer = setInterval(tick, (schedule.everySeconds * 1_000) / clock.rate.speed);
  };
  start();
  const leave = clock.onSet(start);
  return {
    stop() {
      leave();
      clearInterval(timer);
    },
  };
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
