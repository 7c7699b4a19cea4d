/** Executes any number of PartiQL statements, and returns the outcome of each. */
import {
  BatchExecuteStatementCommand,
  type BatchStatementError,
  type BatchStatementRequest,
} from '@aws-sdk/client-dynamodb';
import { chunks } from './collections.ts';
import { CALLS_AT_ONCE, mapLimited } from './concurrency.ts';
import { backoff } from './retry.ts';
import type { Runtime } from './runtime.ts';
import { CONTENTION_CODES } from './transaction.ts';

/** BatchExecuteStatement takes at most 25 statements. */
const MAX_STATEMENTS_PER_CALL = 25;
const MAX_ATTEMPTS = 8;

/** The result of a statement. `refused`: its condition did not hold, and it changed nothing. */
export type StatementOutcome = { kind: 'done' } | { kind: 'refused' } | { kind: 'failed'; cause: unknown };

/** Whether to retry a statement. A retry is safe: the condition refuses what an earlier attempt has already written. */
const mayPass = ({ Code: code }: BatchStatementError): boolean =>
  code !== undefined && (code === 'InternalServerError' || CONTENTION_CODES.has(code));

const outcomeOf = (error: BatchStatementError | undefined): StatementOutcome => {
  if (error === undefined) return { kind: 'done' };
  const { Code: code, Message: message } = error;
  return code === 'ConditionalCheckFailed' || code === 'DuplicateItem'
    ? { kind: 'refused' }
    : { kind: 'failed', cause: new Error(`statement: ${code}: ${message ?? ''}`) };
};

const executeCall = async (
  runtime: Runtime,
  statements: readonly BatchStatementRequest[],
): Promise<StatementOutcome[]> => {
  const outcomes: (StatementOutcome | undefined)[] = Array(statements.length).fill(undefined);
  let rest = [...statements.keys()];
  try {
    for (let attempt = 0; rest.length > 0; attempt++) {
      if (attempt > 0) await backoff(runtime, attempt);
      const { Responses: responses = [] } = await runtime.dynamodb.send(
        new BatchExecuteStatementCommand({ Statements: rest.map((place) => statements[place]!) }),
      );
      if (responses.length !== rest.length)
        throw new Error(`statements: expected ${rest.length} answers, got ${responses.length}`);
      const again: number[] = [];
      for (const [i, { Error: error }] of responses.entries()) {
        if (error !== undefined && mayPass(error) && attempt < MAX_ATTEMPTS) again.push(rest[i]!);
        else outcomes[rest[i]!] = outcomeOf(error);
      }
      rest = again;
    }
  } catch (cause) {
    for (const place of rest) outcomes[place] = { kind: 'failed', cause };
  }
  return outcomes as StatementOutcome[];
};

/**
 * Executes PartiQL writes of different items, each on its own: some may be done and others refused. It costs as many write
 * units as single writes, in a 25th of the calls. Never throws. An outcome is also `failed` if it is unknown whether the
 * statement was applied.
 */
export const executeStatements = async (
  runtime: Runtime,
  statements: readonly BatchStatementRequest[],
): Promise<StatementOutcome[]> =>
  (
    await mapLimited(chunks(statements, MAX_STATEMENTS_PER_CALL), CALLS_AT_ONCE, (call) =>
      executeCall(runtime, call),
    )
  ).flat();
