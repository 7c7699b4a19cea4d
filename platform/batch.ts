import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, ScheduledEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sendAll } from './queue.ts';
import type { Runtime } from './runtime.ts';

/** Reports a record as not done, so that the queue delivers it again. */
export type Fail = (record: SQSRecord, cause: unknown) => void;

/**
 * Wraps the work on a batch of messages as a Lambda handler with partial batch responses. Whatever is not proven done is
 * reported failed: when `work` throws, that is every record. It never rejects, because Lambda scales a function down whose
 * invocations fail as a whole, and the dead-letter queue already shows what keeps failing.
 */
export const batchHandler = (
  { logger, consumption }: Runtime,
  work: (records: SQSRecord[], fail: Fail) => Promise<void>,
) =>
  middy<SQSEvent, SQSBatchResponse>()
    .use(injectLambdaContext(logger))
    .use({ after: () => consumption.publish() })
    .handler(async ({ Records: records }) => {
      const failed = new Set<string>();
      const fail: Fail = (record, cause) => {
        failed.add(record.messageId);
        logger.error('message failed', { messageId: record.messageId, cause: describe(cause) });
      };
      try {
        await work(records, fail);
      } catch (cause) {
        logger.error('batch failed', { messages: records.length, cause: describe(cause) });
        for (const record of records) failed.add(record.messageId);
      }
      return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
    });

const describe = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));

/** Reads every record, each on its own: a record that cannot be read fails alone. */
export const eachRecord = <Content>(
  records: readonly SQSRecord[],
  fail: Fail,
  read: (record: SQSRecord) => Content,
): [SQSRecord, Content][] => {
  const contents: [SQSRecord, Content][] = [];
  for (const record of records) {
    try {
      contents.push([record, read(record)]);
    } catch (cause) {
      fail(record, cause);
    }
  }
  return contents;
};

/** Parses every record's body as JSON and fails the records whose body is not JSON: a bug, as only the pipeline writes them. */
export const parseBodies = <Message>(records: readonly SQSRecord[], fail: Fail): [SQSRecord, Message][] =>
  eachRecord(records, fail, ({ body }) => JSON.parse(body) as Message);

/** The message that a scheduled call is turned into; `time` in ISO 8601. */
export type Tick = { time: string };

/**
 * Makes the handler of a function that is called every minute. A call becomes a message on the function's own queue, so
 * that a failure is retried and ends in the dead-letter queue, where somebody sees it.
 */
export const tickHandler =
  (
    runtime: Runtime,
    queueVariable: string,
    onTicks: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>,
  ) =>
  async (event: ScheduledEvent | SQSEvent, context: Context): Promise<SQSBatchResponse | undefined> => {
    if ('Records' in event) return onTicks(event, context);
    await sendAll(runtime, runtime.environment(queueVariable), [
      { message: { time: event.time } satisfies Tick },
    ]);
    return undefined;
  };
