import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#local/console/input-error.ts';
import type { Pipeline } from '../aws/pipeline.ts';

/** What `zhihui`'s verbs need to know of a run on this machine: where it answers, and its stack's outputs. */
export type RunFile = {
  pid: number;
  /** The endpoint of both SQS and S3. */
  sqsEndpoint: string;
  dynamodbEndpoint: string;
  secretsManagerEndpoint?: string;
  outputs: Readonly<Record<string, string>>;
};

/** The directory, below the current one, in which a run without `--data` says where it answers. */
export const DEFAULT_RUN_DIRECTORY = '.zhihui';
const RUN_FILE = 'run.json';
/** Outputs that only AWS has, such as the address of a topic, are left out. */
const NEEDED_OUTPUTS = /(?:QueueUrl|TableName|SecretArn|BucketName)$/;

type Announced = Pick<
  Pipeline,
  'sqsEndpoint' | 'dynamodbEndpoint' | 'secretsManagerEndpoint' | 'output' | 'outputNames'
>;

/**
 * Writes a file into a directory; the file says where a run answers. Returns a function that removes the
 * file, unless another run has replaced it.
 */
export const announceRun = (pipeline: Announced, directory = DEFAULT_RUN_DIRECTORY): (() => void) => {
  const path = join(directory, RUN_FILE);
  const { sqsEndpoint, dynamodbEndpoint, secretsManagerEndpoint } = pipeline;
  const names = pipeline.outputNames.filter((name) => NEEDED_OUTPUTS.test(name));
  const run: RunFile = {
    pid: process.pid,
    sqsEndpoint,
    dynamodbEndpoint,
    ...(secretsManagerEndpoint === undefined ? {} : { secretsManagerEndpoint }),
    outputs: Object.fromEntries(names.map((name) => [name, pipeline.output(name)])),
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`);
  return () => {
    if (readRunFile(directory)?.pid === process.pid) rmSync(path, { force: true });
  };
};

/**
 * What a run wrote into a directory; undefined if there is nothing, as when the run has ended and removed it. Throws an
 * InputError for a file that is not JSON.
 */
export const readRunFile = (directory: string): RunFile | undefined => {
  const path = join(directory, RUN_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as RunFile;
  } catch (cause) {
    throw new InputError(`${path}: expected what a run wrote there, got a text that is not JSON`, { cause });
  }
};
