import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

const HOUR_MS = 3_600_000;
/** By function: how long its messages lie in a dead-letter queue, at least and at most, in hours. They are kept for two weeks. */
const HOURS: Readonly<Record<string, readonly [number, number]>> = {
  draw: [1, 100],
  'free-order': [1, 100],
  metrics: [1, 320],
  pacer: [1, 100],
  rollup: [1, 320],
};

/**
 * An export waits for the orders of its draw. So if a message with such orders lies in a dead-letter queue for days, the request
 * for the export ends in a dead-letter queue too. The request is redriven after that message.
 */
const FOLLOWERS: Readonly<Record<string, string>> = { 'free-order': 'publisher' };
const FOLLOWS_MS = HOUR_MS;

export type RedriveSurroundings = {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  deliver(url: string, body: string): void;
  /** Sends what is in a function's dead-letter queue back to its queue. */
  redriveDeadLetters(functionName: string): void;
};

/**
 * Messages that ended in a dead-letter queue and are sent back to where they failed. Messages on their way to intake are left
 * out, because the contract counts an event that waits there as late. Messages that use coupons are left out too, because a use
 * after such a wait rightly counts as an overdraft, and so are those that issue a presale's coupons, because the presale would be
 * over by then.
 */
export class Redrives {
  readonly #around: RedriveSurroundings;
  #waiting = 0;

  constructor(around: RedriveSurroundings) {
    this.#around = around;
  }

  /** The number of redrives that are still to come. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a received message goes to the dead-letter queue instead of its function. If so, it comes again hours later. */
  takes(functionName: string, url: string, body: string): boolean {
    const { scheduler, faults } = this.#around;
    const hours = HOURS[functionName];
    if (hours === undefined || !faults.strikes('redrive')) return false;
    this.#waiting++;
    scheduler.after(faults.between(...hours) * HOUR_MS, () => {
      this.#waiting--;
      this.#around.deliver(url, body);
      const follower = FOLLOWERS[functionName];
      if (follower !== undefined) this.#redriveLater(follower);
    });
    return true;
  }

  #redriveLater(functionName: string): void {
    this.#waiting++;
    this.#around.scheduler.after(FOLLOWS_MS, () => {
      this.#waiting--;
      this.#around.redriveDeadLetters(functionName);
    });
  }
}
