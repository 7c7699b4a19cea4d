import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { backoff } from './retry.ts';
import type { Clock } from './runtime.ts';

/** A conflict lasts as long as another's transaction: milliseconds. */
const MAX_ATTEMPTS = 10;

/** A plain write or read met another's transaction on its item: nothing happened, and it may happen at once. */
const CONFLICT = 'TransactionConflictException';

type Send = (command: unknown) => Promise<unknown>;

/**
 * A client that tries again what a transaction of somebody else was in the way of. The SDK does not, and takes it for a fault of
 * the request. Throws the conflict after ten attempts.
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
