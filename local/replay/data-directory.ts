/** The directory in which a run keeps its tables, queues and secrets. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#local/console/input-error.ts';
import type { Pipeline } from '../aws/pipeline.ts';
import type { PipelineOptions } from '../aws/pipeline-options.ts';
import type { QueuedMessage } from '../aws/sqs.ts';

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

type Left = NonNullable<PipelineOptions['left']>;

/** Saves all messages in the queues, those kept for people and those still on their way, and returns how many there are. */
export const saveQueues = async (
  pipeline: Pick<Pipeline, 'queueUrls' | 'queued'>,
  directory: string,
): Promise<number> => {
  const kept: Record<string, QueuedMessage[]> = {};
  for (const name of Object.keys(pipeline.queueUrls)) {
    const messages = await pipeline.queued(name);
    if (messages.length > 0) kept[name] = messages;
  }
  const path = join(directory, QUEUES);
  writeFileSync(`${path}.new`, JSON.stringify(kept));
  renameSync(`${path}.new`, path);
  return countLeft(kept, Object.keys(kept));
};

/** How many messages are left in these queues. */
export const countLeft = (left: Left, queues: readonly string[]): number =>
  queues.reduce((sum, name) => sum + (left[name]?.length ?? 0), 0);

/** A file of the previous version holds only the bodies. */
type SavedMessage = QueuedMessage | string;

/**
 * Reads what {@link saveQueues} wrote, for a pipeline to put back. After a killed run, the file may hold messages that were
 * already processed, which all receivers allow for. Throws an InputError if the file holds no JSON.
 */
export const leftIn = (directory: string): Left => {
  const path = join(directory, QUEUES);
  if (!existsSync(path)) return {};
  try {
    const saved = JSON.parse(readFileSync(path, 'utf8')) as Record<string, SavedMessage[]>;
    return Object.fromEntries(
      Object.entries(saved).map(([name, messages]) => [
        name,
        messages.map((message) => (typeof message === 'string' ? { body: message } : message)),
      ]),
    );
  } catch (cause) {
    throw new InputError(`--data: expected queues in ${path}, got a text that is not JSON`, { cause });
  }
};
