/** The queue operations of an event source mapping, on the SQS in this process. */
import type {
  BatchResultErrorEntry,
  Message,
  MessageAttributeValue,
  SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import type { JsonCall } from './sqs-query.ts';

/** SQS takes and gives at most this many messages a call. */
export const MESSAGES_PER_CALL_MAX = 10;

const OK = 200;
/** The most calls that run side by side when there are more messages to delete or hide than one call takes. */
const CALLS_MAX = 8;

/** The queue operations of an event source mapping. */
export type QueueClient = {
  /** Receives up to `messagesMax` messages (at most ten); waits up to `waitSeconds` (whole, at most 20) for the first of them. */
  receive(queueUrl: string, messagesMax: number, waitSeconds: number): Promise<Message[]>;
  /** Sends at most ten messages. Those that are refused are in the answer. */
  send(
    queueUrl: string,
    entries: SendMessageBatchRequestEntry[],
  ): Promise<{ Failed?: BatchResultErrorEntry[] | undefined }>;
  delete(queueUrl: string, receiptHandles: readonly string[]): Promise<void>;
  /** Hides received messages for this many whole seconds from now on. */
  hide(queueUrl: string, receiptHandles: readonly string[], seconds: number): Promise<void>;
  /** Ends pending calls. Messages that one of them would have received may stay hidden until their visibility timeout ends. */
  close(): void;
};

/** A message as JSON holds it: bytes are a text in base64. */
type JsonMessage = Omit<Message, 'MessageAttributes'> & {
  MessageAttributes?: Record<string, Omit<MessageAttributeValue, 'BinaryValue'> & { BinaryValue?: string }>;
};

const fromJson = ({ MessageAttributes: attributes, ...message }: JsonMessage): Message => ({
  ...message,
  ...(attributes && {
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { BinaryValue: base64, ...value }]) => [
        name,
        { ...value, ...(base64 !== undefined && { BinaryValue: Buffer.from(base64, 'base64') }) },
      ]),
    ),
  }),
});

/**
 * The operations on the SQS of this process. Through the AWS SDK, over HTTP, they would take twice the CPU, which a sale on two
 * cores does not have.
 */
export const queueClient = (call: JsonCall): QueueClient => {
  /** For each pending call, what ends it, so that nobody gets its answer. */
  const pending = new Set<() => void>();
  const ask = async (action: string, input: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const closed = Promise.withResolvers<never>();
    const end = (): void => closed.reject(new Error(`${action}: the client was closed`));
    pending.add(end);
    const answer = Promise.race([call(action, input), closed.promise]);
    const { status, body } = await answer.finally(() => pending.delete(end));
    if (status !== OK) throw new Error(`${action}: SQS answered ${status} ${JSON.stringify(body)}`);
    return body;
  };
  return {
    async receive(queueUrl, messagesMax, waitSeconds) {
      const { Messages: messages = [] } = await ask('ReceiveMessage', {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: messagesMax,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return (messages as JsonMessage[]).map(fromJson);
    },
    send: (QueueUrl, Entries) => ask('SendMessageBatch', { QueueUrl, Entries }),
    delete: (queueUrl, receiptHandles) =>
      inCalls(receiptHandles, async (handles) => {
        const Entries = handles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
        await ask('DeleteMessageBatch', { QueueUrl: queueUrl, Entries });
      }),
    hide: (queueUrl, receiptHandles, seconds) =>
      inCalls(receiptHandles, async (handles) => {
        const Entries = handles.map((ReceiptHandle, i) => ({
          Id: String(i),
          ReceiptHandle,
          VisibilityTimeout: seconds,
        }));
        await ask('ChangeMessageVisibilityBatch', { QueueUrl: queueUrl, Entries });
      }),
    close() {
      for (const end of pending) end();
    },
  };
};

/** Splits the handles into calls and runs up to `CALLS_MAX` of them at the same time. */
const inCalls = async (
  receiptHandles: readonly string[],
  call: (handles: readonly string[]) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < receiptHandles.length) {
      const start = next;
      next += MESSAGES_PER_CALL_MAX;
      await call(receiptHandles.slice(start, start + MESSAGES_PER_CALL_MAX));
    }
  };
  const calls = Math.ceil(receiptHandles.length / MESSAGES_PER_CALL_MAX);
  await Promise.all(Array.from({ length: Math.min(calls, CALLS_MAX) }, lane));
};
