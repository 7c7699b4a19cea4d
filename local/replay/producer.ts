/** Sends messages to the pipeline, only as fast as it takes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BatchResultErrorEntry,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { SQS_MESSAGE_BYTES_MAX } from '#lib/limits.ts';
import type { Message } from './packer.ts';
import { splitBody } from './split-body.ts';

/** SQS takes at most 10 messages a call, and 1 MiB. */
const CALL_MESSAGES_MAX = 10;
const CALL_BYTES_MAX = SQS_MESSAGE_BYTES_MAX;
/** The most calls that run at the same time. */
const CALLS_MAX = 4;
/** The most messages and bytes that may wait in the pipeline before the producer pauses. */
const WAITING_MESSAGES_MAX = 500;
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const ROOM_POLL_MS = 20;
const ATTEMPTS_MAX = 8;
/** The pause after attempt n is this, doubled n times. */
const BACKOFF_UNIT_MS = 50;

/** If there is a rate, one call carries at most the records of this much time, so that they are sent evenly. */
const PACED_CALL_SECONDS = 0.2;

/** Sends messages to a queue; throws unless every one was accepted. */
export type Send = (messages: readonly Message[]) => Promise<void>;

/** Sends a batch to a queue by SQS's SendMessageBatch. */
export type SendBatch = (
  queueUrl: string,
  entries: SendMessageBatchRequestEntry[],
) => Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>;

/**
 * Makes a function that sends to a queue. If a control queue is named, events about campaigns and members go there. The function
 * takes up to ten messages, and sends each queue its events in one call, which it repeats for messages that SQS failed to take.
 */
export const batchSender = (sendBatch: SendBatch, queueUrl: string, controlUrl?: string): Send => {
  const sendBodies = async (queueUrl: string, bodies: readonly string[]): Promise<void> => {
    let entries = bodies.map((body, i) => ({ Id: String(i), MessageBody: body }));
    for (let attempt = 1; entries.length > 0; attempt++) {
      const { Failed: failed = [] } = await sendBatch(queueUrl, entries);
      if (failed.length === 0) return;
      const worst = failed.find(({ SenderFault: isOurs }) => isOurs) ?? failed[0]!;
      if (worst.SenderFault || attempt === ATTEMPTS_MAX) {
        const why = `${worst.Code} ${worst.Message ?? ''}`.trim();
        throw new Error(`queue ${queueUrl}: ${failed.length} of ${entries.length} messages refused: ${why}`);
      }
      await sleep(BACKOFF_UNIT_MS * 2 ** attempt);
      const again = new Set(failed.map(({ Id: id }) => id));
      entries = entries.filter(({ Id: id }) => again.has(id));
    }
  };
  return async (messages) => {
    if (controlUrl === undefined) {
      await sendBodies(
        queueUrl,
        messages.map(({ body }) => body),
      );
      return;
    }
    const split = messages.map(({ body }) => splitBody(body));
    await sendBodies(
      controlUrl,
      split.flatMap(({ control }) => control ?? []),
    );
    await sendBodies(
      queueUrl,
      split.flatMap(({ events }) => events ?? []),
    );
  };
};

/** A {@link batchSender} that uses the AWS SDK. */
export const sqsSender = (
  endpoint: string,
  queueUrl: string,
  controlUrl?: string,
): { send: Send; close: () => void } => {
  const client = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: ATTEMPTS_MAX,
  });
  const sendBatch: SendBatch = (QueueUrl, Entries) =>
    client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  return { send: batchSender(sendBatch, queueUrl, controlUrl), close: () => client.destroy() };
};

export type ProducerOptions = {
  send: Send;
  /** How many messages wait in the pipeline now. */
  waiting: () => Promise<number>;
  /** Records a second at most; undefined for as fast as the pipeline takes them. */
  rate?: number | undefined;
  signal: AbortSignal;
  /** Gets the messages of each call once SQS has accepted them. */
  onSent: (messages: readonly Message[]) => void;
};

/**
 * Sends messages in calls as large as SQS takes, several calls at a time, and never lets more wait in the pipeline than a
 * fixed number of messages and bytes, so that memory does not depend on how much is sent. Resolves when all are sent
 * or `signal` aborts; rejects with the first failure.
 */
export const produce = async (
  messages: AsyncIterable<Message>,
  { send, waiting, rate, signal, onSent }: ProducerOptions,
): Promise<void> => {
  const startMs = performance.now();
  const underWay = new Set<Promise<void>>();
  let messagesUnderWay = 0;
  let messagesSent = 0;
  let bytesSent = 0;
  let recordsSent = 0;
  let failure: unknown;

  const room = async (): Promise<void> => {
    const meanBytes = messagesSent === 0 ? 1 : bytesSent / messagesSent;
    const waitingMax = Math.max(
      CALL_MESSAGES_MAX,
      Math.min(WAITING_MESSAGES_MAX, WAITING_BYTES_MAX / meanBytes),
    );
    while (!signal.aborted && (await waiting()) + messagesUnderWay >= waitingMax) await sleep(ROOM_POLL_MS);
  };

  const pace = async (): Promise<void> => {
    if (rate === undefined) return;
    const dueMs = startMs + (recordsSent / rate) * 1_000;
    while (!signal.aborted && performance.now() < dueMs) {
      await sleep(Math.min(ROOM_POLL_MS, dueMs - performance.now()));
    }
  };

  const call = async (batch: readonly Message[]): Promise<void> => {
    await room();
    await pace();
    while (underWay.size >= CALLS_MAX) await Promise.race(underWay);
    if (signal.aborted || failure !== undefined) return;
    messagesUnderWay += batch.length;
    for (const { bytes, records } of batch) {
      bytesSent += bytes;
      recordsSent += records;
    }
    messagesSent += batch.length;
    const sending = send(batch)
      .then(() => onSent(batch))
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        messagesUnderWay -= batch.length;
        underWay.delete(sending);
      });
    underWay.add(sending);
  };

  const callRecordsMax = rate === undefined ? Number.POSITIVE_INFINITY : rate * PACED_CALL_SECONDS;
  let batch: Message[] = [];
  let batchBytes = 0;
  let batchRecords = 0;
  for await (const message of messages) {
    const isFull =
      batch.length === CALL_MESSAGES_MAX ||
      batchBytes + message.bytes > CALL_BYTES_MAX ||
      batchRecords + message.records > callRecordsMax;
    if (isFull && batch.length > 0) {
      await call(batch);
      batch = [];
      batchBytes = 0;
      batchRecords = 0;
    }
    if (signal.aborted || failure !== undefined) break;
    batch.push(message);
    batchBytes += message.bytes;
    batchRecords += message.records;
  }
  if (batch.length > 0) await call(batch);
  await Promise.all(underWay);
  if (failure !== undefined) throw failure;
};
