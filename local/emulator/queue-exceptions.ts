/** The exceptions of SQS, as the SDK throws them. */
import {
  BatchEntryIdsNotDistinct,
  BatchRequestTooLong,
  EmptyBatchRequest,
  InvalidBatchEntryId,
  InvalidMessageContents,
  MessageNotInflight,
  OverLimit,
  QueueDoesNotExist,
  QueueNameExists,
  ReceiptHandleIsInvalid,
  SQSServiceException,
  TooManyEntriesInBatchRequest,
} from '@aws-sdk/client-sqs';

const $metadata = { httpStatusCode: 400, attempts: 1, totalRetryDelay: 0 };

const named = (name: string, message: string): SQSServiceException =>
  new SQSServiceException({ name, $fault: 'client', message, $metadata });

export const invalidParameter = (message: string) => named('InvalidParameterValue', message);
export const missingParameter = (name: string) =>
  named('MissingParameter', `The request must contain the parameter ${name}.`);
export const unknownAction = (name: string) =>
  named('InvalidAction', `emulator: expected a supported operation, got ${name}`);
export const noSuchQueue = () =>
  new QueueDoesNotExist({ message: 'The specified queue does not exist.', $metadata });
export const queueExists = (name: string) =>
  new QueueNameExists({
    message: `A queue already exists with the same name and a different value for some attribute: ${name}`,
    $metadata,
  });
export const emptyBatch = () =>
  new EmptyBatchRequest({ message: 'There should be at least one entry in the request.', $metadata });
export const tooManyEntries = (count: number) =>
  new TooManyEntriesInBatchRequest({
    message: `Maximum number of entries per request are 10. You have sent ${count}.`,
    $metadata,
  });
export const entryIdsNotDistinct = (id: string) =>
  new BatchEntryIdsNotDistinct({ message: `Id ${id} repeated.`, $metadata });
export const invalidEntryId = () =>
  new InvalidBatchEntryId({
    message:
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    $metadata,
  });
export const batchTooLong = (bytes: number) =>
  new BatchRequestTooLong({
    message: `Batch requests cannot be longer than 1048576 bytes. You have sent ${bytes} bytes.`,
    $metadata,
  });
export const invalidContents = () =>
  new InvalidMessageContents({
    message:
      'Invalid binary character was found in the message body, the set of allowed characters is #x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]',
    $metadata,
  });
export const invalidHandle = (handle: string | undefined) =>
  new ReceiptHandleIsInvalid({
    message: `The input receipt handle "${handle}" is not a valid receipt handle.`,
    $metadata,
  });
export const notInFlight = () => new MessageNotInflight({ message: 'Message is not in flight.', $metadata });
export const overLimit = () =>
  new OverLimit({ message: 'The maximum number of inflight messages is 120000.', $metadata });
