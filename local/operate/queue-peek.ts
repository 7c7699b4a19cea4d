/** Looks at the messages of a queue, and deletes some of them. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { chunks } from '#platform/collections.ts';
import type { Target } from './target.ts';

/** SQS takes and gives at most ten messages in one call. */
const MESSAGES_PER_CALL = 10;
/** How long messages are hidden from others while they are looked at. */
const LOOK_SECONDS = 120;
/** One look takes at most about this many messages: they are held in memory, and hidden from others meanwhile. */
const MESSAGES_MAX = 10_000;

export type Depths = { waiting: number; inFlight: number; delayed: number };

/** About how many messages a queue holds. */
export const depthsOf = async ({ sqs }: Target, url: string): Promise<Depths> => {
  const { Attributes: counts = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  return {
    waiting: Number(counts.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(counts.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(counts.ApproximateNumberOfMessagesDelayed ?? 0),
  };
};

/** A message that this process has received. */
export type Held = { body: string; handle: string; sentMs: number };

const toHeld = ({ Body: body, ReceiptHandle: handle, Attributes: attributes }: Message): Held => ({
  body: body!,
  handle: handle!,
  sentMs: Number(attributes?.SentTimestamp ?? 0),
});

/**
 * Receives the messages of a queue, at most about {@link MESSAGES_MAX}, and hands them to `take`. Those that `take` does not
 * remove become visible to others again as soon as it is done.
 */
export const withMessages = async <Result>(
  { sqs }: Target,
  url: string,
  take: (held: readonly Held[], remove: (one: Held) => Promise<void>) => Promise<Result>,
): Promise<Result> => {
  const held: Held[] = [];
  const left = new Set<Held>();
  try {
    while (held.length < MESSAGES_MAX) {
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: MESSAGES_PER_CALL,
          VisibilityTimeout: LOOK_SECONDS,
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      );
      if (messages.length === 0) break;
      for (const one of messages.map(toHeld)) {
        held.push(one);
        left.add(one);
      }
    }
    return await take(held, async (one) => {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: one.handle }));
      left.delete(one);
    });
  } finally {
    for (const some of chunks([...left], MESSAGES_PER_CALL)) {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: url,
          Entries: some.map(({ handle }, i) => ({
            Id: String(i),
            ReceiptHandle: handle,
            VisibilityTimeout: 0,
          })),
        }),
      );
    }
  }
};

/** Sends a body to a queue as it is. */
export const sendBody = async ({ sqs }: Target, url: string, body: string): Promise<void> => {
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
};
