import type { LambdaFunction, LocalStack } from '#local/aws/template.ts';
import { Queues } from '#local/emulator/queues.ts';
import type { Limits, OnThrottle } from '#local/emulator/store.ts';
import { Tables } from '#local/emulator/tables.ts';
import { splitBody } from '#local/replay/split-body.ts';
import { askRelay } from '../support/free-order-world.ts';
import { MemoryObjects } from '../support/objects.ts';
import { Account } from './account.ts';
import { Bell } from './bell.ts';
import { ENDPOINT } from './deployed.ts';
import { EventSource } from './event-source.ts';
import { Faults, type Weather } from './faults.ts';
import { WatchedLog } from './logged-ids.ts';
import { Pool } from './pool.ts';
import { between, streamOf } from './random.ts';
import { Redrives } from './redrives.ts';
import { Scheduler } from './scheduler.ts';
import { startTicks } from './ticks.ts';
import type { Step, Surroundings } from './worker.ts';

export type WorldOptions = {
  readonly stack: LocalStack;
  readonly seed: number;
  readonly faults: Weather;
  /** When the world begins, in ms since the epoch. */
  readonly startMs: number;
  readonly onStep: (step: Step) => void;
  /** How many invocations the account leaves to the stack at a time; no limit by default. */
  readonly concurrencyAt?: ((nowMs: number) => number) | undefined;
  /** What tables and partition keys take in a second; as much as in AWS by default. */
  readonly limits?: Partial<Limits>;
  readonly onThrottle?: OnThrottle;
};

// Functions print what they consume as metrics; a world of thousands of invocations must not. Each object that prints metrics
// reads a dozen variables when it is made, which takes longer in Node's own `process.env` than in this copy. It also makes a
// console of its own, unless POWERTOOLS_DEV is set.
process.env = { ...process.env, POWERTOOLS_METRICS_DISABLED: 'true', POWERTOOLS_DEV: 'true' };

/** The address at which the functions find the beacon's rounds. */
const RELAY = 'http://beacon';
const STALE_MS_MAX = 900;
/** How long a partition key stays hot. */
const HOT_MS = 3_000;
/** The share of messages that are handed out in disorder, or refused, in a call that the fault strikes. */
const DISORDER = 0.5;
/** Even messages that wait to be redriven come back within this time, so a run that takes longer is stuck. */
const CALM_MS_MAX = 30 * 24 * 3_600_000;
const CALM_STEP_MS = 60_000;
/** While only messages to redrive are left, hours pass as fast as minutes. */
const REDRIVE_STEP_MS = 3_600_000;

/** The whole deployed pipeline in one process and in virtual time. */
export class World {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly tables: Tables;
  readonly queues: Queues;
  readonly secret: string;
  readonly log: WatchedLog;
  readonly account: Account;
  readonly #stack: LocalStack;
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #bell = new Bell();
  readonly #redrives: Redrives;
  #isOver = false;
  #lastSentMs: number;

  /** What the bucket holds. */
  readonly objects = new MemoryObjects();

  constructor(options: WorldOptions) {
    const { stack, seed, faults, startMs, onStep, concurrencyAt, limits, onThrottle } = options;
    this.#stack = stack;
    this.scheduler = new Scheduler(startMs);
    this.#lastSentMs = startMs;
    this.faults = new Faults(streamOf(seed, 'faults'), faults);
    const clock = { nowMs: () => this.scheduler.nowMs };
    const staleness = streamOf(seed, 'staleness');
    this.tables = new Tables({
      clock,
      random: streamOf(seed, 'tables'),
      ...(limits === undefined ? {} : { limits }),
      ...(onThrottle === undefined ? {} : { onThrottle }),
      isHot: this.#hotKeys(),
      isBusy: () => this.faults.strikes('partial'),
      staleness: () => (this.faults.strikes('stale') ? between(staleness, 1, STALE_MS_MAX) : 0),
    });
    this.queues = new Queues({
      clock,
      random: streamOf(seed, 'queues'),
      disorder: (isOfSeveral) => {
        const share = isOfSeveral && this.faults.strikes('disorder') ? DISORDER : 0;
        return { duplicate: 0, reorder: share, refuse: share };
      },
      endpoint: ENDPOINT,
    });
    this.secret = `secret of ${seed}`;
    this.log = new WatchedLog(this.secret, clock.nowMs);
    this.account = new Account(concurrencyAt && (() => concurrencyAt(this.scheduler.nowMs)));
    this.#redrives = new Redrives(this);
    const around: Surroundings = {
      scheduler: this.scheduler,
      faults: this.faults,
      account: this.account,
      tables: this.tables,
      queues: this.queues,
      bell: this.#bell,
      objects: this.objects,
      secret: this.secret,
      fetch: askRelay,
      logger: this.log.logger,
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
   * Sends a body to a queue of the stack by the queue's short name, as a producer does: of a body for `events`, the events about
   * campaigns and members go to the control queue. `attributes` are the message attributes that the producer sets.
   */
  send(queue: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    if (queue !== 'events') this.#send(queue, body, attributes);
    else for (const [door, part] of Object.entries(splitBody(body))) this.#send(door, part, attributes);
  }

  #send(queue: string, body: string, attributes: Readonly<Record<string, string>>): void {
    this.#lastSentMs = this.scheduler.nowMs;
    this.deliver(this.urlOf(queue), body, attributes);
  }

  /** Puts a message into the queue at an address. */
  deliver(url: string, body: string, attributes: Readonly<Record<string, string>> = {}): void {
    this.queues.execute('SendMessage', {
      QueueUrl: url,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    });
    this.#bell.ring(url);
  }

  redriveDeadLetters(functionName: string): void {
    const { url, name } = this.#queue(`${functionName}-dead-letters`);
    const bodies = this.queues.contents(name).map(({ body }) => body);
    this.queues.execute('PurgeQueue', { QueueUrl: url });
    for (const body of bodies) this.deliver(this.urlOf(functionName), body);
  }

  /** How many messages, in whatever state, a queue holds. `name` is the queue's full name. */
  depth(name: string): number {
    const { visible, inFlight, delayed } = this.queues.counts(name);
    return visible + inFlight + delayed;
  }

  #queue(shortName: string): LocalStack['queues'][number] {
    const queue = this.#stack.queues.find((one) => one.shortName === shortName);
    if (queue === undefined) throw new Error(`queue: expected one of the stack's, got ${shortName}`);
    return queue;
  }

  urlOf(shortName: string): string {
    return this.#queue(shortName).url;
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

  /** Stops all faults and lets everything that was begun finish. Throws if that takes more than 30 days. */
  async calm(): Promise<void> {
    this.faults.isOn = false;
    const giveUpMs = this.scheduler.nowMs + CALM_MS_MAX;
    while (!this.#isIdle()) {
      if (this.scheduler.nowMs > giveUpMs) throw new Error('world: expected it to come to rest, got a loop');
      const stepMs = this.#isQuiet() ? REDRIVE_STEP_MS : CALM_STEP_MS;
      await this.runUntil(this.scheduler.nowMs + stepMs);
    }
  }

  /** Stops the mappings and ticks. */
  end(): void {
    this.#isOver = true;
  }

  #isQuiet(): boolean {
    const isEmpty = this.#stack.mappings.every(({ queue }) => this.depth(queue.name) === 0);
    return isEmpty && [...this.#pools.values()].every((pool) => pool.running === 0);
  }

  #isIdle(): boolean {
    return this.#redrives.waiting === 0 && this.#isQuiet();
  }

  /** Which partition keys take nothing: decided for each when it is first asked about in a period. */
  #hotKeys(): (table: string, partition: string) => boolean {
    let period = 0;
    const tables = new Map<string, Map<string, boolean>>();
    return (table, partition) => {
      const now = Math.floor(this.scheduler.nowMs / HOT_MS);
      if (now !== period) tables.clear();
      period = now;
      let known = tables.get(table);
      if (known === undefined) {
        known = new Map();
        tables.set(table, known);
      }
      const isKnownHot = known.get(partition);
      if (isKnownHot !== undefined) return isKnownHot;
      const isHot = this.faults.strikes('hotKey');
      known.set(partition, isHot);
      return isHot;
    };
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
        redrives: this.#redrives,
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
