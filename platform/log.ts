/** The log of a function: JSON lines that say what happened, and not to whom. */
import { Logger } from '@aws-lambda-powertools/logger';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** An error of `JSON.parse` quotes a piece of the text, and the text may be a message or an item. */
const QUOTED_TEXT = /, .* is not valid JSON$/s;

/** What is logged about an error. */
type LoggedError = {
  name: string;
  message: string;
  stack: string | undefined;
  cause?: LoggedError;
  code?: string;
  requestId?: string;
  /** Why a transaction was cancelled: one reason for each of its actions. */
  reasons?: string[];
};

type ServiceError = Error & { code?: unknown; $metadata?: { requestId?: string } };

/**
 * An error as it is logged: only the fields of {@link LoggedError}, among them the request id by which AWS finds the call. All
 * other fields are left out, because an error of DynamoDB may contain the item that its condition refused.
 */
const loggedError = (error: ServiceError): LoggedError => {
  const { name, code, cause, $metadata: metadata } = error;
  const message = error.message.replace(QUOTED_TEXT, ' in JSON');
  return {
    name,
    message,
    // A stack begins with the message.
    stack: error.message === message ? error.stack : error.stack?.replace(error.message, () => message),
    ...(cause instanceof Error ? { cause: loggedError(cause) } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(metadata?.requestId === undefined ? {} : { requestId: metadata.requestId }),
    ...(error instanceof TransactionCanceledException
      ? { reasons: error.CancellationReasons?.map(({ Code: reason }) => reason ?? 'None') ?? [] }
      : {}),
  };
};

/** A thrown value as an error. */
export const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)));

/** Makes a logger. Code that uses it must log no id of a member or an order, and put none into an error's message. */
export const makeLogger = (options: { serviceName: string; logLevel?: 'ERROR' | 'SILENT' }): Logger =>
  new Logger({
    ...options,
    jsonReplacerFn: (_, value) => (value instanceof Error ? loggedError(value) : value),
  });
