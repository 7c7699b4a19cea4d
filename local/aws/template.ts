/** Reads a CloudFormation template as a list of what to create on this machine. */
import { type Addresses, addressesOf, kebab, localArn } from './addresses.ts';
import { resolveIntrinsics } from './intrinsics.ts';

/** Properties of a queue that have the same name in CloudFormation and in the SQS API, and that change what the queue does. */
const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

/** Lambda's values for what a template leaves out. */
const MEMORY_MIB_DEFAULT = 128;
const TIMEOUT_SECONDS_DEFAULT = 3;
const BATCH_MESSAGES_DEFAULT = 10;

/** A synthesized stack: its template, and the paths of its assets by their object keys in the template. */
export type Assembly = {
  readonly stackName: string;
  readonly template: Template;
  readonly assets: ReadonlyMap<string, string>;
};
export type Template = {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
};
export type Resource = {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
};

export type Table = {
  readonly shortName: string;
  readonly name: string;
  /** Key schema, attribute definitions and indexes as CreateTable takes them. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** The attribute that says when an item expires, in seconds since 1970. */
  readonly expiryAttribute?: string;
};
export type Queue = {
  readonly shortName: string;
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  /** As CreateQueue takes them: strings, the redrive policy as JSON. */
  readonly attributes: Readonly<Record<string, string>>;
};
export type LambdaFunction = {
  readonly shortName: string;
  readonly name: string;
  readonly arn: string;
  /** Directory that holds the code. */
  readonly directory: string;
  /** `file.export`, such as `index.handler`. */
  readonly handler: string;
  readonly memoryMib: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
};
/** An event source mapping: which function processes which queue, and how. */
export type Mapping = {
  readonly queue: Queue;
  readonly function: LambdaFunction;
  readonly batchMessagesMax: number;
  readonly windowSeconds: number;
  /** Concurrent invocations at most; Infinity without a bound. */
  readonly concurrencyMax: number;
  readonly reportsItemFailures: boolean;
};
/** A function that is called at a rate; `input` replaces EventBridge's own event. */
export type Schedule = {
  readonly arn: string;
  readonly function: LambdaFunction;
  readonly everySeconds: number;
  readonly input: unknown;
};

/** What a stack consists of on this machine. */
export type LocalStack = {
  readonly tables: readonly Table[];
  readonly queues: readonly Queue[];
  /**
   * Functions that have a mapping or a schedule, or are called from outside. Functions that the CDK adds for deployments are
   * not included.
   */
  readonly functions: readonly LambdaFunction[];
  /** Functions whose name is an output of the stack, because somebody calls them from outside. */
  readonly called: readonly LambdaFunction[];
  readonly mappings: readonly Mapping[];
  readonly schedules: readonly Schedule[];
  /** The ARNs of its secrets, by which functions ask for them. */
  readonly secrets: readonly string[];
  /** The names of its buckets. */
  readonly buckets: readonly string[];
  /** The names of its outputs. */
  readonly outputNames: readonly string[];
  /** The value of an output. Resolved when asked for, because an output may use what only AWS has. */
  output(name: string): string;
};

/**
 * Reads a template as a description of what to create here. Throws for a property that affects how events are processed and that
 * the local run does not implement: if it were ignored, a local run would prove less than it seems to.
 */
export const localStack = (
  assembly: Assembly,
  sqsEndpoint: string,
  prefix = kebab(assembly.stackName),
): LocalStack => {
  const addresses = addressesOf(assembly.template, assembly.stackName, prefix, sqsEndpoint);
  const reader = readerOf(assembly.template, addresses);
  const queues = queuesOf(reader, addresses);
  const functionAt = functionsByArn(reader, addresses, assembly.assets);
  const mappings = mappingsOf(reader, queues, functionAt);
  const schedules = [...rulesOf(reader, functionAt), ...schedulesOf(reader, functionAt)];
  const called = calledOf(assembly.template, addresses, functionAt);
  return {
    tables: tablesOf(reader, addresses),
    queues,
    functions: [...new Set([...[...mappings, ...schedules].map((source) => source.function), ...called])],
    called,
    mappings,
    schedules,
    secrets: [...addresses.secrets.values()].map(({ arn }) => arn),
    buckets: [...addresses.buckets.values()].map(({ name }) => name),
    outputNames: Object.keys(assembly.template.Outputs ?? {}),
    output(name) {
      const outputs = assembly.template.Outputs ?? {};
      const output = outputs[name];
      if (output === undefined) {
        throw new Error(`output: expected one of ${Object.keys(outputs).sort().join(', ')}, got ${name}`);
      }
      return String(resolveIntrinsics(output.Value, addresses.scope, `Outputs.${name}`));
    },
  };
};

/** Reads resources' properties with their intrinsic functions resolved. */
type Reader = {
  /** Logical ids of all resources of a type. */
  of(type: string): string[];
  get<T>(logicalId: string, property: string): T | undefined;
  need<T>(logicalId: string, property: string): T;
  /** A property as the template has it, with its intrinsic functions unresolved. */
  raw(logicalId: string, property: string): unknown;
  /** Throws when the resource has one of these properties. */
  refuse(logicalId: string, ...properties: readonly string[]): void;
};

const readerOf = (template: Template, { scope }: Addresses): Reader => {
  const raw = (logicalId: string, property: string): unknown =>
    template.Resources[logicalId]?.Properties?.[property];
  const get = <T>(logicalId: string, property: string): T | undefined =>
    resolveIntrinsics(raw(logicalId, property), scope, `${logicalId}.${property}`) as T | undefined;
  return {
    of: (type) =>
      Object.keys(template.Resources).filter((logicalId) => template.Resources[logicalId]?.Type === type),
    get,
    need<T>(logicalId: string, property: string): T {
      const value = get<T>(logicalId, property);
      if (value === undefined) throw new Error(`template: ${logicalId} has no ${property}`);
      return value;
    },
    raw,
    refuse(logicalId, ...properties) {
      for (const property of properties) {
        if (raw(logicalId, property) === undefined) continue;
        throw new Error(`template: ${logicalId} has ${property}, which the local run does not know`);
      }
    },
  };
};

const tablesOf = (reader: Reader, { tables }: Addresses): Table[] => {
  return [...tables].map(([logicalId, { shortName, name }]) => {
    reader.refuse(logicalId, 'StreamSpecification', 'KinesisStreamSpecification');
    const globalIndexes = reader.get<unknown[]>(logicalId, 'GlobalSecondaryIndexes');
    const localIndexes = reader.get<unknown[]>(logicalId, 'LocalSecondaryIndexes');
    const definition = {
      KeySchema: reader.need<unknown[]>(logicalId, 'KeySchema'),
      AttributeDefinitions: reader.need<unknown[]>(logicalId, 'AttributeDefinitions'),
      ...(globalIndexes && { GlobalSecondaryIndexes: globalIndexes }),
      ...(localIndexes && { LocalSecondaryIndexes: localIndexes }),
    };
    const expiry = reader.get<{ AttributeName: string; Enabled: boolean }>(
      logicalId,
      'TimeToLiveSpecification',
    );
    return {
      shortName,
      name,
      definition,
      ...(expiry?.Enabled ? { expiryAttribute: expiry.AttributeName } : {}),
    };
  });
};

const queuesOf = (reader: Reader, { queues }: Addresses): Queue[] => {
  return [...queues].map(([logicalId, { shortName, name, url, arn }]) => {
    reader.refuse(logicalId, 'FifoQueue');
    const attributes = QUEUE_ATTRIBUTES.flatMap((attribute): [string, string][] => {
      const value = reader.get<unknown>(logicalId, attribute);
      if (value === undefined) return [];
      return [[attribute, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    });
    return { shortName, name, url, arn, attributes: Object.fromEntries(attributes) };
  });
};

type FunctionAt = (arnOrName: string) => LambdaFunction;

/** Functions are read when a mapping, a schedule or an output refers to them, each once. */
const functionsByArn = (reader: Reader, { functions }: Addresses, assets: Assembly['assets']): FunctionAt => {
  const read = new Map<string, LambdaFunction>();
  return (arnOrName) => {
    const found = [...functions].find(([, { name, arn }]) => arn === arnOrName || name === arnOrName);
    if (found === undefined)
      throw new Error(`template: no function of this stack has the name or ARN ${arnOrName}`);
    const [logicalId, { shortName, name, arn }] = found;
    const existing = read.get(logicalId);
    if (existing !== undefined) return existing;
    const { S3Key } = (reader.raw(logicalId, 'Code') ?? {}) as { S3Key?: unknown };
    const directory = typeof S3Key === 'string' ? assets.get(S3Key) : undefined;
    if (directory === undefined)
      throw new Error(`template: ${logicalId} has code that is not an asset of this stack`);
    const lambda: LambdaFunction = {
      shortName,
      name,
      arn,
      directory,
      handler: reader.need(logicalId, 'Handler'),
      memoryMib: reader.get(logicalId, 'MemorySize') ?? MEMORY_MIB_DEFAULT,
      timeoutSeconds: reader.get(logicalId, 'Timeout') ?? TIMEOUT_SECONDS_DEFAULT,
      environment:
        reader.get<{ Variables?: Record<string, string> }>(logicalId, 'Environment')?.Variables ?? {},
    };
    read.set(logicalId, lambda);
    return lambda;
  };
};

/** The functions that outputs refer to by their name. */
const calledOf = (template: Template, { functions }: Addresses, functionAt: FunctionAt): LambdaFunction[] => {
  return Object.values(template.Outputs ?? {}).flatMap(({ Value: value }) => {
    const { Ref: logicalId } = (value ?? {}) as { Ref?: string };
    const address = logicalId === undefined ? undefined : functions.get(logicalId);
    return address === undefined ? [] : [functionAt(address.name)];
  });
};

const mappingsOf = (reader: Reader, queues: readonly Queue[], functionAt: FunctionAt): Mapping[] => {
  return reader
    .of('AWS::Lambda::EventSourceMapping')
    .filter((logicalId) => reader.get(logicalId, 'Enabled') !== false)
    .map((logicalId) => {
      reader.refuse(logicalId, 'FilterCriteria', 'ProvisionedPollerConfig');
      const arn = reader.need<string>(logicalId, 'EventSourceArn');
      const queue = queues.find((candidate) => candidate.arn === arn);
      if (queue === undefined)
        throw new Error(`template: ${logicalId} reads from ${arn}, which is no queue of this stack`);
      const scaling = reader.get<{ MaximumConcurrency?: number }>(logicalId, 'ScalingConfig');
      const responses = reader.get<string[]>(logicalId, 'FunctionResponseTypes');
      return {
        queue,
        function: functionAt(reader.need(logicalId, 'FunctionName')),
        batchMessagesMax: reader.get(logicalId, 'BatchSize') ?? BATCH_MESSAGES_DEFAULT,
        windowSeconds: reader.get(logicalId, 'MaximumBatchingWindowInSeconds') ?? 0,
        concurrencyMax: scaling?.MaximumConcurrency ?? Number.POSITIVE_INFINITY,
        reportsItemFailures: responses?.includes('ReportBatchItemFailures') ?? false,
      };
    });
};

/** EventBridge rules with a schedule. Rules that match events are refused, because there are no such events here. */
const rulesOf = (reader: Reader, functionAt: FunctionAt): Schedule[] => {
  return reader
    .of('AWS::Events::Rule')
    .filter((logicalId) => reader.get(logicalId, 'State') !== 'DISABLED')
    .flatMap((logicalId) => {
      reader.refuse(logicalId, 'EventPattern');
      const everySeconds = rateSeconds(logicalId, reader.need(logicalId, 'ScheduleExpression'));
      const targets = reader.get<{ Arn: string; Input?: string }[]>(logicalId, 'Targets') ?? [];
      return targets.map(({ Arn, Input }) => ({
        arn: localArn('events', `rule/${logicalId}`),
        function: functionAt(Arn),
        everySeconds,
        input: Input === undefined ? undefined : JSON.parse(Input),
      }));
    });
};

/** EventBridge Scheduler's schedules. */
const schedulesOf = (reader: Reader, functionAt: FunctionAt): Schedule[] => {
  return reader
    .of('AWS::Scheduler::Schedule')
    .filter((logicalId) => reader.get(logicalId, 'State') !== 'DISABLED')
    .map((logicalId) => {
      const { Arn, Input } = reader.need<{ Arn: string; Input?: string }>(logicalId, 'Target');
      return {
        arn: localArn('scheduler', `schedule/default/${logicalId}`),
        function: functionAt(Arn),
        everySeconds: rateSeconds(logicalId, reader.need(logicalId, 'ScheduleExpression')),
        input: Input === undefined ? {} : JSON.parse(Input),
      };
    });
};

const UNIT_SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };

/** `rate(5 minutes)` → 300. */
const rateSeconds = (logicalId: string, expression: string): number => {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = Number(count) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (seconds > 0) return seconds;
  throw new Error(
    `template: ${logicalId}.ScheduleExpression: expected rate(n minutes|hours|days), got ${expression}`,
  );
};
