/** Makes a DynamoDB client retry calls that conflict with a transaction. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { backoff } from './retry.ts';
import type { Clock } from './runtime.ts';

/** A conflict lasts only as long as the transaction: milliseconds. */
const MAX_ATTEMPTS = 10;

/** A plain call conflicted with a transaction on its item. Nothing happened, and a retry may succeed at once. */
const CONFLICT = 'TransactionConflictException';

type Send = (command: unknown) => Promise<unknown>;

/**
 * Makes a client retry calls that conflict with a transaction. The SDK does not, because it takes the conflict for a
 * fault of the request. Throws the conflict after ten attempts.
 */
export const patient = (
  client: Pick<DynamoDBClient, 'send'>,
  { clock, random }: { clock: Clock; random: () => number },
): Pick<DynamoDBClient, 'send'> => {
  const send: Send = async (command) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (client.send as unknown as Send).call(client, command);
      } catch (error) {
        if ((error as Error).name !== CONFLICT || attempt === MAX_ATTEMPTS) throw error;
        await backoff({ clock, random }, attempt);
      }
    }
  };
  return { send: send as unknown as DynamoDBClient['send'] };
};
