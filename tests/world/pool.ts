import type { LambdaFunction } from '#local/aws/template.ts';
import { ZOMBIE_MS } from './faults.ts';
import { FACTORIES, type Handler } from './functions.ts';
import { type Surroundings, Worker } from './worker.ts';

export type Invocation =
  | { isOk: true; response: unknown }
  | { isOk: false; error: string; isThrottled?: boolean };

type Environment = { worker: Worker; handler: Handler };

/** How many beginnings and ends of calls a worker passes at most before it is paused: those of a dozen calls. */
const ZOMBIE_PASSES_MAX = 24;

/** A function's execution environments. Each runs one invocation at a time, and idle ones are reused. */
export class Pool {
  readonly #function: LambdaFunction;
  readonly #around: Surroundings;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #seed: number;
  readonly #idle: Environment[] = [];
  #made = 0;
  #running = 0;

  constructor(
    lambda: LambdaFunction,
    seed: number,
    around: Surroundings,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#function = lambda;
    this.#seed = seed;
    this.#around = around;
    this.#environment = environment;
  }

  /** Invocations under way. */
  get running(): number {
    return this.#running;
  }

  /** Calls the function. Never rejects: a throttle, a crash, a timeout and an error are outcomes. */
  async invoke(event: unknown): Promise<Invocation> {
    const { account } = this.#around;
    if (!account.enter()) return { isOk: false, error: 'throttled', isThrottled: true };
    this.#running++;
    try {
      return await this.#invoke(this.#take(), event);
    } finally {
      this.#running--;
      account.leave();
    }
  }

  #take(): Environment {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const { shortName } = this.#function;
    const name = `${shortName}-${this.#made++}`;
    const worker = new Worker(name, this.#seed * 1_000_003 + this.#made, this.#around, this.#environment);
    return { worker, handler: FACTORIES[shortName]!(worker.outside, this.#around.objects) };
  }

  #invoke({ worker, handler }: Environment, event: unknown): Promise<Invocation> {
    const { scheduler, faults } = this.#around;
    const { timeoutSeconds } = this.#function;
    const endsMs = scheduler.nowMs + timeoutSeconds * 1_000;
    return new Promise((resolve) => {
      let isOver = false;
      const finish = (invocation: Invocation, isReusable: boolean): void => {
        if (isOver) return;
        isOver = true;
        if (isReusable) this.#idle.push({ worker, handler });
        resolve(invocation);
      };
      worker.watch(() => finish({ isOk: false, error: 'the process died' }, false));
      // Lambda gives up on a paused process when the timeout is over, but the process stays alive and continues later.
      const isZombie = faults.strikes('zombie');
      if (isZombie) worker.stopAfter(faults.between(0, ZOMBIE_PASSES_MAX), faults.between(...ZOMBIE_MS));
      scheduler.after(timeoutSeconds * 1_000, () => {
        if (isOver) return;
        if (!isZombie) worker.die();
        finish({ isOk: false, error: `timed out after ${timeoutSeconds} s` }, false);
      });
      const context = {
        functionName: this.#function.name,
        awsRequestId: `${worker.name}/${scheduler.nowMs}`,
        getRemainingTimeInMillis: () => endsMs - scheduler.nowMs,
      };
      handler(event, context).then(
        (response) => finish({ isOk: true, response }, !isZombie),
        (error: unknown) => finish({ isOk: false, error: String(error) }, true),
      );
    });
  }
}
