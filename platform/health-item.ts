import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './item.ts';
import type { Runtime } from './runtime.ts';

/** How many messages are in the queues that should be empty, as of `atMs`. */
export type Health = { atMs: number; rejects: number; deadLetters: number };

/** One item for the whole stack, in a partition of the campaigns table whose name no campaign id can have. */
export const HEALTH_KEY: Readonly<Item> = {
  campaign: { S: '#health' },
  item: { S: 'QUEUES' },
};

export const healthOfItem = (item: Item): Health => ({
  atMs: Number(item.atMs!.N),
  rejects: Number(item.rejects!.N),
  deadLetters: Number(item.deadLetters!.N),
});

/** Stores the counts, unless later ones are stored already. */
export const writeHealth = async (
  runtime: Runtime,
  { atMs, rejects, deadLetters }: Health,
): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: runtime.environment('CAMPAIGNS_TABLE'),
        Item: {
          ...HEALTH_KEY,
          atMs: { N: String(atMs) },
          rejects: { N: String(rejects) },
          deadLetters: { N: String(deadLetters) },
        },
        ConditionExpression: 'attribute_not_exists(atMs) OR atMs < :at',
        ExpressionAttributeValues: { ':at': { N: String(atMs) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
