/** Reads and writes the learned model of a campaign. */
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { parseUseModel, type UseModel } from './use-model.ts';

/** The item in the campaigns table that holds a campaign's learned model. */
const MODEL_ITEM = 'MODEL';

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

export const modelKeyOf = (campaignId: string): Item => ({
  campaign: { S: campaignId },
  item: { S: MODEL_ITEM },
});

export const modelOfItem = (item: Item): UseModel => parseUseModel(JSON.parse(item.body!.S!));

/** The model of a campaign, by a strongly consistent read; undefined before there is one. */
export const readModel = async (runtime: Runtime, campaignId: string): Promise<UseModel | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: tableName(runtime), Key: modelKeyOf(campaignId), ConsistentRead: true }),
  );
  return item && modelOfItem(item);
};

/**
 * Writes a model in place of the version before it. Returns false if that version is no longer there, because another worker
 * has written a newer one.
 */
export const writeModel = async (runtime: Runtime, campaignId: string, model: UseModel): Promise<boolean> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: {
          ...modelKeyOf(campaignId),
          body: { S: JSON.stringify(model) },
          version: { N: String(model.version) },
        },
        ...(model.version === 1
          ? { ConditionExpression: 'attribute_not_exists(campaign)' }
          : {
              ConditionExpression: '#version = :before',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':before': { N: String(model.version - 1) } },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
