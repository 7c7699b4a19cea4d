import { randomUUID } from 'node:crypto';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './addresses.ts';
import { type Clock, startClock } from './clock.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { Schedule } from './template.ts';

export type ScheduleRunner = { stop(): void };

/** How many calls a tick makes. */
export type TickFate = () => number;

/** The share of ticks that is lost, and the share that comes twice, if ticks are unreliable. */
const LOST_SHARE = 0.1;
const DOUBLED_SHARE = 0.1;

/** Loses some ticks and doubles as many: schedules promise neither that a tick comes nor that it comes only once. */
export const unreliableTicks =
  (random: () => number): TickFate =>
  () => {
    const chance = random();
    if (chance < LOST_SHARE) return 0;
    return chance < LOST_SHARE + DOUBLED_SHARE ? 2 : 1;
  };

/**
 * Calls a function at its schedule's rate by the clock. The first call comes after one interval, as for a rule that has just
 * been created. After the clock is set, a new interval begins. While a call is still running, the next tick is left out; a
 * failed call is not repeated, because the next one is due soon.
 */
export const startSchedule = (
  schedule: Schedule,
  pool: Pick<HandlerPool, 'invoke'>,
  clock: Clock = startClock(),
  callsOfTick: TickFate = () => 1,
): ScheduleRunner => {
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  const tick = (): void => {
    if (running) return;
    running = true;
    const event = schedule.input ?? scheduledEvent(schedule.arn, new Date(clock.now()));
    const calls = Array.from({ length: callsOfTick() }, () => pool.invoke(event));
    void Promise.all(calls).then(() => {
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
};

/** The event of an EventBridge rule that has no input of its own. */
const scheduledEvent = (arn: string, time: Date): object => {
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
};
