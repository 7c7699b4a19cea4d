import type { SQSClient } from '@aws-sdk/client-sqs';
import { ANSWER_METADATA, type Hooks, operationOf, type SentCommand } from './hooks.ts';
import type { Queues } from './queues.ts';

/**
 * Stands in for the SDK's client: sends commands to queues in this process, with the hooks around each. A receive that finds
 * nothing returns at once.
 */
export const emulatedSqs = (queues: Queues, hooks: Omit<Hooks, 'during'> = {}): Pick<SQSClient, 'send'> => {
  const send = async (command: SentCommand): Promise<object> => {
    const operation = operationOf(command);
    await hooks.before?.(operation);
    const answer = queues.execute(operation.name, operation.input);
    await hooks.after?.(operation, answer);
    return Object.assign(answer, { $metadata: ANSWER_METADATA });
  };
  return { send: send as SQSClient['send'] };
};
