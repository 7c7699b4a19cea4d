import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { batchGet } from '#platform/batch-get.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { Budget, Debit } from './budget.ts';
import { splitBudget } from './budget.ts';
import { type CampaignItem, layoutOf } from './campaigns-table.ts';
import { type Layout, partitionOf } from './layout.ts';

/**
 * The items of budgets in the campaigns table: `BUDGET#arm/pool#shard`, each with what remains of that shard.
 * The partition key is the campaign and this name, or the campaign alone if the previous version opened the
 * campaign. The items are written once, when the campaign opens. After that, only the transactions that debit
 * or credit grants change what is left in a shard, so that
 * Σ face value of live and redeemed grants = Σ debits - Σ credits <= budget. A paused campaign's shards are
 * marked as `paused` by `issuing-switch.ts`, a closed one's as `closed` by `closing.ts`: they take money back
 * and give none. `ceiling.ts` moves money aside into `held`, and marks the shards as `capped` until that is
 * done: `capped` shards count as empty.
 */
const BUDGET_PREFIX = 'BUDGET#';
const SHARD_DIGITS = 2;

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

const itemNameOf = (key: string, shard: number): string =>
  `${BUDGET_PREFIX}${key}#${String(shard).padStart(SHARD_DIGITS, '0')}`;

const itemKeyOf = (budget: Budget, shard: number): Item => ({
  campaign: { S: partitionOf(budget, itemNameOf(budget.key, shard)) },
  item: { S: itemNameOf(budget.key, shard) },
});

const shardKeysOf = (budget: Budget): Item[] =>
  Array.from({ length: budget.shards }, (_, shard) => itemKeyOf(budget, shard));

/** The items of an unspent budget, for `putItemsOnce`. */
export const budgetItems = (budget: Budget, totalFen: number): CampaignItem[] =>
  splitBudget(totalFen, budget.shards).map((remaining, shard) => ({
    partition: partitionOf(budget, itemNameOf(budget.key, shard)),
    item: itemNameOf(budget.key, shard),
    attributes: { remaining: { N: String(remaining) } },
  }));

/** Takes an amount out of a shard, on the condition that the shard has it and is neither paused, closed nor capped. */
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
      'remaining >= :amount AND attribute_not_exists(paused) AND attribute_not_exists(closed) AND attribute_not_exists(capped)',
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

/**
 * What a shard may give, in fen or prizes, from the item that a failed condition returns; undefined if there
 * is no such item.
 */
export const remainingOf = (item: Item | undefined): number | undefined => {
  if (item?.remaining?.N === undefined) return undefined;
  return item.capped === undefined ? Number(item.remaining.N) : 0;
};

/** Why a shard gives no money, however much it has: until its campaign is resumed, or for good. */
export type Halt = 'paused' | 'closed';

/** Why a shard gives no money, from its item as a failed condition returns it; undefined if it does give money. */
export const haltOf = (item: Item | undefined): Halt | undefined => {
  if (item?.closed !== undefined) return 'closed';
  return item?.paused === undefined ? undefined : 'paused';
};

/** A shard of a budget, whose amounts are in fen, or of a quota, whose amounts are in prizes. */
export type BudgetShardItem = {
  key: Item;
  budgetKey: string;
  remaining: number;
  /** What a ceiling has moved aside. */
  held: number;
  /** Whether a ceiling is being applied, or more is spent than it allows. The shard gives nothing then. */
  isCapped: boolean;
  /** The `order` of the last ceiling; empty if there was none. */
  ceilingOrder: string;
  halt: Halt | undefined;
  /** Whether it is paused. A closed shard may be paused too. */
  isPaused: boolean;
  /** The `order` of the last event that paused or resumed it; empty if none has. */
  switchOrder: string;
};

/** The shards under the campaign's own key. They come in the order of their numbers, which have a fixed number of digits. */
const queryShards = (runtime: Runtime, campaignId: string, key: string | undefined): Promise<Item[]> =>
  queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression: 'campaign = :campaign AND begins_with(#item, :prefix)',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: {
      ':campaign': { S: campaignId },
      ':prefix': { S: key === undefined ? BUDGET_PREFIX : `${BUDGET_PREFIX}${key}#` },
    },
  });

/** The shards that the layout lists, each under a key of its own, in the order of budgets and numbers. */
const getShards = async (runtime: Runtime, { budgets }: Layout, key: string | undefined): Promise<Item[]> => {
  const asked = budgets.filter((budget) => key === undefined || budget.key === key);
  const keys = asked.flatMap(shardKeysOf);
  const items = await batchGet(runtime, tableName(runtime), keys);
  const byName = new Map(items.map((item) => [item.item!.S!, item]));
  return keys.flatMap(({ item }) => byName.get(item!.S!) ?? ([] as Item[]));
};

/**
 * Every shard of a campaign's budgets and quotas (or of the one with this key), strongly consistent. Those of a budget come in
 * the order of their numbers.
 */
export const readBudgetShards = async (
  runtime: Runtime,
  campaignId: string,
  key?: string,
): Promise<BudgetShardItem[]> => {
  const layout = await layoutOf(runtime, campaignId);
  const items = layout?.hasOwnKeys
    ? await getShards(runtime, layout, key)
    : await queryShards(runtime, campaignId, key);
  return items.map((item) => ({
    key: { campaign: item.campaign!, item: item.item! },
    budgetKey: item.item!.S!.split('#')[1]!,
    remaining: Number(item.remaining!.N),
    held: Number(item.held?.N ?? 0),
    isCapped: item.capped !== undefined,
    ceilingOrder: item.ceilingOrder?.S ?? '',
    halt: haltOf(item),
    isPaused: item.paused !== undefined,
    switchOrder: item.switchOrder?.S ?? '',
  }));
};

/** What is left in a shard, whether it may be given or not. */
export const leftFenIn = ({ remaining, held }: BudgetShardItem): number => remaining + held;

const byBudget = (
  shards: readonly BudgetShardItem[],
  amountOf: (shard: BudgetShardItem) => number,
): Map<string, number[]> =>
  new Map(
    [...Map.groupBy(shards, ({ budgetKey }) => budgetKey)].map(([budgetKey, ofBudget]) => [
      budgetKey,
      ofBudget.map(amountOf),
    ]),
  );

/** What shards may give unless the campaign is paused or closed: by budget key, one number for each shard. */
export const issuableIn = (shards: readonly BudgetShardItem[]): Map<string, number[]> =>
  byBudget(shards, ({ remaining, isCapped }) => (isCapped ? 0 : remaining));

/** What is left of budgets, money that a ceiling holds back included: by budget key, one number for each shard. */
export const leftIn = (shards: readonly BudgetShardItem[]): Map<string, number[]> =>
  byBudget(shards, leftFenIn);

/** By budget key, what cannot be given because of a ceiling, in fen; budgets without such money are left out. */
export type HeldBack = Readonly<Record<string, number>>;

export const heldBackIn = (shards: readonly BudgetShardItem[]): HeldBack => {
  const byKey: Record<string, number> = {};
  for (const { budgetKey, held, remaining, isCapped } of shards) {
    const fen = isCapped ? held + remaining : held;
    if (fen > 0) byKey[budgetKey] = (byKey[budgetKey] ?? 0) + fen;
  }
  return byKey;
};

/** What is left of every budget of a campaign; see {@link leftIn}. */
export const readBudgets = async (runtime: Runtime, campaignId: string): Promise<Map<string, number[]>> =>
  leftIn(await readBudgetShards(runtime, campaignId));
