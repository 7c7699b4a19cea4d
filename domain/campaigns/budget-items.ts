import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { queryAll } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Budget, Debit } from './budget.ts';
import { splitBudget } from './budget.ts';
import type { CampaignItem } from './campaigns-table.ts';

/**
 * The items of budgets in the campaigns table: `BUDGET#arm/pool#shard`, each with what remains of that shard. They are
 * written once, when the campaign opens. After that, only the transactions that grant or revoke change what remains, so that
 * Σ face value of live and redeemed grants = Σ debits - Σ credits <= budget. A paused campaign's shards are marked as `paused`
 * by `issuing-switch.ts`, a closed one's as `closed` by `closing.ts`: they take money back and give none.
 */
const BUDGET_PREFIX = 'BUDGET#';
const SHARD_DIGITS = 2;

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

const itemNameOf = (key: string, shard: number): string =>
  `${BUDGET_PREFIX}${key}#${String(shard).padStart(SHARD_DIGITS, '0')}`;

const itemKeyOf = (budget: Budget, shard: number): Record<string, AttributeValue> => ({
  campaign: { S: budget.campaignId },
  item: { S: itemNameOf(budget.key, shard) },
});

/** The items of an unspent budget, for `putItemsOnce`. */
export const budgetItems = (budget: Budget, totalFen: number): CampaignItem[] =>
  splitBudget(totalFen, budget.shards).map((remaining, shard) => ({
    item: itemNameOf(budget.key, shard),
    attributes: { remaining: { N: String(remaining) } },
  }));

/** Takes an amount out of a shard, on the condition that the shard has it and is neither paused nor closed. */
export const debitAction = (
  runtime: Runtime,
  budget: Budget,
  { shard, amountFen }: Debit,
): TransactWriteItem => ({
  Update: {
    TableName: tableName(runtime),
    Key: itemKeyOf(budget, shard),
    UpdateExpression: 'SET remaining = remaining - :amount',
    ConditionExpression:
      'remaining >= :amount AND attribute_not_exists(paused) AND attribute_not_exists(closed)',
    ExpressionAttributeValues: { ':amount': { N: String(amountFen) } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

/** Puts an amount back into a shard. It need not be the shard that it came from. */
export const creditAction = (
  runtime: Runtime,
  budget: Budget,
  { shard, amountFen }: Debit,
): TransactWriteItem => ({
  Update: {
    TableName: tableName(runtime),
    Key: itemKeyOf(budget, shard),
    UpdateExpression: 'SET remaining = remaining + :amount',
    ConditionExpression: 'attribute_exists(remaining)',
    ExpressionAttributeValues: { ':amount': { N: String(amountFen) } },
  },
});

/** What remains in a shard, from the item that a failed condition returns; undefined if there is no such item. */
export const remainingOf = (item: Record<string, AttributeValue> | undefined): number | undefined =>
  item?.remaining?.N === undefined ? undefined : Number(item.remaining.N);

/** Why a shard gives no money, however much it has: until its campaign is resumed, or for good. */
export type Halt = 'paused' | 'closed';

/** Why a shard gives no money, from its item as a failed condition returns it; undefined if it does give money. */
export const haltOf = (item: Record<string, AttributeValue> | undefined): Halt | undefined => {
  if (item?.closed !== undefined) return 'closed';
  return item?.paused === undefined ? undefined : 'paused';
};

/** A shard of a budget or a quota. */
export type BudgetShardItem = {
  key: Record<string, AttributeValue>;
  budgetKey: string;
  remaining: number;
  halt: Halt | undefined;
  /** Whether it is paused, closed or not. */
  isPaused: boolean;
  /** The `order` of the last event that paused or resumed it; empty if none has. */
  switchOrder: string;
};

/** Every shard of a campaign's budgets and quotas (or of the one with this key), strongly consistent, by key and number. */
export const readBudgetShards = async (
  runtime: Runtime,
  campaignId: string,
  key?: string,
): Promise<BudgetShardItem[]> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression: 'campaign = :campaign AND begins_with(#item, :prefix)',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: {
      ':campaign': { S: campaignId },
      ':prefix': { S: key === undefined ? BUDGET_PREFIX : `${BUDGET_PREFIX}${key}#` },
    },
  });
  // Shards come in the order of their numbers, because these have a fixed number of digits.
  return items.map((item) => ({
    key: { campaign: item.campaign!, item: item.item! },
    budgetKey: item.item!.S!.split('#')[1]!,
    remaining: Number(item.remaining!.N),
    halt: haltOf(item),
    isPaused: item.paused !== undefined,
    switchOrder: item.switchOrder?.S ?? '',
  }));
};

/** What remains in shards, by budget key, one number for each shard. */
export const remaindersOf = (shards: readonly BudgetShardItem[]): Map<string, number[]> =>
  new Map(
    [...Map.groupBy(shards, ({ budgetKey }) => budgetKey)].map(([budgetKey, ofBudget]) => [
      budgetKey,
      ofBudget.map(({ remaining }) => remaining),
    ]),
  );

/** What remains of every budget of a campaign (or of the one with this key), by budget key, one number for each shard. */
export const readBudgets = async (
  runtime: Runtime,
  campaignId: string,
  key?: string,
): Promise<Map<string, number[]>> => remaindersOf(await readBudgetShards(runtime, campaignId, key));
