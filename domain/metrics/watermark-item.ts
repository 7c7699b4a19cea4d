import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { besideTotal, metricsTable } from './item-keys.ts';

export const WATERMARK_ITEM = 'WATERMARK';

/** Times of a campaign in ms that never fall. Undefined where nothing was rolled up, or only by the format before. */
export type Marks = {
  /** Up to when the stored rows were complete when somebody looked. */
  completeMs: number | undefined;
  /** The newest order's or refund's own time. */
  newestMs: number | undefined;
  /** The start of the newest base window that has a row. */
  tailMs: number | undefined;
};

const numberOf = (item: Item | undefined, field: keyof Marks): number | undefined =>
  item?.[field] === undefined ? undefined : Number(item[field].N);

export const marksOfItem = (item: Item | undefined): Marks => ({
  completeMs: numberOf(item, 'completeMs'),
  newestMs: numberOf(item, 'newestMs'),
  tailMs: numberOf(item, 'tailMs'),
});

/** A campaign's marks, strongly consistent. */
export const readMarks = async (runtime: Runtime, settings: CampaignSettings): Promise<Marks> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: metricsTable(runtime),
      Key: besideTotal(settings, WATERMARK_ITEM),
      ConsistentRead: true,
    }),
  );
  return marksOfItem(item);
};

/** Raises a mark; a no-op where it is as high by now. */
export const raiseMark = async (
  runtime: Runtime,
  settings: CampaignSettings,
  mark: keyof Marks,
  toMs: number,
): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: metricsTable(runtime),
        Key: besideTotal(settings, WATERMARK_ITEM),
        UpdateExpression: 'SET #mark = :toMs',
        ConditionExpression: 'attribute_not_exists(#mark) OR #mark < :toMs',
        ExpressionAttributeNames: { '#mark': mark },
        ExpressionAttributeValues: { ':toMs': { N: String(toMs) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
