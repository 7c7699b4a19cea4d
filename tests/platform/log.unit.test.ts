import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { makeLogger } from '#platform/log.ts';
import { linesOf } from '../support/log-lines.ts';

/** A text that shares no part with the times, paths and line numbers of a log line. */
const MEMBER = 'qzx-qzx';
const ITEM = { member: { S: MEMBER } };
const $metadata = { requestId: 'R7', httpStatusCode: 400 };

/** The line that is logged for an error. */
const lineOf = (cause: unknown): string => {
  const logger = makeLogger({ serviceName: 'zhihui' });
  const lines = linesOf(logger);
  logger.error('message failed', { cause: cause as Error });
  expect(lines).toHaveLength(1);
  return lines[0]!;
};

const errorOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, got none');
};

it('an item that DynamoDB gives back with an error is not logged, but the id of the request is', () => {
  const refused = new ConditionalCheckFailedException({ message: 'refused', Item: ITEM, $metadata });
  const cancelled = new TransactionCanceledException({
    message: 'cancelled',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError', Item: ITEM }],
    $metadata,
  });
  for (const error of [refused, new Error('segment failed', { cause: refused })])
    expect(lineOf(error)).not.toContain(MEMBER);
  const line = lineOf(cancelled);
  expect(line).not.toContain(MEMBER);
  expect(JSON.parse(line).cause).toMatchObject({
    name: 'TransactionCanceledException',
    message: 'cancelled',
    requestId: 'R7',
    reasons: ['None', 'ValidationError'],
  });
});

it.each([
  `{"memberId":"${MEMBER}"x`,
  `${MEMBER}`,
  `{"memberId":"${MEMBER}",\n "note": '${MEMBER}'}`,
  `["${MEMBER}" is not valid JSON, "${MEMBER}"]]`,
])('nothing is logged of a text that is not JSON: %j', (text) => {
  const line = lineOf(errorOf(() => JSON.parse(text)));
  expect(line).not.toContain('qz');
  expect(JSON.parse(line).cause.stack).toContain('log.unit.test.ts');
});

it('the cause of an error is logged with its own message and stack trace', () => {
  const inner = Object.assign(new Error('connection lost'), { code: 'ECONNRESET' });
  const { cause } = JSON.parse(lineOf(new Error('budget: expected an answer, got none', { cause: inner })));
  expect(cause).toMatchObject({ name: 'Error', message: 'budget: expected an answer, got none' });
  expect(cause.cause).toMatchObject({ message: 'connection lost', code: 'ECONNRESET' });
  expect(cause.cause.stack).toContain('log.unit.test.ts');
});
