/** Runs the whole stack on this machine. */
import { allOrNone } from './all-or-none.ts';
import { assemble, type Context, readAssembly } from './assembly.ts';
import { startBeaconRelay } from './beacon-relay.ts';
import { type Clock, startClock } from './clock.ts';
import { createTables, type Dynamodb, dynamodbAt, type Engine, startDynamodb } from './dynamodb.ts';
import { COLLECTORS_MIN, retrySecondsOf, startEventSource } from './event-source.ts';
import { BEACON_VARIABLE, type Endpoints, handlerEnvironment } from './handler-environment.ts';
import { type Consumed, type HandlerLogs, handlerLogs, type LogRecord } from './handler-logs.ts';
import {
  type HandlerPool,
  handlerPool,
  type InvocationCount,
  type PoolOptions,
  randomBusy,
} from './handler-pool.ts';
import { handlerProgram } from './handler-program.ts';
import type { Outcome } from './handler-worker.ts';
import { type QueueClient, queueClient } from './queue-client.ts';
import { type QueueView, queueView } from './queue-view.ts';
import { startSchedule, type TickFate } from './schedule.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { type Depth, type Sqs, startSqs } from './sqs.ts';
import { type LambdaFunction, type LocalStack, localStack } from './template.ts';

export type { Consumed, Depth, InvocationCount, LogRecord, Outcome };

export type PipelineOptions = {
  /** Port of the SQS endpoint on 127.0.0.1; 0 (the default) takes a free one. */
  readonly sqsPort?: number;
  /** Port of the DynamoDB endpoint on 127.0.0.1; 0 (the default) takes a free one. Ignored with a `dynamodbEndpoint`. */
  readonly dynamodbPort?: number;
  /** Any DynamoDB endpoint to use instead of starting one; default: the environment's DYNAMODB_ENDPOINT. */
  readonly dynamodbEndpoint?: string;
  /** A file that keeps the tables between runs; default: they are in memory. Ignored with a `dynamodbEndpoint`. */
  readonly tablesFile?: string;
  /** What to start if no DynamoDB endpoint is given; default: the environment's LOCAL_DYNAMODB, or what runs here. */
  readonly dynamodbEngine?: Engine;
  /** CDK context, which takes precedence over that of cdk.json. */
  readonly context?: Context;
  /** The directory of a cloud assembly to run instead of the stack of lib/. */
  readonly assembly?: string;
  /** Whether each function's first process starts with the pipeline; default: with the first invocation. */
  readonly warm?: boolean;
  /** Handler processes that a function may have at once (default 2); a mapping's own maximum concurrency bounds it further. */
  readonly concurrency?: number;
  /** The same for single functions, by short name. */
  readonly concurrencyOf?: Readonly<Record<string, number>>;
  /**
   * By how much visibility timeouts are shortened (default 60): the messages of a failed batch, or of one whose process died,
   * come back after their queue's visibility timeout divided by this, in whole seconds as SQS counts them.
   */
  readonly visibilityScale?: number;
  /** How many calls each tick of a schedule makes; default: one. */
  readonly callsOfTick?: TickFate;
  /** A file that keeps the stack's secrets, which are created if it has none yet; default: one that is deleted at the end. */
  readonly secretsFile?: string;
  /** Gives the endpoints that the functions use in place of the services' own, such as those of a proxy. */
  readonly inFront?: (services: Services) => Promise<Services>;
  /** The clock of the functions; default: the machine's. */
  readonly clock?: Clock;
  /** Every line that the functions print is appended to this file. */
  readonly logFile?: string;
  /** Called for warnings and errors only. */
  readonly onLog?: (record: LogRecord) => void;
  /** What the names of all resources begin with; default: the stack's name. */
  readonly namePrefix?: string;
};

type Services = Pick<Endpoints, 'sqs' | 'dynamodb'>;

/** A stack that runs on this machine. Short names are kebab-case: `events`, `events-dead-letters`, `rejects`, `metrics`. */
export type Pipeline = QueueView & {
  /** One line for people: the engine of the tables, and which of AWS's rules differ here. */
  readonly rules: string;
  readonly sqsEndpoint: string;
  /** A client of its queues, which the caller must close. */
  queues(): QueueClient;
  readonly dynamodbEndpoint: string;
  /** Undefined for a stack without secrets. */
  readonly secretsManagerEndpoint: string | undefined;
  /** Table names by short name. */
  readonly tableNames: Readonly<Record<string, string>>;
  /** Queue URLs by short name. */
  readonly queueUrls: Readonly<Record<string, string>>;
  /** The value of a CfnOutput such as `EventsQueueUrl`. Throws for a name that the stack does not have. */
  output(name: string): string;
  /** The names of its outputs. */
  readonly outputNames: readonly string[];
  /** Consumed capacity by table short name, as the functions' metrics state it. */
  consumed(): Record<string, Consumed>;
  /** Invocations and failed ones by function short name. */
  invocations(): Record<string, InvocationCount>;
  /**
   * Runs a function that the stack names in an output, as somebody outside of it would. Never rejects: a failure is an outcome.
   * Such a call puts no message on a queue, so the pipeline may be idle meanwhile. Throws for a function that has no such
   * output.
   */
  call(shortName: string, event: unknown): Promise<Outcome>;
  /** SIGKILLs one of the handler processes that are busy; false when none is. `random` gives numbers in [0, 1). */
  killRandomHandler(random: () => number): boolean;
  /** SIGSTOPs a busy handler process for `ms`, while its messages come back; false when none is busy. */
  suspendRandomHandler(random: () => number, ms: number): boolean;
  /** How many processes `killRandomHandler` has killed. */
  readonly kills: number;
  /** Stops everything and frees the ports; may be called again. */
  stop(): Promise<void>;
};

const CONCURRENCY_DEFAULT = 2;
const CONCURRENCY_MAX = 100;
export const VISIBILITY_SCALE_DEFAULT = 60;
/** The longest visibility timeout of SQS, 12 hours, in seconds. Divided by this, any timeout is at most a second. */
export const VISIBILITY_SCALE_MAX = 43_200;

/**
 * Runs the stack here: the same template that `cdk deploy` would create, its tables in a local DynamoDB, its queues in
 * fauxqs, its functions in processes behind event source mappings. Rejects, with nothing left running, when a port
 * is taken, or the template uses what the local run does not know.
 */
export const startPipeline = async (options: PipelineOptions = {}): Promise<Pipeline> => {
  const cleanUp = new AsyncDisposableStack();
  try {
    return await start(options, cleanUp);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
};

/** What a started stack consists of. */
type Running = {
  readonly stack: LocalStack;
  readonly sqs: Sqs;
  readonly dynamodb: Dynamodb;
  readonly secrets: Secrets | undefined;
  readonly logs: HandlerLogs;
  readonly pools: ReadonlyMap<LambdaFunction, HandlerPool>;
  readonly settings: Settings;
};

/** How functions are called. */
type Settings = {
  readonly clock: Clock;
  readonly concurrencyMax: number;
  readonly concurrencyOf: Readonly<Record<string, number>>;
  readonly visibilityScale: number;
  readonly callsOfTick: TickFate | undefined;
};

/**
 * A local run ends as soon as it has nothing more to do, and its write units cost nothing, so it does not put off rollups in a
 * quiet sale. It also waits less before an erased member's id is removed everywhere.
 */
const LOCAL_CONTEXT: Context = { quietSlotSeconds: '0', erasureWaitSeconds: '20' };

const start = async (options: PipelineOptions, cleanUp: AsyncDisposableStack): Promise<Pipeline> => {
  const settings = settingsOf(options);
  const logs = handlerLogs(options.logFile, options.onLog);
  cleanUp.defer(() => logs.close());
  const [assembly, program, sqs, dynamodb] = await allOrNone(
    options.assembly === undefined
      ? assemble({ ...LOCAL_CONTEXT, ...options.context })
      : Promise.resolve(readAssembly(options.assembly)),
    handlerProgram(),
    startSqs(options.sqsPort ?? 0).then((started) => cleanUp.adopt(started, stopped)),
    dynamodbOf(options).then((started) => cleanUp.adopt(started, stopped)),
  );
  const stack = localStack(assembly, sqs.endpoint, options.namePrefix);
  await Promise.all([
    sqs.createQueues(stack.queues),
    sqs.createBuckets(stack.buckets),
    createTables(dynamodb.endpoint, stack.tables),
  ]);

  const secrets: Secrets | undefined =
    stack.secrets.length === 0
      ? undefined
      : cleanUp.adopt(await startSecrets(stack.secrets, options.secretsFile), stopped);
  const asksBeacon = stack.functions.some(({ environment }) => environment[BEACON_VARIABLE] !== undefined);
  const services = { sqs: sqs.endpoint, dynamodb: dynamodb.endpoint };
  const endpoints = {
    ...((await options.inFront?.(services)) ?? services),
    sqsInAddresses: sqs.endpoint,
    ...(secrets && { secretsManager: secrets.endpoint }),
    ...(asksBeacon && { beacon: cleanUp.adopt(await startBeaconRelay(), stopped).endpoint }),
  };
  const pools = poolsOf(stack, endpoints, settings, { program, clock: settings.clock, logs });
  if (options.warm) for (const pool of pools.values()) pool.warm();
  const running: Running = { stack, sqs, dynamodb, secrets, logs, pools, settings };
  startCalls(running, cleanUp);
  return pipelineOf(running, cleanUp);
};

const stopped = ({ stop }: { stop(): Promise<void> }): Promise<void> => stop();

const settingsOf = (options: PipelineOptions): Settings => {
  const { visibilityScale = VISIBILITY_SCALE_DEFAULT, concurrency = CONCURRENCY_DEFAULT } = options;
  if (!(visibilityScale >= 1 && visibilityScale <= VISIBILITY_SCALE_MAX))
    throw new Error(
      `visibilityScale: expected a number from 1 to ${VISIBILITY_SCALE_MAX}, got ${visibilityScale}`,
    );
  if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= CONCURRENCY_MAX))
    throw new Error(`concurrency: expected a whole number from 1 to ${CONCURRENCY_MAX}, got ${concurrency}`);
  return {
    clock: options.clock ?? startClock(),
    concurrencyMax: concurrency,
    concurrencyOf: options.concurrencyOf ?? {},
    visibilityScale,
    callsOfTick: options.callsOfTick,
  };
};

const dynamodbOf = async (options: PipelineOptions): Promise<Dynamodb> => {
  const endpoint = options.dynamodbEndpoint ?? process.env.DYNAMODB_ENDPOINT;
  if (endpoint !== undefined) return dynamodbAt(endpoint);
  return startDynamodb(options.dynamodbPort ?? 0, options.dynamodbEngine, options.tablesFile);
};

const poolsOf = (
  { functions }: LocalStack,
  endpoints: Endpoints,
  { concurrencyMax, concurrencyOf }: Settings,
  of: Pick<PoolOptions, 'program' | 'clock' | 'logs'>,
): Map<LambdaFunction, HandlerPool> =>
  new Map(
    functions.map((lambda) => {
      const environment = handlerEnvironment(lambda, endpoints);
      const processesMax = concurrencyOf[lambda.shortName] ?? concurrencyMax;
      return [lambda, handlerPool({ lambda, environment, processesMax, ...of })];
    }),
  );

/** Starts what calls functions: mappings and schedules. */
const startCalls = ({ stack, sqs, logs, pools, settings }: Running, cleanUp: AsyncDisposableStack): void => {
  const { clock, concurrencyMax, callsOfTick, visibilityScale } = settings;
  const poolOf = (lambda: LambdaFunction): HandlerPool => pools.get(lambda) as HandlerPool;
  const client = queueClient(sqs.call);
  const sources = stack.mappings.map((mapping) =>
    startEventSource({
      mapping,
      pool: poolOf(mapping.function),
      client,
      clock,
      collectors: Math.min(mapping.concurrencyMax, Math.max(COLLECTORS_MIN, concurrencyMax)),
      retrySeconds: retrySecondsOf(mapping, visibilityScale),
      report: logs.report,
    }),
  );
  const schedules = stack.schedules.map((schedule) =>
    startSchedule(schedule, poolOf(schedule.function), clock, callsOfTick),
  );
  cleanUp.defer(async () => {
    for (const schedule of schedules) schedule.stop();
    // The sources are stopped first, so that they do not report what fails during the shutdown.
    const ends = sources.map((source) => source.stop());
    client.close();
    await Promise.all([...ends, ...[...pools.values()].map((pool) => pool.stop())]);
  });
};

const pipelineOf = (running: Running, cleanUp: AsyncDisposableStack): Pipeline => {
  const { stack, sqs, dynamodb, secrets, logs, pools, settings } = running;
  let kills = 0;
  let stopping: Promise<void> | undefined;
  return {
    rules: rulesOf(dynamodb, settings),
    sqsEndpoint: sqs.endpoint,
    queues: () => queueClient(sqs.call),
    dynamodbEndpoint: dynamodb.endpoint,
    secretsManagerEndpoint: secrets?.endpoint,
    tableNames: Object.fromEntries(stack.tables.map(({ shortName, name }) => [shortName, name])),
    queueUrls: Object.fromEntries(stack.queues.map(({ shortName, url }) => [shortName, url])),
    output: stack.output,
    outputNames: stack.outputNames,
    ...queueView(running),
    consumed() {
      const names = new Map(stack.tables.map(({ shortName, name }) => [name, shortName]));
      return Object.fromEntries(
        [...logs.consumed()].map(([name, consumed]) => [names.get(name) ?? name, consumed]),
      );
    },
    invocations: () =>
      Object.fromEntries([...pools].map(([{ shortName }, pool]) => [shortName, pool.counts()])),
    call(shortName, event) {
      const lambda = stack.called.find((candidate) => candidate.shortName === shortName);
      const pool = lambda && pools.get(lambda);
      if (pool !== undefined) return pool.invoke(event);
      const names = stack.called.map((candidate) => candidate.shortName).join(', ');
      throw new Error(`function: expected one of ${names}, got ${shortName}`);
    },
    suspendRandomHandler(random, ms) {
      const victim = randomBusy(pools.values(), random);
      victim?.suspend(ms, 'stopped for longer than its messages stay hidden');
      return victim !== undefined;
    },
    killRandomHandler(random) {
      const victim = randomBusy(pools.values(), random);
      if (victim === undefined) return false;
      victim.kill('killed on purpose');
      kills += 1;
      return true;
    },
    get kills() {
      return kills;
    },
    stop() {
      stopping ??= cleanUp.disposeAsync();
      return stopping;
    },
  };
};

const rulesOf = ({ name }: Dynamodb, settings: Settings): string => {
  const { concurrencyMax, concurrencyOf, visibilityScale, callsOfTick } = settings;
  const others = Object.entries(concurrencyOf).map(([of, processes]) => `, ${of} ${processes}`);
  const ticks = callsOfTick === undefined ? '' : '; ticks are lost and doubled';
  return `tables in ${name}; processes of each function, at most: ${concurrencyMax}${others.join('')}; a failed batch comes back after 1/${visibilityScale} of its visibility timeout${ticks}`;
};
