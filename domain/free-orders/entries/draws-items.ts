/** What the modules of the draws table share: its name, the text of a slot in its keys, and a write of one item. */
import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';

const SLOT_DIGITS = 5;

export const drawsTable = (runtime: Runtime): string => runtime.environment('DRAWS_TABLE');

export const slotText = (slot: number): string => String(slot).padStart(SLOT_DIGITS, '0');

/** Writes an item unless its key is taken. Returns the item that is stored under the key afterwards. */
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
