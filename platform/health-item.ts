import {
  type AttributeValue,
  ConditionalCheckFailedException,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Runtime } from './runtime.ts';

/** How many messages lie where none should, as of a time. */
export type Health = { atMs: number; rejects: number; deadLetters: number };

/** One item for the whole stack, in a partition of the campaigns table whose name no campaign id can have. */
export const HEALTH_KEY: Readonly<Record<string, AttributeValue>> = {
  campaign: { S: '#health' },
  item: { S: 'QUEUES' },
};

export const healthOfItem = (item: Record<string, AttributeValue>): Health => ({
  atMs: Number(item.atMs!.N),
  rejects: Number(item.rejects!.N),
  deadLetters: Number(item.deadLetters!.N),
});

/** Notes what was seen, unless a later look is noted already. */
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
