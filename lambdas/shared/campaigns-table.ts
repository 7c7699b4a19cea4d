import {
  type AttributeValue,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { type CampaignDefinition, type CampaignSettings, campaignSettings } from '#events/contract.ts';
import { dynamodb } from './dynamodb.ts';
import { environment } from './environment.ts';

/**
 * All statements on the campaigns table. Its key is (campaign, item). One partition, whose name no campaign id can have,
 * lists the settings of every open campaign, so that the front door learns of all of them with one query.
 */
const DEFINITION_ITEM = 'DEFINITION';
const OPEN_PARTITION = '#open';

const tableName = (): string => environment('CAMPAIGNS_TABLE');

export type Opening = { kind: 'opened' } | { kind: 'known'; definition: CampaignDefinition };

/** Opens a campaign, or returns the definition under which it is open already. */
export const openCampaign = async (definition: CampaignDefinition): Promise<Opening> => {
  const { campaignId } = definition;
  const put = (campaign: string, item: string, body: unknown) => ({
    Put: {
      TableName: tableName(),
      Item: { campaign: { S: campaign }, item: { S: item }, body: { S: JSON.stringify(body) } },
      ConditionExpression: 'attribute_not_exists(campaign)',
    },
  });
  try {
    await dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          put(campaignId, DEFINITION_ITEM, definition),
          put(OPEN_PARTITION, campaignId, campaignSettings(definition)),
        ],
      }),
    );
    return { kind: 'opened' };
  } catch (error) {
    const isKnown =
      error instanceof TransactionCanceledException &&
      error.CancellationReasons?.some(({ Code: code }) => code === 'ConditionalCheckFailed');
    const known = isKnown ? await readDefinition(campaignId) : undefined;
    // Any other cancellation, a conflict with another opening above all, is a fault: the message comes back and finds out.
    if (known === undefined) throw error;
    return { kind: 'known', definition: known };
  }
};

/** The definition of an open campaign. */
export const readDefinition = async (campaignId: string): Promise<CampaignDefinition | undefined> => {
  const { Item: item } = await dynamodb.send(
    new GetItemCommand({
      TableName: tableName(),
      Key: { campaign: { S: campaignId }, item: { S: DEFINITION_ITEM } },
      ConsistentRead: true,
    }),
  );
  return item && (JSON.parse(item.body!.S!) as CampaignDefinition);
};

/** The settings of every open campaign, in the order of their ids. */
export const readOpenCampaigns = async (): Promise<CampaignSettings[]> => {
  const settings: CampaignSettings[] = [];
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodb.send(
      new QueryCommand({
        TableName: tableName(),
        KeyConditionExpression: 'campaign = :open',
        ExpressionAttributeValues: { ':open': { S: OPEN_PARTITION } },
        ConsistentRead: true,
        ...(startKey === undefined ? {} : { ExclusiveStartKey: startKey }),
      }),
    );
    for (const item of page.Items ?? []) settings.push(JSON.parse(item.body!.S!) as CampaignSettings);
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return settings;
};
