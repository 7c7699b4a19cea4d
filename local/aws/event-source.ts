import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import { allFailed, allSucceeded, type Settlement, settle } from './batch-response.ts';
import type { Clock } from './clock.ts';
import type { LogRecord } from './handler-logs.ts';
import type { HandlerPool } from './handler-pool.ts';
import { MESSAGES_PER_CALL_MAX, type QueueClient } from './queue-client.ts';
import { toSqsRecord } from './sqs-record.ts';
import type { Mapping } from './template.ts';

/** Lambda's limit of an invocation's payload: 6 MB, in which it counts the whole event as JSON. */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** SQS's maximum, and what Lambda's pollers use. */
const LONG_POLL_SECONDS = 20;

/** SQS waits whole seconds only, so the last fraction of a window is spent looking this often. */
const SHORT_POLL_MS = 50;

/** Calls to receive that run side by side while a queue gives full tens. */
const RECEIVES_MAX = 8;

/** How long a mapping waits after a call to its queue has failed. */
const TROUBLE_MS = 1_000;

export type EventSourceOptions = {
  readonly mapping: Mapping;
  readonly pool: Pick<HandlerPool, 'invoke'>;
  readonly client: QueueClient;
  /** By which the function is told when its messages were sent. */
  readonly clock: Pick<Clock, 'at'>;
  /** Batches in the function at the same time, at most. */
  readonly concurrency: number;
  /** How long the messages of a failed batch stay hidden, in whole seconds. */
  readonly retrySeconds: number;
  report(record: LogRecord): void;
};

export type EventSource = { stop(): Promise<void> };

/**
 * An event source mapping between a queue and a function, by Lambda's rules: a batch is handed over when it has
 * as many messages as it may, or the window since its first message is over, or another message would make the payload too
 * large; what the function did not fail is deleted; what it failed, and all of a batch whose function threw, died, timed out or
 * answered nonsense, comes back, until the queue's redrive policy moves it to the dead-letter queue.
 *
 * One rule is relaxed. On AWS a failed message stays hidden until its visibility timeout, which is six function timeouts
 * and more; here it comes back after `retrySeconds`, or a killed process would cost minutes.
 */
export function startEventSource(options: EventSourceOptions): EventSource {
  const { mapping, pool, client, clock, concurrency, retrySeconds } = options;
  const { queue } = mapping;
  const collector = batchCollector(mapping, client, clock);
  let stopping = false;
  // One lane collects at a time: two that did would share a trickle of messages and make two small batches of it.
  let turn: Promise<unknown> = Promise.resolve();

  const report = (line: string): void =>
    options.report({ functionName: mapping.function.shortName, level: 'ERROR', line });
  const collectInTurn = (): Promise<SQSRecord[]> => {
    const mine = turn.then(() => (stopping ? [] : collector.next()));
    turn = mine.catch(() => {});
    return mine;
  };
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
  const lane = async (): Promise<void> => {
    while (!stopping) {
      try {
        const records = await collectInTurn();
        if (records.length === 0) continue;
        const ids = records.map(({ messageId }) => messageId);
        const outcome = await pool.invoke({ Records: records });
        if (stopping) return;
        if (!outcome.ok) await settleBatch(records, allFailed(ids));
        else
          await settleBatch(
            records,
            mapping.reportsItemFailures ? settle(ids, outcome.response) : allSucceeded(ids),
          );
      } catch (error) {
        if (stopping) return;
        report(`queue ${queue.name}: ${(error as Error).message}`);
        await sleep(TROUBLE_MS);
      }
    }
  };
  const lanes = Array.from({ length: concurrency }, lane);
  return {
    async stop() {
      stopping = true;
      collector.stop();
      await Promise.all(lanes);
    },
  };
}

type Collector = {
  /** The next batch; empty when none came within a long poll. Not to be called again before it has answered. */
  next(): Promise<SQSRecord[]>;
  stop(): void;
};

function batchCollector(
  { queue, batchMessagesMax, windowSeconds }: Mapping,
  client: QueueClient,
  clock: Pick<Clock, 'at'>,
): Collector {
  // Messages that were received and did not fit the last batch: they begin the next one.
  let pending: SQSRecord[] = [];
  const stopped = new AbortController();

  const receive = async (messagesMax: number, waitSeconds: number): Promise<number> => {
    const received = await client.receive(
      queue.url,
      Math.min(messagesMax, MESSAGES_PER_CALL_MAX),
      waitSeconds,
    );
    for (const message of received) pending.push(toSqsRecord(message, queue.arn, clock));
    return received.length;
  };
  /** Receives what is there, in calls side by side. */
  const receiveMany = async (messagesMax: number): Promise<number> => {
    const counts: Promise<number>[] = [];
    for (let left = messagesMax; left > 0; left -= MESSAGES_PER_CALL_MAX) counts.push(receive(left, 0));
    return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
  };
  /** Receives what comes next, without waiting past the end of the window. */
  const receiveNext = async (messagesMax: number, remainingMs: number): Promise<number> => {
    const wholeSeconds = Math.min(Math.floor(remainingMs / 1_000), LONG_POLL_SECONDS);
    if (wholeSeconds === 0) {
      await sleep(Math.min(remainingMs, SHORT_POLL_MS), undefined, { signal: stopped.signal });
    }
    return receive(messagesMax, wholeSeconds);
  };

  return {
    async next() {
      if (pending.length === 0) await receive(batchMessagesMax, LONG_POLL_SECONDS);
      const deadline = performance.now() + windowSeconds * 1_000;
      const records: SQSRecord[] = [];
      let bytes = 0;
      // Grows while the queue gives all that is asked for, so that a full queue is emptied fast and an empty one left alone.
      let calls = 1;
      while (pending.length > 0 || records.length > 0) {
        const fitting = prefixThatFits(pending, batchMessagesMax - records.length, PAYLOAD_BYTES_MAX - bytes);
        records.push(...pending.slice(0, fitting.count));
        pending = pending.slice(fitting.count);
        bytes += fitting.bytes;
        const remainingMs = deadline - performance.now();
        const missing = batchMessagesMax - records.length;
        if (pending.length > 0 || missing === 0 || remainingMs <= 0) break;
        const asked = Math.min(missing, Math.max(1, calls) * MESSAGES_PER_CALL_MAX);
        const received = calls === 0 ? await receiveNext(asked, remainingMs) : await receiveMany(asked);
        calls = received === asked ? Math.min(Math.max(1, calls) * 2, RECEIVES_MAX) : 0;
      }
      return records;
    },
    stop: () => stopped.abort(),
  };
}

/** How many of the records fit, and their size. The first record of a batch always fits: SQS's limit is below Lambda's. */
function prefixThatFits(
  records: readonly SQSRecord[],
  countMax: number,
  bytesMax: number,
): { count: number; bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (count >= countMax || bytes + size > bytesMax) break;
    count += 1;
    bytes += size;
  }
  return { count, bytes };
}
