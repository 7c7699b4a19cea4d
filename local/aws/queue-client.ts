import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DUMMY_CREDENTIALS, LOCAL_REGION } from './addresses.ts';

/** SQS takes and gives at most this many messages a call. */
export const MESSAGES_PER_CALL_MAX = 10;

/** Calls that run side by side when there are more messages to settle than one call takes. */
const CALLS_MAX = 8;

/** The queue operations of an event source mapping. */
export type QueueClient = {
  /** At most ten messages; waits up to `waitSeconds` (whole seconds, at most 20) for the first of them. */
  receive(queueUrl: string, messagesMax: number, waitSeconds: number): Promise<Message[]>;
  delete(queueUrl: string, receiptHandles: readonly string[]): Promise<void>;
  /** Hides received messages for this many whole seconds from now on. */
  hide(queueUrl: string, receiptHandles: readonly string[], seconds: number): Promise<void>;
  /** Ends pending calls. Messages that one of them would have received may stay hidden until their visibility timeout. */
  close(): void;
};

/** The operations over HTTP, through the AWS SDK, as Lambda's own pollers do it. */
export const queueClient = (endpoint: string): QueueClient => {
  const client = new SQSClient({
    endpoint,
    region: LOCAL_REGION,
    credentials: DUMMY_CREDENTIALS,
    // The bodies were hashed when they were sent, and do not leave this machine.
    md5: false,
  });
  const aborter = new AbortController();
  const options = { abortSignal: aborter.signal };
  return {
    async receive(queueUrl, messagesMax, waitSeconds) {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: messagesMax,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return (await client.send(command, options)).Messages ?? [];
    },
    delete: (queueUrl, receiptHandles) =>
      inCalls(receiptHandles, async (handles) => {
        const Entries = handles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }), options);
      }),
    hide: (queueUrl, receiptHandles, seconds) =>
      inCalls(receiptHandles, async (handles) => {
        const Entries = handles.map((ReceiptHandle, i) => ({
          Id: String(i),
          ReceiptHandle,
          VisibilityTimeout: seconds,
        }));
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }), options);
      }),
    close() {
      aborter.abort();
      client.destroy();
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
