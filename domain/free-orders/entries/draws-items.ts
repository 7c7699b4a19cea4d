/** Keys and single writes on the draws table that its modules share. */
import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';

const SLOT_DIGITS = 5;

export const drawsTable = (runtime: Runtime): string => runtime.environment('DRAWS_TABLE');

export const slotText = (slot: number): string => String(slot).padStart(SLOT_DIGITS, '0');

/** Writes an item unless one exists. Returns the item that is stored then. */
export const putOnce = async (runtime: Runtime, item: Item): Promise<Item> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: drawsTable(runtime),
        Item: item,
        ConditionExpression: 'attribute_not_exists(draw)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return item;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return error.Item;
  }
};
