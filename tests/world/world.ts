import { Logger } from '@aws-lambda-powertools/logger';
import type { LambdaFunction, LocalStack } from '#local/aws/template.ts';
import { Queues } from '#local/emulator/queues.ts';
import { Tables } from '#local/emulator/tables.ts';
import { splitBody } from '#local/replay/split-body.ts';
import { askRelay } from '../support/free-order-world.ts';
import { Bell } from './bell.ts';
import { EventSource } from './event-source.ts';
import { type Fault, Faults } from './faults.ts';
import { Pool } from './pool.ts';
import { between, streamOf } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { ENDPOINT } from './stack.ts';
import { startTicks } from './ticks.ts';
import type { Step, Surroundings } from './worker.ts';

export type WorldOptions = {
  readonly stack: LocalStack;
  readonly seed: number;
  readonly faults: ReadonlySet<Fault>;
  /** When the world begins, in ms since the epoch. */
  readonly startMs: number;
  readonly onStep: (step: Step) => void;
};

// Functions print what they consume as metrics; a world of thousands of invocations must not.
process.env.POWERTOOLS_METRICS_DISABLED = 'true';

/** Where the functions find their beacon's rounds. */
const RELAY = 'http://beacon';
const STALE_MS_MAX = 900;
/** No crash and no duplicate message explains more than this much time, so a run that takes longer is stuck. */
const CALM_MS_MAX = 7 * 24 * 3_600_000;

/** The deployed pipeline, whole, in one process and in virtual time. */
export class World {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly tables: Tables;
  readonly queues: Queues;
  readonly secret: string;
  readonly #stack: LocalStack;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #bell = new Bell();
  #isOver = false;
  #lastSentMs: number;

  constructor({ stack, seed, faults, startMs, onStep }: WorldOptions) {
    this.#stack = stack;
    this.scheduler = new Scheduler(startMs);
    this.#lastSentMs = startMs;
    this.faults = new Faults(streamOf(seed, 'faults'), faults);
    const clock = { nowMs: () => this.scheduler.nowMs };
    const staleness = streamOf(seed, 'staleness');
    this.tables = new Tables({
      clock,
      random: streamOf(seed, 'tables'),
      staleness: () => (this.faults.strikes('stale') ? between(staleness, 1, STALE_MS_MAX) : 0),
    });
    this.queues = new Queues({ clock, random: streamOf(seed, 'queues'), endpoint: ENDPOINT });
    this.secret = `secret of ${seed}`;
    const around: Surroundings = {
      scheduler: this.scheduler,
      faults: this.faults,
      tables: this.tables,
      queues: this.queues,
      bell: this.#bell,
      secret: this.secret,
      fetch: askRelay,
      logger: new Logger({ serviceName: 'world', logLevel: 'SILENT' }),
      onStep,
    };
    this.#create();
    const seeds = streamOf(seed, 'workers');
    this.#pools = new Map(
      stack.functions.map((lambda) => [lambda.shortName, this.#pool(lambda, between(seeds, 0, 1e9), around)]),
    );
    this.#start(streamOf(seed, 'sources'));
  }

  /**
   * Sends a body to a queue of the stack by its short name, as a producer does: what opens campaigns or changes members goes to the
   * control queue, though it is sent to `events`. `attributes` are what the producer writes on its message.
   */
  send(queue: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    if (queue !== 'events') this.#send(queue, body, attributes);
    else for (const [door, part] of Object.entries(splitBody(body))) this.#send(door, part, attributes);
  }

  #send(queue: string, body: string, attributes: Readonly<Record<string, string>>): void {
    this.#lastSentMs = this.scheduler.nowMs;
    this.queues.execute('SendMessage', {
      QueueUrl: this.urlOf(queue),
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    });
    this.#bell.ring(this.urlOf(queue));
  }

  /** Messages in a queue in any state, by its full name. */
  depth(name: string): number {
    const { visible, inFlight, delayed } = this.queues.counts(name);
    return visible + inFlight + delayed;
  }

  urlOf(shortName: string): string {
    const queue = this.#stack.queues.find((one) => one.shortName === shortName);
    if (queue === undefined) throw new Error(`queue: expected one of the stack's, got ${shortName}`);
    return queue.url;
  }

  tableOf(shortName: string): string {
    const table = this.#stack.tables.find((one) => one.shortName === shortName);
    if (table === undefined) throw new Error(`table: expected one of the stack's, got ${shortName}`);
    return table.name;
  }

  /** Lets the world run until a virtual time. */
  async runUntil(untilMs: number): Promise<void> {
    this.scheduler.at(untilMs, () => {});
    await this.scheduler.run(() => this.scheduler.nowMs >= untilMs);
  }

  /** Ends all faults and lets everything that was begun come to its end. Throws when it does not within a week. */
  async calm(): Promise<void> {
    this.faults.isOn = false;
    const giveUpMs = this.scheduler.nowMs + CALM_MS_MAX;
    while (!this.#isIdle()) {
      if (this.scheduler.nowMs > giveUpMs) throw new Error('world: expected it to come to rest, got a loop');
      await this.runUntil(this.scheduler.nowMs + 60_000);
    }
  }

  /** Stops the mappings and ticks. */
  end(): void {
    this.#isOver = true;
  }

  #isIdle(): boolean {
    const isQuiet = this.#stack.mappings.every(({ queue }) => this.depth(queue.name) === 0);
    return isQuiet && [...this.#pools.values()].every((pool) => pool.running === 0);
  }

  #create(): void {
    for (const { name, definition, expiryAttribute } of this.#stack.tables) {
      this.tables.createTable({ TableName: name, ...definition } as never);
      if (expiryAttribute !== undefined)
        this.tables.execute('UpdateTimeToLive', {
          TableName: name,
          TimeToLiveSpecification: { Enabled: true, AttributeName: expiryAttribute },
        });
    }
    for (const { name, attributes } of this.#stack.queues) this.queues.createQueue(name, attributes);
  }

  #pool(lambda: LambdaFunction, seed: number, around: Surroundings): Pool {
    const environment = { ...lambda.environment };
    if (environment.BEACON_RELAYS !== undefined) environment.BEACON_RELAYS = RELAY;
    if (environment.ALLOW_REHEARSALS !== undefined) environment.ALLOW_REHEARSALS = 'true';
    return new Pool(lambda, seed, around, environment);
  }

  #start(random: () => number): void {
    const isOver = () => this.#isOver;
    const { scheduler, faults, queues } = this;
    const bell = this.#bell;
    for (const mapping of this.#stack.mappings) {
      const pool = this.#pools.get(mapping.function.shortName)!;
      new EventSource(mapping, pool, {
        scheduler,
        faults,
        queues,
        bell,
        seed: between(random, 0, 1e9),
        isOver,
      });
    }
    for (const schedule of this.#stack.schedules)
      startTicks(schedule, this.#pools.get(schedule.function.shortName)!, {
        scheduler,
        faults,
        isOver,
        quietMs: () => scheduler.nowMs - this.#lastSentMs,
      });
  }
}
