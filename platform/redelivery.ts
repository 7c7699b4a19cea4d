/** Sets how soon failed messages come back. */
import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { chunks } from './collections.ts';
import { CALLS_AT_ONCE, mapLimited } from './concurrency.ts';
import type { Runtime } from './runtime.ts';

/** SQS takes at most 10 messages a call. */
const MAX_ENTRIES_PER_CALL = 10;
/** The longest delay after the first failed delivery. It doubles with each further delivery, up to the maximum. */
const FIRST_DELAY_SECONDS = 2;
const MAX_DELAY_SECONDS = 600;

/**
 * How long a message that has failed stays hidden, in seconds, rounded up: 2 after the first delivery, five to ten minutes from
 * the tenth on. A random part of up to half is taken off, so that messages that failed together do not come back together.
 */
export const redeliverySeconds = (deliveries: number, random: () => number): number => {
  const longest = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.max(0, deliveries - 1));
  return Math.ceil(longest * (0.5 + random() / 2));
};

const nameOf = (address: string): string => address.split(/[:/]/).at(-1)!;

/**
 * Lets failed messages come back after their delay instead of the visibility timeout, which is as long as the slowest batch
 * needs. If the call fails, they come back after the visibility timeout.
 */
export const scheduleRedelivery = async (runtime: Runtime, failed: readonly SQSRecord[]): Promise<void> => {
  const urls = new Map(
    runtime
      .environment('OWN_QUEUE_URLS')
      .split(',')
      .map((url) => [nameOf(url), url]),
  );
  const calls = [...Map.groupBy(failed, ({ eventSourceARN: arn }) => urls.get(nameOf(arn)))].flatMap(
    ([url, records]) =>
      url === undefined ? [] : chunks(records, MAX_ENTRIES_PER_CALL).map((ofCall) => ({ url, ofCall })),
  );
  await mapLimited(calls, CALLS_AT_ONCE, ({ url, ofCall }) =>
    runtime.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: url,
        Entries: ofCall.map(({ receiptHandle, attributes }, i) => ({
          Id: String(i),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: redeliverySeconds(Number(attributes.ApproximateReceiveCount), runtime.random),
        })),
      }),
    ),
  );
};
