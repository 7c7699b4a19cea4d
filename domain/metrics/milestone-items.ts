/** Reads and writes the recorded milestones of a campaign. */
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import type { Runtime } from '#platform/runtime.ts';
import { besideTotal, metricsTable } from './item-keys.ts';

const MILESTONES_ITEM = 'MILESTONES';

/** A campaign's milestones as they are stored; `blocks` is the number of blocks in the total when they were found. */
export type StoredMilestones = { blocks: number; body: Uint8Array };

/** The recorded milestones of a campaign; undefined if there are none. */
export const readMilestoneItem = async (
  runtime: Runtime,
  settings: CampaignSettings,
): Promise<StoredMilestones | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: metricsTable(runtime),
      Key: besideTotal(settings, MILESTONES_ITEM),
      ConsistentRead: true,
    }),
  );
  return item && { blocks: Number(item.blocks!.N), body: item.body!.B! };
};

/** Records milestones unless the stored ones were found in more blocks. Returns whether they were recorded. */
export const putMilestoneItem = async (
  runtime: Runtime,
  settings: CampaignSettings,
  { blocks, body }: StoredMilestones,
): Promise<boolean> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: metricsTable(runtime),
        Item: {
          ...besideTotal(settings, MILESTONES_ITEM),
          blocks: { N: String(blocks) },
          body: { B: body },
        },
        ConditionExpression: 'attribute_not_exists(#blocks) OR #blocks <= :blocks',
        ExpressionAttributeNames: { '#blocks': 'blocks' },
        ExpressionAttributeValues: { ':blocks': { N: String(blocks) } },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
