/** Attempts a DynamoDB transaction, and returns the result of each of its actions. */
import {
  type CancellationReason,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Runtime } from './runtime.ts';

/** Why one action of a cancelled transaction was not applied. */
export type ActionFate =
  /** Nothing was wrong with it. */
  | { kind: 'bystander' }
  /** Its condition did not hold. `item` is what is stored, if the action asks for it. */
  | { kind: 'refused'; item: CancellationReason['Item'] }
  /** It conflicted with another transaction or was throttled: it may succeed later, or on another item. */
  | { kind: 'contention' };

export type TransactionOutcome =
  | { kind: 'done' }
  /** Nothing was written. `fates` holds one for each action, in their order. */
  | { kind: 'cancelled'; fates: ActionFate[] }
  /** It is unknown whether anything was written: the answer was lost, or the service was too busy to give one. */
  | { kind: 'unknown'; cause: unknown };

/** Cancellation codes after which a retry may succeed. Any other code, such as for a validation error, is a fault. */
export const CONTENTION_CODES: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
]);

const fateOf = ({ Code: code, Item: item }: CancellationReason): ActionFate | undefined => {
  if (code === undefined || code === 'None') return { kind: 'bystander' };
  if (code === 'ConditionalCheckFailed') return { kind: 'refused', item };
  return CONTENTION_CODES.has(code) ? { kind: 'contention' } : undefined;
};

const TRANSIENT_ERRORS: ReadonlySet<string> = new Set([
  'TransactionInProgressException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
  'AbortError',
]);

type SdkError = { name?: string; code?: string; $metadata?: { httpStatusCode?: number } };

const NETWORK_ERRORS: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
]);
const FIRST_SERVER_ERROR_STATUS = 500;

/** Whether an error is not about the request itself, so that a retry makes sense. */
const isTransient = (error: unknown): boolean => {
  const { name = '', code = '', $metadata: metadata } = error as SdkError;
  return (
    TRANSIENT_ERRORS.has(name) ||
    NETWORK_ERRORS.has(code) ||
    (metadata?.httpStatusCode ?? 0) >= FIRST_SERVER_ERROR_STATUS
  );
};

/**
 * Attempts a transaction and classifies the answer. Throws if a retry cannot help. Retry a transaction of unknown outcome only
 * if its conditions refuse to apply it twice.
 */
export const transact = async (
  runtime: Runtime,
  actions: TransactWriteItem[],
): Promise<TransactionOutcome> => {
  try {
    await runtime.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: actions }));
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      const fates = (error.CancellationReasons ?? []).map(fateOf);
      if (fates.length !== actions.length || fates.includes(undefined)) throw error;
      return { kind: 'cancelled', fates: fates as ActionFate[] };
    }
    if (isTransient(error)) return { kind: 'unknown', cause: error };
    throw error;
  }
};
