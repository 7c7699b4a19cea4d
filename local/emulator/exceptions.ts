/** The exceptions of DynamoDB, as the SDK throws them. */
import {
  type AttributeValue,
  type CancellationReason,
  ConditionalCheckFailedException,
  DuplicateItemException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  ProvisionedThroughputExceededException,
  ResourceInUseException,
  ResourceNotFoundException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';

const $metadata = { httpStatusCode: 400, attempts: 1, totalRetryDelay: 0 };

/** Makes an exception without a stack trace, which would take most of the time and says nothing about the service. */
export const withoutStack = <Exception>(make: () => Exception): Exception => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

/** A ValidationException, for which the SDK has no class. */
export const validationError = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', message, $metadata });

export const isValidationError = (error: unknown): error is DynamoDBServiceException =>
  error instanceof DynamoDBServiceException && error.name === 'ValidationException';

export const unknownOperationError = (operation: string): DynamoDBServiceException =>
  new DynamoDBServiceException({
    name: 'UnknownOperationException',
    $fault: 'client',
    message: `emulator: expected a supported operation, got ${operation}`,
    $metadata,
  });

export const conditionFailed = (item: Record<string, AttributeValue> | undefined) =>
  withoutStack(
    () =>
      new ConditionalCheckFailedException({
        message: 'The conditional request failed',
        ...(item === undefined ? {} : { Item: item }),
        $metadata,
      }),
  );

export const duplicateItem = () =>
  new DuplicateItemException({ message: 'Duplicate primary key exists in table', $metadata });

export const transactionConflict = () =>
  withoutStack(
    () => new TransactionConflictException({ message: 'Transaction is ongoing for the item', $metadata }),
  );

export const transactionInProgress = () =>
  new TransactionInProgressException({
    message: 'The transaction with the given request token is already in progress',
    $metadata,
  });

export const tokenMismatch = () =>
  new IdempotentParameterMismatchException({
    message: 'The request uses the same client token as a previous, but non-identical request',
    $metadata,
  });

export const transactionCanceled = (reasons: CancellationReason[]) =>
  withoutStack(
    () =>
      new TransactionCanceledException({
        message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons
          .map(({ Code }) => Code)
          .join(', ')}]`,
        CancellationReasons: reasons,
        $metadata,
      }),
  );

export const throttled = () =>
  withoutStack(
    () =>
      new ProvisionedThroughputExceededException({
        message:
          'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API',
        $metadata,
      }),
  );

export const tableNotFound = (name: string) =>
  new ResourceNotFoundException({
    message: `Requested resource not found: Table: ${name} not found`,
    $metadata,
  });

export const tableInUse = (name: string) =>
  new ResourceInUseException({ message: `Table already exists: ${name}`, $metadata });
