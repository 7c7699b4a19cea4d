import type { SQSRecord } from 'aws-lambda';
import type { Fail } from './batch.ts';
import { sendAll } from './queue.ts';
import type { Runtime } from './runtime.ts';

/**
 * A message that was delivered this often goes back in parts. The queue gives a message up after three times as many deliveries, and
 * this many take a quarter of an hour.
 */
const WORN_DELIVERIES = 10;

const isWorn = ({ attributes }: SQSRecord): boolean =>
  Number(attributes.ApproximateReceiveCount) >= WORN_DELIVERIES;

/**
 * Sends worn messages back to their queue in parts, and returns the others. Each delivery repeats all of a message, so a large one may
 * fail at some call in every delivery of a bad hour, though none of its events is at fault. Its parts need fewer calls, and each
 * is delivered as often again; what has no parts stays. A part that is sent twice must not matter.
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
