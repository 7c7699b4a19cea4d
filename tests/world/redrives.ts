import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

const HOUR_MS = 3_600_000;
/** How long a message lies in a dead-letter queue, in hours. A queue keeps it for two weeks. */
const HOURS: Readonly<Record<string, readonly [number, number]>> = {
  draw: [1, 100],
  'free-order': [1, 100],
  metrics: [1, 320],
  pacer: [1, 100],
  rollup: [1, 320],
};

export type RedriveSurroundings = {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  deliver(url: string, body: string): void;
};

/**
 * Messages that have ended in a dead-letter queue and are redriven to where they failed. Only those of queues behind the front door:
 * whatever waits in front of it is late by the contract. What uses coupons does not wait either, because after so long an overdraft is
 * what has to come of it; nor what issues a presale's coupons, which would be over by then.
 */
export class Redrives {
  readonly #around: RedriveSurroundings;
  #waiting = 0;

  constructor(around: RedriveSurroundings) {
    this.#around = around;
  }

  /** Messages that are not back yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a message that was received is given up for now. */
  takes(functionName: string, url: string, body: string): boolean {
    const { scheduler, faults } = this.#around;
    const hours = HOURS[functionName];
    if (hours === undefined || !faults.strikes('redrive')) return false;
    this.#waiting++;
    scheduler.after(faults.between(...hours) * HOUR_MS, () => {
      this.#waiting--;
      this.#around.deliver(url, body);
    });
    return true;
  }
}
