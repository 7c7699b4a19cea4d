/** Handlers of functions that process batches of messages, in which each message may fail alone. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, ScheduledEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { asError } from './log.ts';
import { sendAll } from './queue.ts';
import { scheduleRedelivery } from './redelivery.ts';
import type { Runtime } from './runtime.ts';

/** Reports a record as not done, so that the queue delivers it again. */
export type Fail = (record: SQSRecord, cause: unknown) => void;

/** Whether the batch has too little time left to begin more work. What is not done by then is reported as failed. */
export type IsLate = () => boolean;

/** In ms: the time in which work under way must end and failed messages get their delays. */
const CLOSING_MS = 12_000;
/** A function with a short timeout keeps at most this share of it for closing. */
const CLOSING_SHARE = 0.4;

const latenessOf = (context: Partial<Pick<Context, 'getRemainingTimeInMillis'>>): IsLate => {
  const leftMs = (): number => context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const closingMs = Math.min(CLOSING_MS, leftMs() * CLOSING_SHARE);
  return () => leftMs() < closingMs;
};

/** Gives failed messages their delays. If that fails, they come back when their visibility timeout is over. */
const comeBackSoon = async (runtime: Runtime, failed: readonly SQSRecord[]): Promise<void> => {
  try {
    await scheduleRedelivery(runtime, failed);
  } catch (cause) {
    runtime.logger.warn('failed messages come back late', { cause: asError(cause) });
  }
};

/**
 * Wraps the work on a batch of messages as a Lambda handler with partial batch responses. A record is reported as
 * failed if `work` called `fail` for it; when `work` throws, every record is. The handler never rejects, because Lambda scales
 * down a function whose invocations fail as a whole, and the dead-letter queue already shows what keeps
 * failing. What failed comes back after a delay that grows with its deliveries.
 */
export const batchHandler = (
  runtime: Runtime,
  work: (records: SQSRecord[], fail: Fail, isLate: IsLate) => Promise<void>,
) =>
  // Lambda ends what runs out of time. An early answer of middy's would leave the work running into the next invocation.
  middy<SQSEvent, SQSBatchResponse>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(runtime.logger))
    .use({ after: () => runtime.consumption.publish() })
    .handler(async ({ Records: records }, context) => {
      const { logger } = runtime;
      const failed = new Set<string>();
      const fail: Fail = (record, cause) => {
        failed.add(record.messageId);
        logger.error('message failed', { messageId: record.messageId, cause: asError(cause) });
      };
      try {
        await work(records, fail, latenessOf(context));
      } catch (cause) {
        logger.error('batch failed', { messages: records.length, cause: asError(cause) });
        for (const record of records) failed.add(record.messageId);
      }
      const ofFailed = records.filter(({ messageId }) => failed.has(messageId));
      if (ofFailed.length > 0) await comeBackSoon(runtime, ofFailed);
      return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
    });

/** The error of the rest of a batch that ran out of time. */
export const outOfTime = (): Error =>
  new Error('batch: expected to end before its deadline, got no time left');

/** Reads every record separately: a record that cannot be read fails alone. */
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

/** Parses every record's body as JSON. A body that is not JSON fails its record: it comes from a bug in the pipeline. */
export const parseBodies = <Message>(records: readonly SQSRecord[], fail: Fail): [SQSRecord, Message][] =>
  eachRecord(records, fail, ({ body }) => JSON.parse(body) as Message);

/** Whether an error comes from the content that was worked on, and not from a service. */
const isOfContent = (cause: unknown): boolean =>
  (cause instanceof TypeError || cause instanceof RangeError || cause instanceof SyntaxError) &&
  !('$metadata' in cause);

/**
 * Works on records together, which costs the least. If that fails because of the content of a record, each record is worked on
 * alone, so that only the bad one fails. If it fails because of a service, or because the time is over, all of them come back.
 */
export const togetherOrAlone = async <Content>(
  records: readonly (readonly [SQSRecord, Content])[],
  fail: Fail,
  work: (contents: readonly Content[]) => Promise<void>,
): Promise<void> => {
  try {
    await work(records.map(([, content]) => content));
  } catch (cause) {
    if (records.length > 1 && isOfContent(cause))
      for (const one of records) await togetherOrAlone([one], fail, work);
    else for (const [record] of records) fail(record, cause);
  }
};

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
