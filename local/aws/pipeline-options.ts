/** What the local run of a stack can be asked for. */
import type { Context } from './assembly.ts';
import { type Clock, startClock } from './clock.ts';
import type { Dynamodb, Engine } from './dynamodb.ts';
import type { Endpoints } from './handler-environment.ts';
import type { LogRecord } from './handler-logs.ts';
import type { TickFate } from './schedule.ts';
import type { LeftMessage } from './sqs.ts';

export type PipelineOptions = {
  /** Port of the SQS endpoint on 127.0.0.1; 0 (the default) takes a free one. */
  readonly sqsPort?: number;
  /** Port of the DynamoDB endpoint on 127.0.0.1; 0 (the default) takes a free one. Ignored with a `dynamodbEndpoint`. */
  readonly dynamodbPort?: number;
  /** A DynamoDB endpoint to use instead of starting one; default: the environment's DYNAMODB_ENDPOINT. */
  readonly dynamodbEndpoint?: string;
  /** A file that keeps the tables between runs; default: they are in memory. Ignored with a `dynamodbEndpoint`. */
  readonly tablesFile?: string;
  /** What an earlier run has left in its queues, by the queues' short names. Queues that the stack does not have are left out. */
  readonly left?: Readonly<Record<string, readonly LeftMessage[]>>;
  /** What to start if no DynamoDB endpoint is given; default: the environment's LOCAL_DYNAMODB, or what this machine can run. */
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
  /** By how much the windows in which mappings collect their batches are shortened (default 1). */
  readonly windowScale?: number;
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

export type Services = Pick<Endpoints, 'sqs' | 'dynamodb'>;

/** How functions are called. */
export type Settings = {
  readonly clock: Clock;
  readonly concurrencyMax: number;
  readonly concurrencyOf: Readonly<Record<string, number>>;
  readonly visibilityScale: number;
  readonly windowScale: number;
  readonly callsOfTick: TickFate | undefined;
};

const CONCURRENCY_DEFAULT = 2;
const CONCURRENCY_MAX = 100;
export const VISIBILITY_SCALE_DEFAULT = 60;
/** The longest visibility timeout of SQS, 12 hours, in seconds. Divided by this, any timeout is at most a second. */
export const VISIBILITY_SCALE_MAX = 43_200;
/** At this scale a window of a second takes 10 ms. Nothing is gained by shorter ones. */
const WINDOW_SCALE_MAX = 100;

const scaleOf = (name: string, scale: number, max: number): number => {
  if (!(scale >= 1 && scale <= max))
    throw new Error(`${name}: expected a number from 1 to ${max}, got ${scale}`);
  return scale;
};

/** The settings that the options name, or else their defaults. Throws an error that names an option that is out of its range. */
export const settingsOf = (options: PipelineOptions): Settings => {
  const { visibilityScale = VISIBILITY_SCALE_DEFAULT, windowScale = 1 } = options;
  const { concurrency = CONCURRENCY_DEFAULT } = options;
  if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= CONCURRENCY_MAX))
    throw new Error(`concurrency: expected a whole number from 1 to ${CONCURRENCY_MAX}, got ${concurrency}`);
  return {
    clock: options.clock ?? startClock(),
    concurrencyMax: concurrency,
    concurrencyOf: options.concurrencyOf ?? {},
    visibilityScale: scaleOf('visibilityScale', visibilityScale, VISIBILITY_SCALE_MAX),
    windowScale: scaleOf('windowScale', windowScale, WINDOW_SCALE_MAX),
    callsOfTick: options.callsOfTick,
  };
};

/** One line for people: the engine of the tables, and which of AWS's rules differ here. */
export const rulesOf = ({ name }: Pick<Dynamodb, 'name'>, settings: Settings): string => {
  const { concurrencyMax, concurrencyOf, visibilityScale, windowScale, callsOfTick } = settings;
  const others = Object.entries(concurrencyOf).map(([of, processes]) => `, ${of} ${processes}`);
  const windows = windowScale === 1 ? '' : `; batches are collected for 1/${windowScale} of their windows`;
  const ticks = callsOfTick === undefined ? '' : '; ticks are lost and doubled';
  return `tables in ${name}; processes of each function, at most: ${concurrencyMax}${others.join('')}; a failed batch comes back after 1/${visibilityScale} of its visibility timeout${windows}${ticks}`;
};
