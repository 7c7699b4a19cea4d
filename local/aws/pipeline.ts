/** Runs the whole stack on this machine. */
import { allOrNone } from './all-or-none.ts';
import { assemble, type Context, readAssembly } from './assembly.ts';
import { startBeaconRelay } from './beacon-relay.ts';
import { createTables, type Dynamodb, dynamodbAt, startDynamodb } from './dynamodb.ts';
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
import { type PipelineOptions, rulesOf, type Settings, settingsOf } from './pipeline-options.ts';
import { type QueueClient, queueClient } from './queue-client.ts';
import { type QueueView, queueView } from './queue-view.ts';
import { startSchedule } from './schedule.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { type Depth, type Sqs, startSqs } from './sqs.ts';
import { type LambdaFunction, type LocalStack, localStack } from './template.ts';

export type { Consumed, Depth, InvocationCount, LogRecord, Outcome };

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
  /** The numbers of invocations and of failed invocations, by function short name. */
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

/**
 * Runs the stack here: from the same template that `cdk deploy` would use, its tables in a local DynamoDB, its queues in
 * fauxqs, its functions in processes behind event source mappings. Rejects, with nothing left running, when a port
 * is taken, or the template uses something that the local run does not know.
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
  for (const { name, shortName } of stack.queues) await sqs.putBack(name, options.left?.[shortName] ?? []);

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
  const { clock, concurrencyMax, callsOfTick, visibilityScale, windowScale } = settings;
  const poolOf = (lambda: LambdaFunction): HandlerPool => pools.get(lambda) as HandlerPool;
  const client = queueClient(sqs.call);
  const sources = stack.mappings.map((mapping) =>
    startEventSource({
      mapping: { ...mapping, windowSeconds: mapping.windowSeconds / windowScale },
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
