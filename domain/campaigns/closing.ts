import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CampaignDefinition } from '#events/contract.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Item } from '#platform/item.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type BudgetShardItem, leftFenIn, readBudgetShards } from './budget-items.ts';
import { campaignBudgets } from './campaign-budgets.ts';

/**
 * Closing a campaign's coupons for good. The item `CLOSED` keeps the time, and every shard of every coupon budget carries a
 * mark that nothing removes. So it makes no difference in what order and how often the closing events come, nor whether the
 * campaign is paused or resumed. A draw of free orders is not closed, because it was announced to last until its own end.
 */
const CLOSED_ITEM = 'CLOSED';

/** How many shards are marked at a time: as many as by a pause. */
const SHARDS_AT_ONCE = 32;

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

export const closingKeyOf = (campaignId: string): Item => ({
  campaign: { S: campaignId },
  item: { S: CLOSED_ITEM },
});

export const closedMsOfItem = (item: Item): number => Number(item.closedMs!.N);

/** Since when a campaign is closed, in ms since the epoch; undefined if it is open. The read is strongly consistent. */
export const readClosing = async (runtime: Runtime, campaignId: string): Promise<number | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({
      TableName: tableName(runtime),
      Key: closingKeyOf(campaignId),
      ConsistentRead: true,
    }),
  );
  return item && closedMsOfItem(item);
};

/** Stores the time since which a campaign is closed. Of several times the earliest is kept. */
const storeClosing = async (runtime: Runtime, campaignId: string, closedMs: number): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: { ...closingKeyOf(campaignId), closedMs: { N: String(closedMs) } },
        ConditionExpression: 'attribute_not_exists(campaign) OR closedMs > :closedMs',
        ExpressionAttributeValues: { ':closedMs': { N: String(closedMs) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};

const closeShard = async (runtime: Runtime, { key }: BudgetShardItem): Promise<void> => {
  await runtime.dynamodb.send(
    new UpdateItemCommand({
      TableName: tableName(runtime),
      Key: key,
      UpdateExpression: 'SET closed = :yes',
      ExpressionAttributeValues: { ':yes': { BOOL: true } },
    }),
  );
};

const couponShards = async (
  runtime: Runtime,
  { campaignId, coupons }: CampaignDefinition,
): Promise<BudgetShardItem[]> => {
  if (coupons === undefined) return [];
  const keys = new Set(campaignBudgets(coupons).map(({ key }) => key));
  return (await readBudgetShards(runtime, campaignId)).filter(({ budgetKey }) => keys.has(budgetKey));
};

/**
 * Closes a campaign. When it returns, no existing shard gives out a coupon's money any more, to any worker; redemptions, refunds
 * and expiry go on.
 */
export const applyClosing = async (
  runtime: Runtime,
  definition: CampaignDefinition,
  closedMs: number,
): Promise<void> => {
  await storeClosing(runtime, definition.campaignId, closedMs);
  const shards = await couponShards(runtime, definition);
  const open = shards.filter(({ halt }) => halt !== 'closed');
  await mapLimited(open, SHARDS_AT_ONCE, (shard) => closeShard(runtime, shard));
};

/** How many shards are closed already, and the money left in each budget, by its key. */
export type ClosingProgress = {
  closedMs: number | undefined;
  shards: number;
  closed: number;
  notIssuedFen: Record<string, number>;
};

/** Reads how far a campaign is closed, with strongly consistent reads. */
export const readClosingProgress = async (
  runtime: Runtime,
  definition: CampaignDefinition,
): Promise<ClosingProgress> => {
  const closedMs = await readClosing(runtime, definition.campaignId);
  const shards = await couponShards(runtime, definition);
  const notIssuedFen: Record<string, number> = {};
  for (const shard of shards)
    notIssuedFen[shard.budgetKey] = (notIssuedFen[shard.budgetKey] ?? 0) + leftFenIn(shard);
  return {
    closedMs,
    shards: shards.length,
    closed: shards.filter(({ halt }) => halt === 'closed').length,
    notIssuedFen,
  };
};
