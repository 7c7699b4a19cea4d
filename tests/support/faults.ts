import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type BatchExecuteStatementCommandInput,
  type BatchExecuteStatementCommandOutput,
  type ConsumedCapacity,
  type DynamoDBClient,
  ProvisionedThroughputExceededException,
  TransactionCanceledException,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';

/** The probability of each fault at a call, 0 to 1. */
export type FaultRates = {
  /** The worker dies, before the call or after it. */
  death: number;
  /** The call happens and its answer is lost: the worker continues and sees a timeout. */
  lostAnswer: number;
  /** A transaction is cancelled, or a statement of a batch refused, because another transaction has touched one of its items. */
  conflict: number;
  /** A call, or one action of a transaction, is throttled. */
  throttle: number;
};

export const NO_FAULTS: FaultRates = { death: 0, lostAnswer: 0, conflict: 0, throttle: 0 };

/** Thrown at every call of a worker that is dead: nothing it does afterwards reaches the outside. */
export class Death extends Error {
  override readonly name = 'Death';
}

const WRITES = new Set([
  'BatchExecuteStatementCommand',
  'PutItemCommand',
  'UpdateItemCommand',
  'TransactWriteItemsCommand',
]);
type Metered = { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };

type Worker = { isDead: boolean; isSpared: boolean };

/**
 * Stands between workers and the services they call. It makes calls fail, and holds all of them back while a test looks at a
 * state that no call may change.
 */
export class Weather {
  rates: FaultRates = NO_FAULTS;
  readonly struck = { death: 0, lostAnswer: 0, conflict: 0, throttle: 0 };
  calls = 0;
  /** Write units that calls consumed, by table, including those of calls outside of a worker. */
  readonly writeUnits = new Map<string, number>();
  readonly #random: () => number;
  readonly #workers = new AsyncLocalStorage<Worker>();
  #calling = 0;
  #pause: Promise<void> | undefined;
  #quiet: (() => void) | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Runs a worker; returns undefined if it died. No fault strikes a worker that is spared. */
  async work<Result>(run: () => Promise<Result>, isSpared = false): Promise<Result | undefined> {
    const worker: Worker = { isDead: false, isSpared };
    try {
      const result = await this.#workers.run(worker, run);
      return worker.isDead ? undefined : result;
    } catch (error) {
      if (worker.isDead) return undefined;
      throw error;
    }
  }

  /** Reads the state while no call is under way. */
  async still<Result>(look: () => Promise<Result>): Promise<Result> {
    while (this.#pause !== undefined) await this.#pause;
    let resume = () => {};
    this.#pause = new Promise((resolve) => {
      resume = resolve;
    });
    try {
      if (this.#calling > 0) {
        await new Promise<void>((resolve) => {
          this.#quiet = resolve;
        });
      }
      return await look();
    } finally {
      this.#pause = undefined;
      resume();
    }
  }

  strikes(fault: keyof FaultRates): boolean {
    if (this.#workers.getStore()?.isSpared) return false;
    const does = this.#random() < this.rates[fault];
    if (does) this.struck[fault]++;
    return does;
  }

  /** Makes a call for the current worker. No fault strikes a call outside of a worker. */
  async call<Result>(happen: () => Promise<Result>): Promise<Result> {
    const worker = this.#workers.getStore();
    if (worker === undefined) return happen();
    while (this.#pause !== undefined) await this.#pause;
    const stopIfDead = () => {
      if (worker.isDead || this.strikes('death')) {
        worker.isDead = true;
        throw new Death();
      }
    };
    this.#calling++;
    this.calls++;
    try {
      stopIfDead();
      const result = await happen();
      if (this.strikes('lostAnswer')) throw Object.assign(new Error('answer lost'), { name: 'TimeoutError' });
      stopIfDead();
      return result;
    } finally {
      this.#calling--;
      if (this.#calling === 0) {
        this.#quiet?.();
        this.#quiet = undefined;
      }
    }
  }

  /** Lets the faults strike every call that a worker makes with a client. */
  strike(client: DynamoDBClient): void {
    client.middlewareStack.add(
      (next, context) => async (args) =>
        this.call(async () => {
          if (this.#workers.getStore() !== undefined) {
            if (context.commandName === 'TransactWriteItemsCommand') {
              this.#cancel((args.input as TransactWriteItemsCommandInput).TransactItems!.length);
            } else if (this.strikes('throttle')) {
              throw new ProvisionedThroughputExceededException({ message: 'throttled', $metadata: {} });
            }
          }
          const result =
            context.commandName === 'BatchExecuteStatementCommand' && this.#workers.getStore() !== undefined
              ? await this.#refuseSome(args, next)
              : await next(args);
          if (WRITES.has(context.commandName ?? '')) this.#count(result.output as Metered);
          return result;
        }),
      { step: 'initialize', name: 'weather', priority: 'high' },
    );
  }

  /** Carries out a batch of statements, except those that are chosen to conflict with a transaction. */
  async #refuseSome<Args extends { input: object }, Result extends { output: object }>(
    args: Args,
    next: (args: Args) => Promise<Result>,
  ): Promise<Result> {
    const input = args.input as BatchExecuteStatementCommandInput;
    const statements = input.Statements!;
    // At least one statement is sent, because the refusals of the others are added to the answer.
    const struck = statements.map((_, i) => i > 0 && this.strikes('conflict'));
    const sent = statements.filter((_, i) => !struck[i]);
    const result = await next({ ...args, input: { ...input, Statements: sent } });
    const output = result.output as BatchExecuteStatementCommandOutput;
    const answers = output.Responses!.values();
    output.Responses = struck.map((isStruck) =>
      isStruck ? { Error: { Code: 'TransactionConflict' as const } } : answers.next().value!,
    );
    return result;
  }

  #count({ ConsumedCapacity: capacity = [] }: Metered): void {
    for (const { TableName: table = '', CapacityUnits: units = 0 } of [capacity].flat()) {
      this.writeUnits.set(table, (this.writeUnits.get(table) ?? 0) + units);
    }
  }

  #cancel(actions: number): void {
    const code = this.strikes('conflict')
      ? 'TransactionConflict'
      : this.strikes('throttle')
        ? 'ThrottlingError'
        : undefined;
    if (code === undefined) return;
    const struck = Math.floor(this.#random() * actions);
    throw new TransactionCanceledException({
      message: 'cancelled',
      $metadata: {},
      CancellationReasons: Array.from({ length: actions }, (_, i) => ({
        Code: i === struck ? code : 'None',
      })),
    });
  }
}
