import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { InputError } from '#local/console/input-error.ts';
import { escapeBodies } from '#platform/ascii-bodies.ts';
import { makeLogger } from '#platform/log.ts';
import { makeRuntime, type Runtime } from '#platform/runtime.ts';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from '../aws/addresses.ts';
import { optional, type Values } from '../cli/options.ts';
import { DEFAULT_RUN_DIRECTORY, type RunFile, readRunFile } from './run-file.ts';
import { stackOutputs } from './stack-outputs.ts';

/** Which pipeline a verb works on: a stack in AWS, or a run on this machine by its directory. */
export type TargetOptions = { stack?: string; data?: string };

/** The names of these options. */
export const TARGET_TEXTS = ['stack', 'data'];

export const TARGET_HELP = `
Which pipeline
  --stack NAME   a stack in AWS, with the SDK's configuration (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL)
  --data DIR     a run on this machine that keeps its data there
                 (default: the run on this machine that was started in this directory)
`;

export const targetOptions = (values: Values): TargetOptions => ({
  ...optional('stack', values.stack as string | undefined),
  ...optional('data', values.data as string | undefined),
});

/** A pipeline to look at and to change, wherever it runs. */
export type Target = {
  /** How messages to the user name it. */
  name: string;
  /** Lets the functions' own code read and write its tables and queues. */
  runtime: Runtime;
  sqs: SQSClient;
  /** The client for its bucket. It is loaded only for the verbs that use it. */
  s3(): Promise<S3Client>;
  /** An output of its stack. Throws if the stack has no output of this name, which is possible in an older version. */
  output(name: string): string;
  /** The queues that functions process, each with its dead letters, by name. */
  workQueues: readonly { name: string; url: string; deadLettersUrl: string }[];
  close(): void;
};

/** The functions' environment variables that the verbs need, each with the stack's output that is its value. */
const VARIABLES: Readonly<Record<string, string>> = {
  CAMPAIGNS_TABLE: 'CampaignsTableName',
  METRICS_TABLE: 'MetricsTableName',
  MEMBERS_TABLE: 'MembersTableName',
  GRANTS_TABLE: 'GrantsTableName',
  DRAWS_TABLE: 'DrawsTableName',
  DRAW_SECRET: 'DrawSecretArn',
  ERASURE_SECRET: 'ErasureSecretArn',
  PUBLISHER_QUEUE_URL: 'PublisherQueueUrl',
};

const DEAD_LETTERS = /^(.+)DeadLetterQueueUrl$/;

/** `FreeOrder` → `free-order`. */
const kebab = (label: string): string =>
  label.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

const workQueuesOf = (outputs: Readonly<Record<string, string>>): Target['workQueues'] =>
  Object.entries(outputs).flatMap(([output, deadLettersUrl]) => {
    const label = DEAD_LETTERS.exec(output)?.[1];
    const url = label && outputs[`${label}QueueUrl`];
    return label && url ? [{ name: kebab(label), url, deadLettersUrl }] : [];
  });

type Configuration = { region?: string; credentials?: typeof DUMMY_CREDENTIALS };

const targetOf = (name: string, outputs: Readonly<Record<string, string>>, run?: RunFile): Target => {
  const shared: Configuration =
    run === undefined ? {} : { region: LOCAL_REGION, credentials: DUMMY_CREDENTIALS };
  const at = (endpoint: string | undefined) => ({
    ...shared,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const dynamodb = new DynamoDBClient(at(run?.dynamodbEndpoint));
  const sqs = new SQSClient(at(run?.sqsEndpoint));
  const secrets = new SecretsManagerClient(at(run?.secretsManagerEndpoint));
  const output = (wanted: string): string => {
    const value = outputs[wanted];
    if (value !== undefined) return value;
    throw new Error(`${name}: expected an output ${wanted}, got none; is it deployed from this version?`);
  };
  const runtime = makeRuntime({
    clients: { dynamodb: run === undefined ? dynamodb : escapeBodies(dynamodb), sqs, secrets },
    clock: { nowMs: () => Date.now(), wait: (ms) => sleep(ms) },
    random: Math.random,
    environment: (variable) => (VARIABLES[variable] === undefined ? undefined : output(VARIABLES[variable])),
    logger: makeLogger({ serviceName: 'zhihui', logLevel: 'ERROR' }),
    fetch,
  });
  let s3: S3Client | undefined;
  return {
    name,
    runtime,
    sqs,
    s3: async () => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      s3 ??= new S3Client(at(run?.sqsEndpoint));
      return s3;
    },
    output,
    workQueues: workQueuesOf(outputs),
    close: () => {
      for (const client of [dynamodb, sqs, secrets, s3]) client?.destroy();
    },
  };
};

/** Finds the pipeline that options name. Throws an InputError if there is none. */
export const openTarget = async ({ stack, data }: TargetOptions): Promise<Target> => {
  if (stack !== undefined && data !== undefined)
    throw new InputError('--stack and --data: expected one of them, got both');
  if (stack !== undefined) return targetOf(`stack ${stack}`, await stackOutputs(stack));
  const directory = data ?? DEFAULT_RUN_DIRECTORY;
  const run = readRunFile(directory);
  if (run === undefined)
    throw new InputError(
      `${data === undefined ? 'this directory' : `--data ${data}`}: expected a run that is up, got none; start one with npm start, or name a stack with --stack NAME`,
    );
  return targetOf(`the run of process ${run.pid}`, run.outputs, run);
};

/** Lets a verb work on a pipeline, and closes the pipeline afterwards. A refused connection means that the run has ended. */
export const withTarget = async (
  options: TargetOptions,
  work: (target: Target) => Promise<number>,
): Promise<number> => {
  const target = await openTarget(options);
  try {
    return await work(target);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw cause;
    throw new Error(`${target.name}: expected an answer, got none; it has ended`, { cause });
  } finally {
    target.close();
  }
};
