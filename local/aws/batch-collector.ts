/** Collects a queue's messages into batches, as Lambda's pollers do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSRecord } from 'aws-lambda';
import type { Clock } from './clock.ts';
import { MESSAGES_PER_CALL_MAX, type QueueClient } from './queue-client.ts';
import { toSqsRecord } from './sqs-record.ts';
import type { Mapping } from './template.ts';

/** Lambda's limit for the payload of an invocation: 6 MB, which the whole event as JSON must not exceed. */
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** SQS's maximum, and what Lambda's pollers use. */
const LONG_POLL_SECONDS = 20;

/**
 * SQS waits whole seconds only, so the last fraction of a window is spent polling at this interval. It is not shorter, because
 * five collectors of each queue poll, and one thread answers all of them.
 */
const SHORT_POLL_MS = 250;

/** While each call returns the full ten messages, up to this many run in parallel. */
const RECEIVES_MAX = 8;

/** Makes batches of a queue's messages, one at a time. */
export type BatchCollector = {
  /** The next batch; empty if no message came within a long poll. Call this again only after the previous call has answered. */
  next(): Promise<SQSRecord[]>;
};

export const batchCollector = (
  { queue, batchMessagesMax, windowSeconds }: Mapping,
  client: Pick<QueueClient, 'receive'>,
  clock: Pick<Clock, 'at'>,
  signal: AbortSignal,
): BatchCollector => {
  // Received messages that did not fit the last batch begin the next one.
  let pending: SQSRecord[] = [];

  const receive = async (messagesMax: number, waitSeconds: number): Promise<number> => {
    const received = await client.receive(
      queue.url,
      Math.min(messagesMax, MESSAGES_PER_CALL_MAX),
      waitSeconds,
    );
    for (const message of received) pending.push(toSqsRecord(message, queue.arn, clock));
    return received.length;
  };
  /** Receives what is there, in parallel calls. */
  const receiveMany = async (messagesMax: number): Promise<number> => {
    const counts: Promise<number>[] = [];
    for (let left = messagesMax; left > 0; left -= MESSAGES_PER_CALL_MAX) counts.push(receive(left, 0));
    return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
  };
  /** Receives what comes next, without waiting past the end of the window. */
  const receiveNext = async (messagesMax: number, remainingMs: number): Promise<number> => {
    const wholeSeconds = Math.min(Math.floor(remainingMs / 1_000), LONG_POLL_SECONDS);
    if (wholeSeconds === 0) await sleep(Math.min(remainingMs, SHORT_POLL_MS), undefined, { signal });
    return receive(messagesMax, wholeSeconds);
  };

  const next = async (): Promise<SQSRecord[]> => {
    if (pending.length === 0) await receive(batchMessagesMax, LONG_POLL_SECONDS);
    const deadline = performance.now() + windowSeconds * 1_000;
    const records: SQSRecord[] = [];
    let bytes = 0;
    // Grows while the queue returns as much as was asked for, so a full queue is emptied fast and an empty
    // one is rarely asked.
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
  };
  return { next };
};

/**
 * How many of the records fit, and their size. The first record of a batch always fits: SQS's limit for a message is below
 * Lambda's limit for a payload.
 */
const prefixThatFits = (
  records: readonly SQSRecord[],
  countMax: number,
  bytesMax: number,
): { count: number; bytes: number } => {
  let count = 0;
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (count >= countMax || bytes + size > bytesMax) break;
    count += 1;
    bytes += size;
  }
  return { count, bytes };
};
