/** Reads and raises the marks of a campaign: up to when its figures are complete, and what is newest in them. */
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CampaignSettings } from '#events/contract.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { besideTotal, metricsTable } from './item-keys.ts';

export const WATERMARK_ITEM = 'WATERMARK';

/** Times of a campaign, in ms, that never decrease. Undefined if nothing was rolled up yet, or only in the previous format. */
export type Marks = {
  /** The latest time up to which the stored rows were found to be complete. */
  completeMs: number | undefined;
  /** The event time of the newest order or refund. */
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

/** Reads a campaign's marks, strongly consistently. */
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

/** The marks to raise, and the time to raise each to. */
export type Raised = Partial<Record<keyof Marks, number>>;

/** Raises either all of these marks or none; returns whether all of them were lower, and so were raised. */
const raiseAll = async (runtime: Runtime, settings: CampaignSettings, raised: Raised): Promise<boolean> => {
  const marks = Object.entries(raised);
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: metricsTable(runtime),
        Key: besideTotal(settings, WATERMARK_ITEM),
        UpdateExpression: `SET ${marks.map(([mark]) => `#${mark} = :${mark}`).join(', ')}`,
        ConditionExpression: marks
          .map(([mark]) => `(attribute_not_exists(#${mark}) OR #${mark} < :${mark})`)
          .join(' AND '),
        ExpressionAttributeNames: Object.fromEntries(marks.map(([mark]) => [`#${mark}`, mark])),
        ExpressionAttributeValues: Object.fromEntries(
          marks.map(([mark, toMs]) => [`:${mark}`, { N: String(toMs) }]),
        ),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/** Raises marks. A mark that is already as high, or higher, stays unchanged. */
export const raiseMarks = async (
  runtime: Runtime,
  settings: CampaignSettings,
  raised: Raised,
): Promise<void> => {
  const marks = Object.entries(raised);
  if (marks.length === 0 || (await raiseAll(runtime, settings, raised)) || marks.length === 1) return;
  for (const [mark, toMs] of marks) await raiseAll(runtime, settings, { [mark]: toMs });
};
