/** The form in which SQS gives a message to a receiver. */
import type { Message, MessageSystemAttributeName, ReceiveMessageCommandInput } from '@aws-sdk/client-sqs';
import { attributesDigest } from './message.ts';
import type { StoredMessage } from './queue.ts';

export const QUEUE_ARN_PREFIX = 'arn:aws:sqs:us-east-1:000000000000:';
const SENDER_ID = 'AIDAEMULATED';

/** A message as the answer to a receive call shows it, with the attributes that the call asks for. */
export const received = (
  { id, content, sentMs, receives, firstReceivedMs, source }: StoredMessage,
  handle: string,
  {
    MessageSystemAttributeNames,
    AttributeNames,
    MessageAttributeNames: names = [],
  }: ReceiveMessageCommandInput,
): Message => {
  const system: Partial<Record<MessageSystemAttributeName, string>> = {
    SenderId: SENDER_ID,
    SentTimestamp: String(Math.floor(sentMs)),
    ApproximateReceiveCount: String(receives),
    ApproximateFirstReceiveTimestamp: String(Math.floor(firstReceivedMs ?? sentMs)),
    ...(source === undefined ? {} : { DeadLetterQueueSourceArn: `${QUEUE_ARN_PREFIX}${source}` }),
  };
  const wanted: readonly string[] = [...(MessageSystemAttributeNames ?? []), ...(AttributeNames ?? [])];
  const shown = wanted.includes('All')
    ? system
    : Object.fromEntries(Object.entries(system).filter(([name]) => wanted.includes(name)));
  const isWanted = (name: string): boolean =>
    names.some((pattern) =>
      pattern === 'All' || pattern === '.*'
        ? true
        : pattern.endsWith('.*')
          ? name.startsWith(pattern.slice(0, -2))
          : name === pattern,
    );
  const attributes = Object.fromEntries(
    Object.entries(content.attributes).filter(([name]) => isWanted(name)),
  );
  const digest = attributesDigest({ attributes });
  return {
    MessageId: id,
    ReceiptHandle: handle,
    Body: content.body,
    MD5OfBody: content.bodyDigest,
    ...(wanted.length === 0 || Object.keys(shown).length === 0 ? {} : { Attributes: shown }),
    ...(digest === undefined ? {} : { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
  };
};
