import { between, streamOf } from '../world/random.ts';

/** What goes wrong with a call on its way to DynamoDB or SQS, and the share of calls that it strikes, 0 to 1. */
const RATES = {
  /** The service answers 500, and nothing happened. */
  serverError: 0.06,
  /** The call is refused for its rate, and nothing happened. */
  throttle: 0.08,
  /** A write is refused because another one touches its item; other calls are not struck. */
  conflict: 0.08,
  /** The call happens, and its answer does not come before the client gives up. */
  timeoutAfterCommit: 0.01,
  /** The call happens, and the connection is reset before its answer. */
  resetAfterCommit: 0.05,
  /** The connection is reset before the call reaches the service. */
  reset: 0.05,
  /** The call reaches the service 2 to 20 s late, even if the client has given up by then. */
  slow: 0.01,
};

export type Fault = keyof typeof RATES;
export const FAULTS = Object.keys(RATES) as Fault[];

/** In a storm, faults are more than twice as frequent, so that the retries of one call meet several faults. */
const STORM_EVERY_MS = 12_000;
const STORM_MS = 1_500;
const STORM_FACTOR = 2.5;
const SLOW_MS = [2_000, 20_000] as const;

/** Chooses faults by a seed, and counts them. Which calls they strike also depends on the timing of the processes. */
export class Faults {
  readonly struck = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  /** While false, no fault strikes. */
  isOn = false;
  readonly #random: () => number;
  readonly #nowMs: () => number;

  constructor(seed: number, nowMs: () => number) {
    this.#random = streamOf(seed, 'faults');
    this.#nowMs = nowMs;
  }

  get total(): number {
    return FAULTS.reduce((sum, fault) => sum + this.struck[fault], 0);
  }

  /** The fault that strikes a call; undefined for none. */
  of({ isWrite }: { isWrite: boolean }): Fault | undefined {
    let chance = this.#random();
    if (!this.isOn) return undefined;
    const factor = this.#nowMs() % STORM_EVERY_MS < STORM_MS ? STORM_FACTOR : 1;
    for (const fault of FAULTS) {
      if (fault === 'conflict' && !isWrite) continue;
      chance -= RATES[fault] * factor;
      if (chance >= 0) continue;
      this.struck[fault]++;
      return fault;
    }
    return undefined;
  }

  /** How late a slow call reaches its service, in ms. */
  slowMs(): number {
    return between(this.#random, ...SLOW_MS);
  }
}
