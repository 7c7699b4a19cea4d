/** A client of the emulated tables, in place of the SDK's. */
import type { DynamoDBClient, TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb';
import { ANSWER_METADATA, type Hooks, type Operation, operationOf, type SentCommand } from './hooks.ts';
import type { Tables } from './tables.ts';
import { WriteTransaction } from './transactions.ts';

const transact = async (tables: Tables, operation: Operation, hooks: Hooks): Promise<object> => {
  const begun = tables.begin(operation.input as TransactWriteItemsCommandInput);
  if (!(begun instanceof WriteTransaction)) return begun.answer;
  try {
    await hooks.during?.(operation);
  } catch (error) {
    begun.abort();
    throw error;
  }
  return begun.commit();
};

/** Stands in for the SDK's client: sends commands to tables in this process, with the hooks around each. */
export const emulatedDynamoDb = (tables: Tables, hooks: Hooks = {}): Pick<DynamoDBClient, 'send'> => {
  const send = async (command: SentCommand): Promise<object> => {
    const operation = operationOf(command);
    await hooks.before?.(operation);
    const answer =
      operation.name === 'TransactWriteItems'
        ? await transact(tables, operation, hooks)
        : tables.execute(operation.name, operation.input);
    await hooks.after?.(operation, answer);
    return Object.assign(answer, { $metadata: ANSWER_METADATA });
  };
  return { send: send as DynamoDBClient['send'] };
};

/** Like {@link emulatedDynamoDb}, but without hooks, and for checks: see {@link Tables.inspect}. */
export const inspectingDynamoDb = (tables: Tables): Pick<DynamoDBClient, 'send'> => {
  const send = async (command: SentCommand): Promise<object> => {
    const { name, input } = operationOf(command);
    return Object.assign(tables.inspect(name, input), { $metadata: ANSWER_METADATA });
  };
  return { send: send as DynamoDBClient['send'] };
};
