/** Brings the messages of a queue to a function in batches, by the rules of Lambda's event source mappings. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import { batchCollector } from './batch-collector.ts';
import { allFailed, allSucceeded, type Settlement, settle } from './batch-response.ts';
import type { Clock } from './clock.ts';
import type { LogRecord } from './handler-logs.ts';
import type { HandlerPool } from './handler-pool.ts';
import type { QueueClient } from './queue-client.ts';
import type { Mapping } from './template.ts';

/**
 * Lambda's pollers of a standard queue: five batches are collected at the same time from the start, if the concurrency allows.
 */
export const COLLECTORS_MIN = 5;

/** How long a collector waits after a call to its queue has failed. */
const TROUBLE_MS = 1_000;

/** How long a mapping waits after a failed invocation. Each further failure in a row doubles it. AWS states no figures. */
const BACK_OFF_MS_MIN = 100;
const BACK_OFF_MS_MAX = 5_000;

export type EventSourceOptions = {
  readonly mapping: Mapping;
  readonly pool: Pick<HandlerPool, 'invoke'>;
  readonly client: QueueClient;
  /** The clock for the times at which messages were sent, as the function sees them. */
  readonly clock: Pick<Clock, 'at'>;
  /** How many batches are collected or in the function at the same time. */
  readonly collectors: number;
  /** How long the messages of a failed batch stay hidden, in whole seconds. */
  readonly retrySeconds: number;
  report(record: LogRecord): void;
};

/** SQS's default visibility timeout. */
const VISIBILITY_SECONDS_DEFAULT = 30;

/**
 * How long the messages of a failed batch stay hidden, in whole seconds, if visibility timeouts are divided by `visibilityScale`.
 */
export const retrySecondsOf = ({ queue }: Mapping, visibilityScale: number): number =>
  Math.round(Number(queue.attributes.VisibilityTimeout ?? VISIBILITY_SECONDS_DEFAULT) / visibilityScale);

export type EventSource = { stop(): Promise<void> };

/**
 * An event source mapping between a queue and a function, by Lambda's rules: several collectors make batches in parallel. A
 * batch is delivered when it is full, when its batching window, which begins with its first message, is over, or when another
 * message would make the payload too large. Messages that the function did not report as failed are deleted. Failed ones come
 * back, and so do all messages of a batch whose function threw, died, timed out or gave an invalid answer, until the queue's
 * redrive policy moves them to the dead-letter queue. While invocations fail, the mapping collects more slowly.
 *
 * One rule is relaxed. On AWS a failed message stays hidden until its visibility timeout is over, which is
 * six function timeouts and more, unless the function sets a delay for it; here it comes back after
 * `retrySeconds`, because otherwise a killed process would cost minutes.
 */
export const startEventSource = (options: EventSourceOptions): EventSource => {
  const { mapping, pool, client, clock, collectors, retrySeconds } = options;
  const { queue } = mapping;
  const stopped = new AbortController();
  const { signal } = stopped;
  let failuresInARow = 0;

  const report = (line: string): void =>
    options.report({ functionName: mapping.function.shortName, level: 'ERROR', line });
  const settleBatch = async (
    records: readonly SQSRecord[],
    { succeeded, failed, malformed }: Settlement,
  ): Promise<void> => {
    if (malformed !== undefined) report(`the whole batch failed: ${malformed}`);
    const handles = new Map(records.map(({ messageId, receiptHandle }) => [messageId, receiptHandle]));
    const handlesOf = (ids: readonly string[]): string[] => ids.map((id) => handles.get(id) ?? '');
    await Promise.all([
      client.delete(queue.url, handlesOf(succeeded)),
      client.hide(queue.url, handlesOf(failed), retrySeconds),
    ]);
  };
  const processBatch = async (records: readonly SQSRecord[]): Promise<void> => {
    const ids = records.map(({ messageId }) => messageId);
    const outcome = await pool.invoke({ Records: records });
    if (signal.aborted) return;
    failuresInARow = outcome.ok ? 0 : failuresInARow + 1;
    if (!outcome.ok) await settleBatch(records, allFailed(ids));
    else if (mapping.reportsItemFailures) await settleBatch(records, settle(ids, outcome.response));
    else await settleBatch(records, allSucceeded(ids));
  };
  const collect = async (): Promise<void> => {
    const collector = batchCollector(mapping, client, clock, signal);
    while (!signal.aborted) {
      try {
        if (failuresInARow > 0) await sleep(backOffMs(failuresInARow), undefined, { signal });
        const records = await collector.next();
        if (records.length > 0 && !signal.aborted) await processBatch(records);
      } catch (error) {
        if (signal.aborted) return;
        report(`queue ${queue.name}: ${(error as Error).message}`);
        await sleep(TROUBLE_MS, undefined, { signal }).catch(() => {});
      }
    }
  };
  const ends = Array.from({ length: collectors }, collect);
  return {
    async stop() {
      stopped.abort();
      await Promise.all(ends);
    },
  };
};

/** How long a mapping waits before it collects again, after this many failed invocations in a row. */
export const backOffMs = (failuresInARow: number): number =>
  Math.min(BACK_OFF_MS_MIN * 2 ** (failuresInARow - 1), BACK_OFF_MS_MAX);
