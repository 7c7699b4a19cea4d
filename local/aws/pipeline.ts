import { type Context, readAssembly, synthesize } from './assembly.ts';
import { startBeaconRelay } from './beacon-relay.ts';
import { type Clock, startClock } from './clock.ts';
import { createTables, type Dynamodb, dynamodbAt, startDynoxide } from './dynamodb.ts';
import { startEventSource } from './event-source.ts';
import { BEACON_VARIABLE, handlerEnvironment } from './handler-environment.ts';
import { type Consumed, handlerLogs, type LogRecord } from './handler-logs.ts';
import { type HandlerPool, handlerPool, type InvocationCount } from './handler-pool.ts';
import type { Outcome } from './handler-worker.ts';
import { queueClient } from './queue-client.ts';
import { startSchedule } from './schedule.ts';
import { type Secrets, startSecrets } from './secrets.ts';
import { type Depth, startSqs } from './sqs.ts';
import { type LambdaFunction, localStack } from './template.ts';

export type { Consumed, Depth, InvocationCount, LogRecord, Outcome };

export type PipelineOptions = {
  /** Port of the SQS endpoint on 127.0.0.1; 0 (the default) takes a free one. */
  readonly sqsPort?: number;
  /** Port of the DynamoDB endpoint on 127.0.0.1; 0 (the default) takes a free one. Without effect on a `dynamodbEndpoint`. */
  readonly dynamodbPort?: number;
  /** Any DynamoDB endpoint to use instead of starting Dynoxide; default: the environment's DYNAMODB_ENDPOINT. */
  readonly dynamodbEndpoint?: string;
  /** A file that keeps the tables between runs; default: they are in memory. Without effect on a `dynamodbEndpoint`. */
  readonly tablesFile?: string;
  /** CDK context laid over that of cdk.json. */
  readonly context?: Context;
  /** A cloud assembly to run instead of synthesizing the app of lib/. */
  readonly assembly?: string;
  /** Handler processes that a function may have at once (default 2); a mapping's own maximum concurrency bounds it further. */
  readonly concurrency?: number;
  /** How long messages of a failed batch stay hidden, in ms (default 1000); SQS rounds it up to whole seconds. */
  readonly retryDelayMs?: number;
  /** Keeps the stack's secrets, made where it has none yet; default: a file that goes when the run ends. */
  readonly secretsFile?: string;
  /** The time that the functions live in; default: the machine's. */
  readonly clock?: Clock;
  /** Every line that the functions print is appended to this file. */
  readonly logFile?: string;
  /** Called for warnings and errors only. */
  readonly onLog?: (record: LogRecord) => void;
  /** What the names of tables, queues and functions begin with; default: the stack's name. */
  readonly tablePrefix?: string;
};

/** A stack that runs on this machine. Short names are kebab-case: `events`, `events-dead-letters`, `rejects`, `metrics`. */
export type Pipeline = {
  readonly sqsEndpoint: string;
  readonly dynamodbEndpoint: string;
  /** Undefined for a stack without secrets. */
  readonly secretsManagerEndpoint: string | undefined;
  /** Table names by short name. */
  readonly tableNames: Readonly<Record<string, string>>;
  /** Queue URLs by short name. */
  readonly queueUrls: Readonly<Record<string, string>>;
  /** The value of a CfnOutput such as `EventsQueueUrl`. Throws for a name that the stack does not have. */
  output(name: string): string;
  /** Messages in each queue by short name, all counted at one instant. */
  depths(): Promise<Record<string, Depth>>;
  /** True when no queue that a function works off holds a message in any state, and no function is running. */
  idle(): Promise<boolean>;
  /** The bodies in a queue, by its short name, without receiving them. */
  messages(queue: string): Promise<string[]>;
  /** Consumed capacity by table short name, as the functions' metrics state it. */
  consumed(): Record<string, Consumed>;
  /** Invocations and failed ones by function short name. */
  invocations(): Record<string, InvocationCount>;
  /**
   * Runs a function that the stack names in an output, as somebody outside of it would. Never rejects: a failure is an outcome.
   * Such a call sends nothing on its way, so the pipeline may be idle meanwhile. Throws for a function that has no such output.
   */
  call(shortName: string, event: unknown): Promise<Outcome>;
  /** SIGKILLs one of the handler processes that are busy; false when none is. `random` gives numbers in [0, 1). */
  killRandomHandler(random: () => number): boolean;
  /** How many processes `killRandomHandler` has killed. */
  readonly kills: number;
  /** Stops everything and frees the ports; may be called again. */
  stop(): Promise<void>;
};

const CONCURRENCY_DEFAULT = 2;
const RETRY_DELAY_MS_DEFAULT = 1_000;

const CONCURRENCY_MAX = 100;
/** SQS's maximum of a visibility timeout: 12 hours. */
const RETRY_DELAY_MS_MAX = 43_200_000;

/**
 * Runs the stack here: the same template that `cdk deploy` would create, its tables in Dynoxide, its queues in
 * fauxqs, its functions in processes behind event source mappings. Rejects, with nothing left running, when a port
 * is taken, a binary is missing, or the template uses what the local run does not know.
 */
export async function startPipeline(options: PipelineOptions = {}): Promise<Pipeline> {
  const cleanUp = new AsyncDisposableStack();
  try {
    return await start(options, cleanUp);
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
}

async function start(options: PipelineOptions, cleanUp: AsyncDisposableStack): Promise<Pipeline> {
  const concurrencyMax = whole('concurrency', options.concurrency ?? CONCURRENCY_DEFAULT, 1, CONCURRENCY_MAX);
  const retryDelayMs = whole(
    'retryDelayMs',
    options.retryDelayMs ?? RETRY_DELAY_MS_DEFAULT,
    0,
    RETRY_DELAY_MS_MAX,
  );
  const clock = options.clock ?? startClock();
  const logs = handlerLogs(options.logFile, options.onLog);
  cleanUp.defer(() => logs.close());

  const stopped = ({ stop }: { stop(): Promise<void> }): Promise<void> => stop();
  const [directory, sqs, dynamodb] = await allOrNone(
    options.assembly === undefined ? synthesize(options.context ?? {}) : Promise.resolve(options.assembly),
    startSqs(options.sqsPort ?? 0).then((started) => cleanUp.adopt(started, stopped)),
    startDynamodb(options).then((started) => cleanUp.adopt(started, stopped)),
  );
  const stack = localStack(readAssembly(directory), sqs.endpoint, options.tablePrefix);
  await Promise.all([sqs.createQueues(stack.queues), createTables(dynamodb.endpoint, stack.tables)]);

  const secrets: Secrets | undefined =
    stack.secrets.length === 0
      ? undefined
      : cleanUp.adopt(await startSecrets(stack.secrets, options.secretsFile), stopped);
  const asksBeacon = stack.functions.some(({ environment }) => environment[BEACON_VARIABLE] !== undefined);
  const endpoints = {
    sqs: sqs.endpoint,
    dynamodb: dynamodb.endpoint,
    ...(secrets && { secretsManager: secrets.endpoint }),
    ...(asksBeacon && { beacon: cleanUp.adopt(await startBeaconRelay(), stopped).endpoint }),
  };
  const pools = new Map(
    stack.functions.map((lambda) => [
      lambda,
      handlerPool(lambda, handlerEnvironment(lambda, endpoints), concurrencyMax, clock, logs),
    ]),
  );
  const poolOf = (lambda: LambdaFunction): HandlerPool => pools.get(lambda) as HandlerPool;
  const client = queueClient(sqs.endpoint);
  const sources = stack.mappings.map((mapping) =>
    startEventSource({
      mapping,
      pool: poolOf(mapping.function),
      client,
      clock,
      concurrency: Math.min(concurrencyMax, mapping.concurrencyMax),
      retrySeconds: Math.ceil(retryDelayMs / 1_000),
      report: logs.report,
    }),
  );
  const schedules = stack.schedules.map((schedule) =>
    startSchedule(schedule, poolOf(schedule.function), clock),
  );
  cleanUp.defer(async () => {
    for (const schedule of schedules) schedule.stop();
    // The sources learn first that it is over, so that what now fails around them is no trouble to report.
    const ends = sources.map((source) => source.stop());
    client.close();
    await Promise.all([...ends, ...[...pools.values()].map((pool) => pool.stop())]);
  });

  const workQueues = new Set(stack.mappings.map(({ queue }) => queue.name));
  const working = [...pools].filter(([lambda]) => !stack.called.includes(lambda)).map(([, pool]) => pool);
  const invocationsStarted = (): number => sum(working.map((pool) => pool.counts().invocations));
  const running = (): boolean => working.some((pool) => pool.running > 0);
  let kills = 0;
  let stopping: Promise<void> | undefined;
  return {
    sqsEndpoint: sqs.endpoint,
    dynamodbEndpoint: dynamodb.endpoint,
    secretsManagerEndpoint: secrets?.endpoint,
    tableNames: Object.fromEntries(stack.tables.map(({ shortName, name }) => [shortName, name])),
    queueUrls: Object.fromEntries(stack.queues.map(({ shortName, url }) => [shortName, url])),
    output: stack.output,
    async depths() {
      const depths = await sqs.depths();
      return Object.fromEntries(
        stack.queues.map(({ shortName, name }) => [shortName, depths.get(name) ?? NO_MESSAGES]),
      );
    },
    async idle() {
      // A message is in its queue until what its function made of it is in another, so one count of all queues at one
      // instant cannot miss it. Scheduled functions have no message: they count by having run meanwhile.
      const started = invocationsStarted();
      const depths = await sqs.depths();
      const left = [...depths].filter(([name]) => workQueues.has(name)).map(([, depth]) => messagesIn(depth));
      return sum(left) === 0 && !running() && invocationsStarted() === started;
    },
    async messages(shortName) {
      const queue = stack.queues.find((candidate) => candidate.shortName === shortName);
      if (queue !== undefined) return sqs.bodies(queue.name);
      const names = stack.queues.map((candidate) => candidate.shortName).join(', ');
      throw new Error(`queue: expected one of ${names}, got ${shortName}`);
    },
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
      if (lambda !== undefined) return poolOf(lambda).invoke(event);
      const names = stack.called.map((candidate) => candidate.shortName).join(', ');
      throw new Error(`function: expected one of ${names}, got ${shortName}`);
    },
    killRandomHandler(random) {
      const busy = [...pools.values()].flatMap((pool) => pool.busy());
      const victim = busy[Math.floor(random() * busy.length)];
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
}

const NO_MESSAGES: Depth = { visible: 0, inFlight: 0, delayed: 0 };

function messagesIn({ visible, inFlight, delayed }: Depth): number {
  return visible + inFlight + delayed;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function startDynamodb(options: PipelineOptions): Promise<Dynamodb> {
  const endpoint = options.dynamodbEndpoint ?? process.env.DYNAMODB_ENDPOINT;
  return endpoint === undefined
    ? startDynoxide(options.dynamodbPort ?? 0, undefined, options.tablesFile)
    : dynamodbAt(endpoint);
}

/** Waits for all, also when one rejects: what did start must be known before it can be stopped. */
async function allOrNone<T extends readonly unknown[]>(
  ...promises: { [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
}

function whole(option: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${option}: expected a whole number from ${min} to ${max}, got ${value}`);
}
