import {
  BatchExecuteStatementCommand,
  type BatchStatementError,
  type BatchStatementRequest,
} from '@aws-sdk/client-dynamodb';
import { chunks } from './collections.ts';
import { dynamodb } from './dynamodb.ts';
import { backoff } from './retry.ts';

/** BatchExecuteStatement takes at most 25 statements. */
const MAX_STATEMENTS_PER_CALL = 25;
const CALLS_AT_ONCE = 8;
const MAX_ATTEMPTS = 8;

/** What became of a statement. `refused`: its condition did not hold, and it has changed nothing. */
export type StatementOutcome = { kind: 'done' } | { kind: 'refused' } | { kind: 'failed'; cause: unknown };

type Pending = { place: number; statement: BatchStatementRequest };

/** Codes of a statement that may be tried again: nothing was written, for a reason that passes. */
const PASSING = new Set<string | undefined>([
  'InternalServerError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);

const outcomeOf = ({ Code: code, Message: message }: BatchStatementError): StatementOutcome =>
  code === 'ConditionalCheckFailed' || code === 'DuplicateItem'
    ? { kind: 'refused' }
    : { kind: 'failed', cause: new Error(`statement: ${code}: ${message ?? ''}`) };

const executeChunk = async (chunk: readonly Pending[], outcomes: StatementOutcome[]): Promise<void> => {
  let rest = chunk;
  for (let attempt = 0; rest.length > 0; attempt++) {
    if (attempt > 0) await backoff(attempt, Math.random);
    const { Responses: responses = [] } = await dynamodb.send(
      new BatchExecuteStatementCommand({ Statements: rest.map(({ statement }) => statement) }),
    );
    const again: Pending[] = [];
    for (const [i, pending] of rest.entries()) {
      const error = responses[i]?.Error;
      const mayPass = PASSING.has(error?.Code) && attempt < MAX_ATTEMPTS;
      if (mayPass) again.push(pending);
      else outcomes[pending.place] = error === undefined ? { kind: 'done' } : outcomeOf(error);
    }
    rest = again;
  }
};

/**
 * Executes PartiQL writes of different items, each on its own: some may be done and others refused. It costs the write units of
 * as many single writes, and a 25th of their calls. Never throws; an outcome is `failed` where nobody knows what became of the
 * statement, too.
 */
export const executeStatements = async (
  statements: readonly BatchStatementRequest[],
): Promise<StatementOutcome[]> => {
  const outcomes: StatementOutcome[] = Array(statements.length);
  const pending = statements.map((statement, place): Pending => ({ place, statement }));
  for (const together of chunks(chunks(pending, MAX_STATEMENTS_PER_CALL), CALLS_AT_ONCE)) {
    const settled = await Promise.allSettled(together.map((chunk) => executeChunk(chunk, outcomes)));
    for (const [i, { status, ...result }] of settled.entries()) {
      if (status === 'fulfilled') continue;
      const { reason: cause } = result as PromiseRejectedResult;
      for (const { place } of together[i]!) outcomes[place] ??= { kind: 'failed', cause };
    }
  }
  return outcomes;
};
