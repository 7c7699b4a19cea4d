import { FUNCTION_TIMEOUT_SECONDS_MAX } from '#lib/limits.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { between } from './random.ts';

/**
 * What goes wrong, and how often: the share of calls (or deliveries, ticks, invocations, workers) that it strikes, 0 to 1.
 * All of these faults happen to users of DynamoDB, SQS and Lambda.
 */
export const FAULT_RATES = {
  /** The process crashes before a call reaches the service, or after the call happened and before its answer arrives. */
  crash: 0.004,
  /** A call happens and its answer is lost. */
  lostAnswer: 0.01,
  /** The service answers 5xx, and nothing happened. */
  serverError: 0.01,
  /** A call is refused because there are too many, and nothing happened. */
  throttle: 0.01,
  /** A call takes 2 to 20 s. */
  slow: 0.003,
  /** A worker's calls take up to a quarter of a second each, so that other workers make many calls between two of its own. */
  sluggish: 0.3,
  /** A worker pauses for longer than its messages' visibility timeout, and continues afterwards. */
  zombie: 0.003,
  /** A message is delivered again although it was deleted. */
  duplicate: 0.05,
  /** A tick comes late, twice or not at all. */
  tick: 0.1,
  /** A transaction conflicts with another one on an item, and nothing happened. */
  conflict: 0.01,
  /** An item of a batch comes back unprocessed, though others of the same call are done. */
  partial: 0.01,
  /** A partition key of a table refuses all calls for some seconds; the share is of the keys that are used in a period. */
  hotKey: 0.002,
  /** A queue hands messages out in another order, or takes only some messages of a batch that is sent to it. */
  disorder: 0.02,
  /**
   * A message ends in a dead-letter queue, and is redriven from there hours or days later; the share is of the messages
   * received.
   */
  redrive: 0.002,
  /** A worker runs the previous version, as in the middle of a deployment, and writes that version's formats. */
  formerVersion: 0.1,
  /** A worker's clock is wrong by up to two seconds. */
  skew: 0.3,
  /** Eventually consistent reads show an older state. */
  stale: 0.5,
};

export type Fault = keyof typeof FAULT_RATES;
export const FAULTS = Object.keys(FAULT_RATES) as Fault[];

/** How long a paused worker stays paused. Meanwhile its messages become visible, and other workers process them. */
export const ZOMBIE_MS = [400_000, 1_500_000] as const;
/**
 * Seconds for which a worker may run in this world: the time of the longest invocation, and its pause. Lambda ends a process
 * whose invocation times out, so the stack's default for the wait of an erasure is shorter.
 */
export const WORKER_SECONDS_MAX = FUNCTION_TIMEOUT_SECONDS_MAX + ZOMBIE_MS[1] / SECOND_MS;

/**
 * What goes wrong in a world: a set of faults, which strike at their usual rates while clients attempt each call once; or other
 * rates, with the number of attempts that a client makes for a call that fails.
 */
export type Weather =
  | ReadonlySet<Fault>
  | { readonly rates: Readonly<Partial<Record<Fault, number>>>; readonly attempts: number };

const ratesOf = (weather: Weather): Record<Fault, number> =>
  Object.fromEntries(
    FAULTS.map((fault) => [
      fault,
      'rates' in weather ? (weather.rates[fault] ?? 0) : weather.has(fault) ? FAULT_RATES[fault] : 0,
    ]),
  ) as Record<Fault, number>;

/** Decides by a seed which faults strike, and counts them. */
export class Faults {
  readonly struck: Record<Fault, number> = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<
    Fault,
    number
  >;
  /** While false, no fault strikes. A run ends without faults, so that everything that was begun can finish. */
  isOn = true;
  /** Is called with each fault that strikes. */
  onStrike: (fault: Fault) => void = () => {};
  readonly #random: () => number;
  readonly #rates: Readonly<Record<Fault, number>>;

  /** How many attempts a worker's client makes for a call that fails. */
  readonly attempts: number;

  constructor(random: () => number, weather: Weather) {
    this.#random = random;
    this.#rates = ratesOf(weather);
    this.attempts = 'rates' in weather ? weather.attempts : 1;
  }

  strikes(fault: Fault): boolean {
    const does = this.#random() < this.#rates[fault] && this.isOn;
    if (does) {
      this.struck[fault]++;
      this.onStrike(fault);
    }
    return does;
  }

  /** A whole number from `low` to `high`, for how long or how many. */
  between(low: number, high: number): number {
    return between(this.#random, low, high);
  }
}
