import type { Fault } from './faults.ts';

/** An answer of a service, as its JSON protocol writes it. */
export type Refusal = { readonly status: number; readonly body: object };

const DYNAMODB = 'com.amazonaws.dynamodb.v20120810#';
const SQS = 'com.amazonaws.sqs#';
const SERVER_ERROR = 500;
const BAD_REQUEST = 400;

/** The answer to a call that a service refuses for this fault; undefined for a fault that is not a refusal. */
export const refusalOf = (fault: Fault, target: string, input: object): Refusal | undefined => {
  const isDynamoDb = target.startsWith('DynamoDB');
  const types = isDynamoDb ? DYNAMODB : SQS;
  const refuse = (type: string, more: object = {}, status = BAD_REQUEST): Refusal => ({
    status,
    body: { __type: `${types}${type}`, message: 'injected', ...more },
  });
  switch (fault) {
    case 'serverError':
      return refuse(isDynamoDb ? 'InternalServerError' : 'InternalFailure', {}, SERVER_ERROR);
    case 'throttle':
      return refuse(isDynamoDb ? 'ProvisionedThroughputExceededException' : 'RequestThrottled');
    case 'conflict': {
      const { TransactItems: actions } = input as { TransactItems?: object[] };
      if (actions === undefined) return refuse('TransactionConflictException');
      const reasons = actions.map((_, i) => ({ Code: i === 0 ? 'TransactionConflict' : 'None' }));
      return refuse('TransactionCanceledException', { CancellationReasons: reasons });
    }
    case 'timeoutAfterCommit':
    case 'resetAfterCommit':
    case 'reset':
    case 'slow':
      return undefined;
    default:
      return fault satisfies never;
  }
};
