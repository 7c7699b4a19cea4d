/** What happens to a batch's messages: which are deleted, and which return to the queue. */
export type Settlement = {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
  /** What is wrong with the answer; set when the function succeeded, but its answer makes the whole batch return to the queue. */
  readonly malformed?: string;
};

/**
 * Reads the answer of a function that reports batch item failures, as Lambda does: no answer, null, or a list that is empty, null
 * or missing means that all succeeded; an answer of another shape, or an identifier that is empty, missing or not of this batch,
 * means that all failed. (AWS Lambda Developer Guide, "Handling errors for an SQS event source in Lambda".)
 */
export const settle = (messageIds: readonly string[], response: unknown): Settlement => {
  const failures = failuresOf(response);
  if (failures === undefined) return allFailed(messageIds, 'batchItemFailures is not a list');
  const known = new Set(messageIds);
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = isObject(failure) ? failure.itemIdentifier : undefined;
    if (typeof id !== 'string' || id === '') {
      return allFailed(
        messageIds,
        `an item of batchItemFailures has no itemIdentifier: ${JSON.stringify(failure)}`,
      );
    }
    if (!known.has(id)) return allFailed(messageIds, `itemIdentifier is not in the batch: ${id}`);
    failed.add(id);
  }
  return { succeeded: messageIds.filter((id) => !failed.has(id)), failed: [...failed] };
};

/** All messages return to the queue. */
export const allFailed = (messageIds: readonly string[], malformed?: string): Settlement => {
  return { succeeded: [], failed: messageIds, ...(malformed !== undefined && { malformed }) };
};

/** No message returns to the queue. */
export const allSucceeded = (messageIds: readonly string[]): Settlement => {
  return { succeeded: messageIds, failed: [] };
};

const failuresOf = (response: unknown): readonly unknown[] | undefined => {
  if (response === undefined || response === null) return [];
  if (!isObject(response)) return undefined;
  const { batchItemFailures } = response;
  if (batchItemFailures === undefined || batchItemFailures === null) return [];
  return Array.isArray(batchItemFailures) ? batchItemFailures : undefined;
};

const isObject = (value: unknown): value is Record<string, unknown> => {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
};
