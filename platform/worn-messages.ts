/** Divides messages that have failed often, so that their parts can succeed. */
import type { SQSRecord } from 'aws-lambda';
import type { Fail } from './batch.ts';
import { sendAll } from './queue.ts';
import type { Runtime } from './runtime.ts';

/**
 * A message that was delivered this often goes back in parts. This many deliveries take a quarter of an hour; after three times
 * as many, the queue moves the message to its dead-letter queue.
 */
const WORN_DELIVERIES = 10;

const isWorn = ({ attributes }: SQSRecord): boolean =>
  Number(attributes.ApproximateReceiveCount) >= WORN_DELIVERIES;

/**
 * Sends messages that have failed often back to their queue in parts, and returns the others. Each delivery repeats the work
 * for the whole message, so while many calls fail, a large message may fail in every delivery although none of its events is at
 * fault. Each part needs fewer calls, and its deliveries are counted from the start. A message that cannot be divided is returned
 * with the others. Sending a part twice must be harmless.
 */
export const partWorn = async <Content>(
  runtime: Runtime,
  messages: readonly (readonly [SQSRecord, Content])[],
  { queueUrl, partsOf }: { queueUrl: string; partsOf: (content: Content) => readonly unknown[] },
  fail: Fail,
): Promise<(readonly [SQSRecord, Content])[]> => {
  const fresh: (readonly [SQSRecord, Content])[] = [];
  for (const one of messages) {
    const [record, content] = one;
    const parts = isWorn(record) ? partsOf(content) : [];
    if (parts.length < 2) {
      fresh.push(one);
      continue;
    }
    try {
      await sendAll(
        runtime,
        queueUrl,
        parts.map((part) => ({ message: part })),
      );
    } catch (cause) {
      fail(record, cause);
    }
  }
  return fresh;
};
