import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '#local/aws/addresses.ts';
import { startClock } from '#local/aws/clock.ts';
import { type Dynamodb, startDynamodb } from '#local/aws/dynamodb.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { freePort } from '#local/aws/ports.ts';
import { readerRuntime } from '#local/aws/reader-runtime.ts';
import { keptIn, leftIn, saveQueues } from '#local/replay/data-directory.ts';
import type { QueueAtEnd } from '../world/oracle/invariant.ts';
import { TABLES, type TableName } from '../world/oracle/observation.ts';
import { figuresReader } from '../world/oracle/pipeline-view.ts';
import { between, streamOf } from '../world/random.ts';
import { synthesizeStack } from '../world/stack.ts';
import { MINUTE_MS, type Workload } from '../world/workload/workload.ts';
import type { ChaosOptions, ChaosResult, Progress } from './chaos.ts';
import { Faults } from './faults.ts';
import { isWrite, Overseer } from './overseer.ts';
import { type FaultyProxy, startProxy } from './proxy.ts';
import { sales } from './several.ts';
import { ChaosStage } from './stage.ts';

const PLAY_MS = 20;
const PROGRESS_MS = 10_000;
const SUSPENDED_MS = [4_000, 9_000] as const;
const VISIBILITY_SCALE = 120;
/**
 * Restarts come in this first part of the sale, when no draw is published yet, because the emulator does not
 * keep its buckets over a restart.
 */
const RESTARTS_MS = 25 * MINUTE_MS;
const IDLE_POLL_MS = 200;
/**
 * How long events wait for a campaign, by the functions' clock. This is long, because the campaign opens minutes
 * later if the worker that is opening it is killed.
 */
const WAIT_MS = 60 * MINUTE_MS;
/**
 * After the faults, the clock is moved on in steps of this length, each followed by some ticks, until
 * everything has expired.
 */
const STEP_MS = 40 * MINUTE_MS;
const STEP_SPEED = 60;
const TICKS_MS = 2_000;
/** The queues that other systems read. */
const OUTPUTS = new Set(['grants', 'rejects']);

/** The processes of a run, and what is done to them. */
class Chaos {
  readonly #options: ChaosOptions;
  readonly #random: () => number;
  readonly #workload: Workload;
  readonly #clock = startClock();
  readonly #faults: Faults;
  readonly #proxies: { sqs?: FaultyProxy; dynamodb?: FaultyProxy } = {};
  readonly #client: (endpoint: string) => DynamoDBClient;
  #dynamodb!: Dynamodb;
  #dynamodbPort = 0;
  #sqsPort = 0;
  #pipeline!: Pipeline;
  #overseer!: Overseer;
  #stage!: ChaosStage;
  #killsBefore = 0;
  #suspensions = 0;
  #databaseKills = 0;
  #restarts = 0;
  #isOver = false;

  constructor(options: ChaosOptions) {
    this.#options = options;
    this.#random = streamOf(options.seed, 'chaos');
    this.#faults = new Faults(options.seed, () => performance.now());
    this.#workload = sales(options.seed, options.sales);
    this.#client = (endpoint) =>
      new DynamoDBClient({ endpoint, region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS });
  }

  get progress(): Progress {
    return {
      playedMs: this.#clock.now() - this.#workload.startMs,
      kills: this.#killsBefore + this.#pipeline.kills,
      suspensions: this.#suspensions,
      databaseKills: this.#databaseKills,
      restarts: this.#restarts,
      faults: this.#faults,
      calls: this.#overseer.calls,
    };
  }

  async start(): Promise<void> {
    const { directory, seed } = this.#options;
    const secret = `secret of ${seed}`;
    const kept = keptIn(directory);
    const secrets = Object.fromEntries(synthesizeStack().secrets.map((arn) => [arn, secret]));
    writeFileSync(kept.secretsFile!, JSON.stringify(secrets), { mode: 0o600 });
    this.#dynamodbPort = await freePort('dynamodbPort', 0);
    this.#sqsPort = await freePort('sqsPort', 0);
    this.#dynamodb = await startDynamodb(this.#dynamodbPort, 'dynoxide', kept.tablesFile);
    this.#clock.set(this.#workload.startMs - 15 * MINUTE_MS, this.#options.speed);
    await this.#startPipeline();
    const { tableNames, queueUrls, sqsEndpoint } = this.#pipeline;
    const tables = new Map(TABLES.map((table) => [tableNames[table]!, table]));
    // The functions' queue URLs have the proxy's host, so queues are found by their names alone.
    const nameIn = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
    const queues = new Map(Object.entries(queueUrls).map(([name, url]) => [nameIn(url), name]));
    this.#overseer = new Overseer({
      names: { tableOf: (name) => tables.get(name), queueOf: (url) => queues.get(nameIn(url)) },
      tableNames: tableNames as Record<TableName, string>,
      dynamodb: this.#client(this.#dynamodb.endpoint),
      secret,
      figuresOf: figuresReader(readerRuntime(this.#pipeline)),
      nowMs: () => this.#clock.now(),
      // Expiry follows the orders' own clock, which lags on a slow machine. So writes may be late by any
      // amount of time.
      lateMs: Number.POSITIVE_INFINITY,
      onSent: (queue, body) => this.#stage.published(queue, body),
    });
    const overseer = () => this.#overseer;
    this.#stage = new ChaosStage({ overseer, nowMs: () => this.#clock.now(), sqsEndpoint, queueUrls });
    this.#workload.start(this.#stage);
  }

  async #startPipeline(): Promise<void> {
    const { directory } = this.#options;
    this.#pipeline = await startPipeline({
      sqsPort: this.#sqsPort,
      dynamodbEndpoint: this.#dynamodb.endpoint,
      secretsFile: keptIn(directory).secretsFile!,
      left: leftIn(directory),
      visibilityScale: VISIBILITY_SCALE,
      context: { campaignWaitSeconds: String(WAIT_MS / 1_000) },
      clock: this.#clock,
      logFile: join(directory, 'functions.log'),
      inFront: async ({ sqs, dynamodb }) => {
        const faults = this.#faults;
        const pass: Overseer['pass'] = (call, forward) => this.#overseer.pass(call, forward);
        this.#proxies.sqs ??= await startProxy(sqs, { faults, pass, isWrite });
        this.#proxies.dynamodb ??= await startProxy(dynamodb, { faults, pass, isWrite });
        return { sqs: this.#proxies.sqs.endpoint, dynamodb: this.#proxies.dynamodb.endpoint };
      },
    });
  }

  /** Plays the sale while processes are killed and calls fail. */
  async play(): Promise<void> {
    const { minutes, everyMs, restarts, least, maxMs } = this.#options;
    const { startMs } = this.#workload;
    const untilMs = startMs + minutes * MINUTE_MS;
    // A campaign that is compared with one that is not open yet is refused. So until the sale begins, there are no faults.
    while (this.#clock.now() < startMs) {
      this.#stage.scheduler.play();
      await sleep(PLAY_MS);
    }
    this.#faults.isOn = true;
    const doing = [
      this.#every(everyMs.kill, () => this.#pipeline.killRandomHandler(this.#random)),
      this.#every(everyMs.suspend, () => this.#suspend()),
      this.#every(everyMs.database, () => this.#killDatabase()),
      this.#every(PROGRESS_MS, async () => {
        await this.#overseer.sample();
        this.#options.onProgress(this.progress);
        return true;
      }),
    ];
    let toRestart = Array.from(
      { length: restarts },
      (_, i) => startMs + ((i + 1) * RESTARTS_MS) / (restarts + 1),
    );
    const endMs = performance.now() + maxMs;
    const goesOn = (): boolean => {
      const { kills, faults } = this.progress;
      const isEnough = kills >= least.kills && faults.total >= least.faults;
      return this.#clock.now() < untilMs || (!isEnough && performance.now() < endMs);
    };
    while (goesOn()) {
      this.#stage.scheduler.play();
      if (toRestart.length > 0 && this.#clock.now() >= toRestart[0]!) {
        toRestart = toRestart.slice(1);
        await this.#restart();
      }
      await sleep(PLAY_MS);
    }
    this.#isOver = true;
    this.#faults.isOn = false;
    await Promise.all(doing);
  }

  /** Lets everything that was begun finish, and everything that was given expire. */
  async calm(): Promise<void> {
    const { scheduler } = this.#stage;
    while (scheduler.waiting > 0) {
      scheduler.play();
      await sleep(PLAY_MS);
    }
    await this.#untilIdle();
    while (this.#clock.now() < this.#workload.endMs) {
      this.#clock.set(this.#clock.now() + STEP_MS, STEP_SPEED);
      await sleep(TICKS_MS);
      scheduler.play();
      await this.#untilIdle();
    }
  }

  async judge(): Promise<ChaosResult> {
    const queues: QueueAtEnd[] = [];
    for (const name of Object.keys(this.#pipeline.queueUrls)) {
      const bodies = await this.#pipeline.messages(name);
      const kind = OUTPUTS.has(name) ? 'output' : name.endsWith('dead-letters') ? 'dead-letter' : 'work';
      queues.push({ name, kind, bodies: kind === 'output' ? [] : bodies });
    }
    const { oracle } = this.#overseer;
    const violations = await oracle.end(this.#clock.now(), queues);
    const deadLetters = queues
      .filter(({ kind }) => kind === 'dead-letter')
      .reduce((sum, { bodies }) => sum + bodies.length, 0);
    return { ...this.progress, violations, deadLetters, events: oracle.ledger.events };
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#faults.isOn = false;
    this.#stage?.close();
    await this.#pipeline?.stop();
    await this.#proxies.sqs?.stop();
    await this.#proxies.dynamodb?.stop();
    await this.#dynamodb?.stop();
  }

  /** Does something every so often until the sale is over, and tries again soon if it could not be done. */
  async #every(everyMs: number, work: () => boolean | Promise<boolean>): Promise<void> {
    const random = this.#random;
    while (!this.#isOver) {
      const untilMs = performance.now() + everyMs * (0.5 + random());
      while (!this.#isOver && performance.now() < untilMs) await sleep(Math.min(200, everyMs));
      while (!this.#isOver && !(await work())) await sleep(PLAY_MS);
    }
  }

  #suspend(): boolean {
    const ms = between(this.#random, ...SUSPENDED_MS);
    if (!this.#pipeline.suspendRandomHandler(this.#random, ms)) return false;
    this.#suspensions++;
    return true;
  }

  async #killDatabase(): Promise<boolean> {
    await this.#dynamodb.stop();
    const { tablesFile } = keptIn(this.#options.directory);
    this.#dynamodb = await startDynamodb(this.#dynamodbPort, 'dynoxide', tablesFile);
    this.#databaseKills++;
    return true;
  }

  /** Kills the functions' processes, and starts the emulator again with the tables and queues that were kept. */
  async #restart(): Promise<void> {
    await this.#overseer.alone(async () => {
      this.#overseer.dropWaiting();
      const { directory } = this.#options;
      await saveQueues(this.#pipeline, directory);
      this.#killsBefore += this.#pipeline.kills;
      await this.#pipeline.stop();
      await this.#startPipeline();
    });
    this.#restarts++;
  }

  /** Whether the only work left in the queues is orders that wait for a campaign to open. */
  async #onlyWaits(): Promise<boolean> {
    const depths = Object.entries(await this.#pipeline.depths());
    const isIn = ([name, { visible, inFlight, delayed }]: (typeof depths)[number]): boolean =>
      visible + inFlight + delayed > 0 && !OUTPUTS.has(name) && !name.endsWith('dead-letters');
    const left = depths.filter(isIn).map(([name]) => name);
    return left.length === 1 && left[0] === 'waiting';
  }

  async #untilIdle(): Promise<void> {
    // At a higher speed the ticks would come so often that no function is ever at rest.
    this.#clock.set(this.#clock.now(), 1);
    while (!(await this.#pipeline.idle())) {
      await sleep(IDLE_POLL_MS);
      if (await this.#onlyWaits()) this.#clock.set(this.#clock.now() + WAIT_MS + MINUTE_MS, 1);
    }
    await this.#stage.sending;
  }
}

/** Plays sales on real processes, which are killed, suspended and restarted as the options say; the oracle judges the sales. */
export const chaosRun = async (options: ChaosOptions): Promise<ChaosResult> => {
  const chaos = new Chaos(options);
  try {
    await chaos.start();
    await chaos.play();
    await chaos.calm();
    return await chaos.judge();
  } finally {
    await chaos.stop();
  }
};
