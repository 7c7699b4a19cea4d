/** Messages in the form in which Lambda gives them to functions. */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { LOCAL_REGION } from './addresses.ts';
import type { Clock } from './clock.ts';

/** The attributes of a message that hold times by the clock of the queue's machine. */
const TIMES = ['SentTimestamp', 'ApproximateFirstReceiveTimestamp'] as const;

/** A received message in the form in which Lambda gives it to a function, with its times by the function's clock. */
export const toSqsRecord = (message: Message, queueArn: string, clock: Pick<Clock, 'at'>): SQSRecord => {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: attributesOf(message, clock),
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, toAttribute(value)])),
    ...(message.MD5OfMessageAttributes && { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: LOCAL_REGION,
  };
};

const attributesOf = (message: Message, clock: Pick<Clock, 'at'>): SQSRecord['attributes'] => {
  const attributes = { ...message.Attributes };
  for (const name of TIMES) {
    const machineMs = attributes[name];
    if (machineMs !== undefined) attributes[name] = String(clock.at(Number(machineMs)));
  }
  return attributes as SQSRecord['attributes'];
};

const toAttribute = ({ StringValue, BinaryValue, DataType }: MessageAttributeValue): SQSMessageAttribute => {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: (DataType ?? 'String') as SQSMessageAttribute['dataType'],
  };
};
