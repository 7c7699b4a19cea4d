import type { Logger } from '@aws-lambda-powertools/logger';
import {
  InternalServerError,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { emulatedDynamoDb } from '#local/emulator/dynamodb-client.ts';
import { withoutStack } from '#local/emulator/exceptions.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import type { Queues } from '#local/emulator/queues.ts';
import { emulatedSqs } from '#local/emulator/sqs-client.ts';
import type { Tables } from '#local/emulator/tables.ts';
import { Memory } from '#platform/memory.ts';
import type { Objects } from '#platform/objects.ts';
import type { Outside } from '#platform/runtime.ts';
import { seededRandom } from '../support/random.ts';
import type { Account } from './account.ts';
import { withAttempts } from './attempts.ts';
import type { Bell } from './bell.ts';
import type { Faults } from './faults.ts';
import { formerBlocks, formerOpenings } from './former-version.ts';
import { between } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** The environment that all workers share. */
export type Surroundings = {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly account: Account;
  readonly tables: Tables;
  readonly queues: Queues;
  readonly bell: Bell;
  /** What the bucket holds. */
  readonly objects: Objects;
  readonly secret: string;
  readonly fetch: typeof fetch;
  readonly logger: Logger;
  /** Called after each call that a service has carried out. */
  readonly onStep: (step: Step) => void;
};

/** A call of a worker that its service has carried out, even if the answer is lost afterwards. */
export type Step = {
  atMs: number;
  worker: string;
  operation: string;
  input: object;
  answer: object;
  /** How long the worker has been stopped so far, in ms. */
  stoppedMs: number;
};

/** The results of pure functions, which all workers of all worlds share. They share nothing else, and this changes no run. */
const RESULTS = new Memory();

const REQUEST_MS_MAX = 8;
const SLUGGISH_MS_MAX = 250;
const TRANSACTION_MS_MAX = 12;
const SKEW_MS_MAX = 2_000;
const SLOW_MS = [2_000, 20_000] as const;

const AT_ONCE = Promise.resolve();

const serverError = (): Error =>
  withoutStack(() => new InternalServerError({ message: 'injected', $metadata: { httpStatusCode: 500 } }));

const throttle = (): Error =>
  withoutStack(() => new ProvisionedThroughputExceededException({ message: 'injected', $metadata: {} }));

const timeout = (): Error =>
  withoutStack(() => Object.assign(new Error('the answer did not come'), { name: 'TimeoutError' }));

/**
 * One of Lambda's execution environments, with its own runtime and memory. Once it is dead, nothing that it still does reaches
 * the outside.
 */
export class Worker {
  readonly name: string;
  readonly outside: Outside;
  isDead = false;
  readonly #around: Surroundings;
  readonly #random: () => number;
  readonly #requestMsMax: number;
  #stoppedUntilMs = 0;
  #stoppedMs = 0;
  #stop: { passes: number; readonly ms: number } | undefined;
  #onDeath: () => void = () => {};

  constructor(
    name: string,
    seed: number,
    around: Surroundings,
    environment: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.#around = around;
    this.#random = seededRandom(seed);
    const { scheduler, faults, tables, queues } = around;
    this.#requestMsMax = faults.strikes('sluggish') ? SLUGGISH_MS_MAX : REQUEST_MS_MAX;
    const former = name.startsWith('metrics-')
      ? formerBlocks
      : name.startsWith('presale-')
        ? formerOpenings
        : undefined;
    const isFormer = former !== undefined && faults.strikes('formerVersion');
    const skewMs = faults.strikes('skew') ? between(this.#random, -SKEW_MS_MAX, SKEW_MS_MAX) : 0;
    const hooks = this.#hooks();
    const dynamodb = emulatedDynamoDb(tables, hooks);
    const persistent = <Client extends { send: unknown }>(client: Client): Client =>
      withAttempts(client, faults.attempts, (ms) => this.#lives(scheduler.wait(ms)));
    this.outside = {
      clients: {
        dynamodb: persistent(isFormer ? former(dynamodb) : dynamodb),
        sqs: persistent(emulatedSqs(queues, hooks)),
        secrets: { send: (async () => ({ SecretString: around.secret })) as never },
      },
      clock: {
        nowMs: () => scheduler.nowMs + skewMs,
        wait: (ms) => this.#lives(scheduler.wait(ms)),
      },
      random: this.#random,
      environment: (name) => environment[name],
      logger: around.logger,
      fetch: around.fetch,
      results: RESULTS,
    };
  }

  /** Calls `onDeath` when the worker dies. */
  watch(onDeath: () => void): void {
    this.#onDeath = onDeath;
  }

  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#onDeath();
  }

  /**
   * Pauses the process for `ms`, after this many more beginnings or ends of its calls. Afterwards it continues as if nothing had
   * happened, with what it read before the pause.
   */
  stopAfter(passes: number, ms: number): void {
    this.#stop = { passes, ms };
  }

  /** Resolves as the promise does if the worker is alive then, and never if it is dead. */
  async #lives<Value>(promise: Promise<Value>): Promise<Value> {
    const value = await promise;
    if (this.isDead) return new Promise<never>(() => {});
    return value;
  }

  async #pass(ms: number): Promise<void> {
    const { scheduler } = this.#around;
    await scheduler.wait(ms);
    if (this.isDead) await new Promise<never>(() => {});
    if (this.#stop !== undefined && this.#stop.passes-- <= 0) {
      this.#stoppedUntilMs = scheduler.nowMs + this.#stop.ms;
      this.#stoppedMs += this.#stop.ms;
      this.#stop = undefined;
    }
    while (this.#stoppedUntilMs > scheduler.nowMs)
      await this.#lives(scheduler.wait(this.#stoppedUntilMs - scheduler.nowMs));
  }

  #dieIf(struck: boolean): Promise<void> {
    if (!struck) return AT_ONCE;
    this.die();
    return new Promise<never>(() => {});
  }

  /** The refusal of a transaction because another transaction was writing one of its items. */
  #conflict({ TransactItems: actions = [] }: TransactWriteItemsCommandInput): Error {
    const met = between(this.#random, 0, actions.length - 1);
    const reasons = actions.map((_, i) => ({ Code: i === met ? 'TransactionConflict' : 'None' }));
    return new TransactionCanceledException({
      message: 'injected',
      CancellationReasons: reasons,
      $metadata: {},
    });
  }

  #hooks(): Hooks {
    const { faults, bell, onStep, scheduler } = this.#around;
    return {
      before: async () => {
        await this.#dieIf(this.isDead || faults.strikes('crash'));
        if (faults.strikes('slow')) await this.#pass(faults.between(...SLOW_MS));
        await this.#pass(between(this.#random, 1, this.#requestMsMax));
        if (faults.strikes('serverError')) throw serverError();
        if (faults.strikes('throttle')) throw throttle();
      },
      // If the worker dies meanwhile, its transaction was sent and still happens.
      during: async ({ input }) => {
        await scheduler.wait(between(this.#random, 1, TRANSACTION_MS_MAX));
        if (faults.strikes('conflict')) throw this.#conflict(input as TransactWriteItemsCommandInput);
      },
      after: async ({ name, input }, answer) => {
        if (name.startsWith('SendMessage')) bell.ring((input as { QueueUrl: string }).QueueUrl);
        onStep({
          atMs: scheduler.nowMs,
          worker: this.name,
          operation: name,
          input,
          answer,
          stoppedMs: this.#stoppedMs,
        });
        await this.#dieIf(faults.strikes('crash'));
        await this.#pass(between(this.#random, 1, this.#requestMsMax));
        if (faults.strikes('lostAnswer')) throw timeout();
      },
    };
  }
}
