/** The directory in which a run keeps its tables, queues and secrets. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#local/console/input-error.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import type { PipelineOptions } from '../aws/pipeline-options.ts';
import { sqsSender } from './producer.ts';

const TABLES = 'tables.sqlite';
const SECRETS = 'secrets.json';
const QUEUES = 'queues.json';

/**
 * Makes the directory, and returns options for a pipeline that keeps its tables and secrets there. Throws an InputError if it
 * cannot be made.
 */
export const keptIn = (directory: string): Pick<PipelineOptions, 'tablesFile' | 'secretsFile'> => {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new InputError(`--data: expected a directory that can be made, got ${directory} (${message})`, {
      cause,
    });
  }
  return { tablesFile: join(directory, TABLES), secretsFile: join(directory, SECRETS) };
};

type Queued = Pick<Pipeline, 'queueUrls' | 'messages'>;

/** Saves all messages in the queues, and returns how many: those kept for people, and those still on their way. */
export const saveQueues = async (pipeline: Queued, directory: string): Promise<number> => {
  const kept: Record<string, string[]> = {};
  for (const name of Object.keys(pipeline.queueUrls)) {
    const bodies = await pipeline.messages(name);
    if (bodies.length > 0) kept[name] = bodies;
  }
  const path = join(directory, QUEUES);
  writeFileSync(`${path}.new`, JSON.stringify(kept));
  renameSync(`${path}.new`, path);
  return Object.values(kept).reduce((sum, bodies) => sum + bodies.length, 0);
};

const readQueues = (path: string): Record<string, string[]> => {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string[]>;
  } catch (cause) {
    throw new InputError(`--data: expected queues in ${path}, got a text that is not JSON`, { cause });
  }
};

/**
 * Puts back what {@link saveQueues} wrote, and returns how many messages. After a killed run a message may be there twice, which
 * all receivers allow for. Throws an InputError if the file holds no JSON.
 */
export const restoreQueues = async (
  { sqsEndpoint, queueUrls }: Pick<Pipeline, 'sqsEndpoint' | 'queueUrls'>,
  directory: string,
): Promise<number> => {
  let count = 0;
  for (const [name, bodies] of Object.entries(readQueues(join(directory, QUEUES)))) {
    const url = queueUrls[name];
    if (url === undefined) continue;
    const { send, close } = sqsSender(sqsEndpoint, url);
    try {
      for (const body of bodies) await send([{ body, bytes: Buffer.byteLength(body), records: 1 }]);
      count += bodies.length;
    } finally {
      close();
    }
  }
  return count;
};
