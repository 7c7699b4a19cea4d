import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Runtime } from '#platform/runtime.ts';
import { layoutOf } from './campaigns-table.ts';
import { type Layout, partitionOf } from './layout.ts';

/** The item in the campaigns table that holds the current price of a fen in each budget of a campaign. */
const PRICE_ITEM = 'PRICE';

/**
 * Prices by budget key (`engine/platform`): what a fen must bring, in the objective's unit, to be spent. A budget without
 * an entry has the price 0: its money is not scarce until a price is written.
 */
export type Prices = Record<string, number>;

export type PriceList = {
  prices: Prices;
  /** Counts the writes; 0 if there was none. */
  version: number;
};

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

export const pricesKeyOf = (
  layout: Pick<Layout, 'campaignId' | 'hasOwnKeys'>,
): Record<string, AttributeValue> => ({
  campaign: { S: partitionOf(layout, PRICE_ITEM) },
  item: { S: PRICE_ITEM },
});

const keyOf = async (runtime: Runtime, campaignId: string): Promise<Record<string, AttributeValue>> =>
  pricesKeyOf((await layoutOf(runtime, campaignId)) ?? { campaignId, hasOwnKeys: false });

export const pricesOfItem = (item: Record<string, AttributeValue> | undefined): PriceList =>
  item === undefined
    ? { prices: {}, version: 0 }
    : { prices: JSON.parse(item.body!.S!) as Prices, version: Number(item.version!.N) };

/** The prices of a campaign, strongly consistent. */
export const readPrices = async (runtime: Runtime, campaignId: string): Promise<PriceList> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: await keyOf(runtime, campaignId),
      ConsistentRead: true,
    }),
  );
  return pricesOfItem(item);
};

/** Writes prices unless they were written since `version` was read. Returns whether they were written. */
export const writePrices = async (
  runtime: Runtime,
  campaignId: string,
  prices: Prices,
  version: number,
): Promise<boolean> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: {
          ...(await keyOf(runtime, campaignId)),
          body: { S: JSON.stringify(prices) },
          version: { N: String(version + 1) },
        },
        ...(version === 0
          ? { ConditionExpression: 'attribute_not_exists(campaign)' }
          : {
              ConditionExpression: '#version = :version',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':version': { N: String(version) } },
            }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
