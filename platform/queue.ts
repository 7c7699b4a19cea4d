/** Sends any number of messages to a queue. */
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { CALLS_AT_ONCE, mapLimited } from './concurrency.ts';
import { backoff } from './retry.ts';
import type { Runtime } from './runtime.ts';

/** SQS takes at most 10 messages a call. */
const MAX_ENTRIES_PER_CALL = 10;
/** SQS takes at most 1 MiB for a message and for a call. The rest is room for what SQS counts besides the bodies. */
export const MAX_BODY_BYTES = 1_000_000;
const MAX_BYTES_PER_CALL = MAX_BODY_BYTES;
const MAX_ATTEMPTS = 5;

export type OutgoingMessage = {
  /** Sent as JSON in the message's body. */
  message: unknown;
  delaySeconds?: number;
  /** The trace that the message belongs to, sent as the message's attribute `traceparent`. */
  traceparent?: string | undefined;
};

/**
 * SQS refuses a message that contains U+FFFE or U+FFFF. Some emulators refuse characters above U+FFFF, which are pairs of
 * surrogates. Within a JSON string all of them can be written as escapes.
 */
const BARRED_CHARACTERS = /[\ud800-\udfff\ufffe\uffff]/g;

/** A message's body as it is sent. */
export const toBody = (message: unknown): string =>
  JSON.stringify(message).replace(
    BARRED_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );

type Prepared = Omit<OutgoingMessage, 'message'> & { body: string };

const toEntry = (
  { body, delaySeconds, traceparent }: Prepared,
  index: number,
): SendMessageBatchRequestEntry => ({
  Id: String(index),
  MessageBody: body,
  ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
  ...(traceparent === undefined
    ? {}
    : { MessageAttributes: { traceparent: { DataType: 'String', StringValue: traceparent } } }),
});

/** Groups messages into calls that stay within the service's limits. */
const toCalls = (messages: readonly Prepared[]): Prepared[][] => {
  const calls: Prepared[][] = [];
  let bytesOfLast = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const bytes = Buffer.byteLength(message.body);
    const last = calls.at(-1);
    if (
      last === undefined ||
      last.length === MAX_ENTRIES_PER_CALL ||
      bytesOfLast + bytes > MAX_BYTES_PER_CALL
    ) {
      calls.push([message]);
      bytesOfLast = bytes;
    } else {
      last.push(message);
      bytesOfLast += bytes;
    }
  }
  return calls;
};

const sendCall = async (runtime: Runtime, queueUrl: string, messages: readonly Prepared[]): Promise<void> => {
  let entries = messages.map(toEntry);
  for (let attempt = 1; entries.length > 0; attempt++) {
    const { Failed: failed = [] } = await runtime.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    const refused = failed.find(({ SenderFault: isOurFault }) => isOurFault);
    if (refused !== undefined || (failed.length > 0 && attempt === MAX_ATTEMPTS)) {
      const { Code: code, Message: message } = refused ?? failed[0]!;
      throw new Error(
        `queue ${queueUrl}: ${failed.length} of ${entries.length} messages refused: ${code} ${message ?? ''}`,
      );
    }
    if (failed.length > 0) await backoff(runtime, attempt);
    const again = new Set(failed.map(({ Id: id }) => id));
    entries = entries.filter(({ Id: id }) => again.has(id));
  }
};

/** Sends all messages, in no particular order. Throws if any message was not accepted. Others may then have been sent. */
export const sendAll = async (
  runtime: Runtime,
  queueUrl: string,
  messages: readonly OutgoingMessage[],
): Promise<void> => {
  const calls = toCalls(messages.map(({ message, ...rest }) => ({ ...rest, body: toBody(message) })));
  await mapLimited(calls, CALLS_AT_ONCE, (call) => sendCall(runtime, queueUrl, call));
};
