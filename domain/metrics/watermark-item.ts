import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { besideTotal, metricsTable } from './item-keys.ts';

export const WATERMARK_ITEM = 'WATERMARK';

export const watermarkOfItem = (item: Item | undefined): number | undefined =>
  item && Number(item.completeMs!.N);

/** Raises the time in ms up to which a campaign's stored total was complete when somebody looked; it never falls. */
export const raiseWatermark = async (
  runtime: Runtime,
  settings: CampaignSettings,
  completeMs: number,
): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: metricsTable(runtime),
        Key: besideTotal(settings, WATERMARK_ITEM),
        UpdateExpression: 'SET #completeMs = :completeMs',
        ConditionExpression: 'attribute_not_exists(#completeMs) OR #completeMs < :completeMs',
        ExpressionAttributeNames: { '#completeMs': 'completeMs' },
        ExpressionAttributeValues: { ':completeMs': { N: String(completeMs) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
