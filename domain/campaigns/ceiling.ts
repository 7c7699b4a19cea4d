import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type CampaignCapped, formatTime } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sumOf } from '#platform/collections.ts';
import { mapLimited } from '#platform/concurrency.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Item } from '#platform/item.ts';
import { queryAll } from '#platform/query-pages.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { transact } from '#platform/transaction.ts';
import { armBudgetFen } from './arms.ts';
import { type BudgetShardItem, leftFenIn, leftIn, readBudgetShards } from './budget-items.ts';
import { type CampaignBudget, campaignBudgets } from './campaign-budgets.ts';
import { requireLayout } from './campaigns-table.ts';
import { budgetOf } from './layout.ts';

/**
 * A ceiling for what a pool gives. The item `CEILING#pool` keeps the event that decides. The money above the ceiling is moved
 * aside in each shard, from `remaining` to `held`, so the condition of every debit refuses to spend it. This costs no further
 * write unit, and holds however outdated a worker's knowledge is. Σ remaining + Σ held is what is left of the budget, before and
 * after.
 *
 * 1. Every shard of the pool is marked as `capped`, which the condition of a debit refuses: what is spent cannot grow now.
 * 2. One transaction moves the right amount aside in all shards of a budget, and removes their marks.
 *
 * If more is already spent than the ceiling allows, the marks stay, until enough has come back from expired coupons or until the
 * ceiling is raised; the pacer tries again each minute.
 */
const CEILING_PREFIX = 'CEILING#';

/** Shards that are marked at a time: as many as a pause marks. */
const SHARDS_AT_ONCE = 32;
/** Attempts to write a budget's shards together. An attempt fails if something else writes one of them at the same moment. */
const MAX_ATTEMPTS = 24;

export type Ceiling = {
  pool: string;
  /** The most that the pool's live and used coupons may cost, in fen. */
  ceilingFen: number;
  /** The event's own time. */
  sinceMs: number;
  /** Orders the events about one pool, as text: by their times, and then by the hash of source and id. */
  order: string;
};

const tableName = (runtime: Runtime): string => runtime.environment('CAMPAIGNS_TABLE');

const keyOf = (campaignId: string, pool: string): Item => ({
  campaign: { S: campaignId },
  item: { S: `${CEILING_PREFIX}${pool}` },
});

const ceilingOfItem = (item: Item): Ceiling => ({
  pool: item.item!.S!.slice(CEILING_PREFIX.length),
  ceilingFen: Number(item.ceilingFen!.N),
  sinceMs: Number(item.sinceMs!.N),
  order: item.ceilingOrder!.S!,
});

/** The ceiling that an event asks for. */
export const ceilingOfEvent = ({ data, time, source, id }: CampaignCapped): Ceiling => {
  const sinceMs = Date.parse(time);
  const { pool, ceilingFen } = data;
  return { pool, ceilingFen, sinceMs, order: `${formatTime(sinceMs)}#${eventIdOf(source, id)}` };
};

/** The ceilings of a campaign's pools, strongly consistent. Pools that never had one are left out. */
export const readCeilings = async (runtime: Runtime, campaignId: string): Promise<Ceiling[]> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression: 'campaign = :campaign AND begins_with(#item, :prefix)',
    ExpressionAttributeNames: { '#item': 'item' },
    ExpressionAttributeValues: { ':campaign': { S: campaignId }, ':prefix': { S: CEILING_PREFIX } },
  });
  return items.map(ceilingOfItem);
};

/** Stores a ceiling unless a later event was stored before; returns whether it is the one that stands. */
const storeCeiling = async (runtime: Runtime, campaignId: string, given: Ceiling): Promise<boolean> => {
  try {
    await runtime.dynamodb.send(
      new PutItemCommand({
        TableName: tableName(runtime),
        Item: {
          ...keyOf(campaignId, given.pool),
          ceilingFen: { N: String(given.ceilingFen) },
          sinceMs: { N: String(given.sinceMs) },
          ceilingOrder: { S: given.order },
        },
        ConditionExpression: 'attribute_not_exists(campaign) OR ceilingOrder < :order',
        ExpressionAttributeValues: { ':order': { S: given.order } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return ceilingOfItem(error.Item).order === given.order;
  }
};

/** Marks a shard, unless this event or a later one has marked it before. */
const capShard = async (runtime: Runtime, { key }: BudgetShardItem, order: string): Promise<void> => {
  try {
    await runtime.dynamodb.send(
      new UpdateItemCommand({
        TableName: tableName(runtime),
        Key: key,
        UpdateExpression: 'SET capped = :yes, ceilingOrder = :order',
        ConditionExpression: 'attribute_not_exists(ceilingOrder) OR ceilingOrder < :order',
        ExpressionAttributeValues: { ':yes': { BOOL: true }, ':order': { S: order } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};

/**
 * Divides an amount among shards so that none gives more than it has, and otherwise as evenly as possible. The amount is at most
 * what all of them have together.
 */
export const spreadOver = (leftFen: readonly number[], amountFen: number): number[] => {
  const shares: number[] = Array(leftFen.length).fill(0);
  const fewestFirst = [...leftFen.keys()].sort((a, b) => leftFen[a]! - leftFen[b]!);
  let restFen = amountFen;
  for (const [i, shard] of fewestFirst.entries()) {
    shares[shard] = Math.min(leftFen[shard]!, Math.ceil(restFen / (fewestFirst.length - i)));
    restFen -= shares[shard]!;
  }
  return shares;
};

/**
 * Moves aside what a budget may not give, and removes the marks of its shards, in one transaction. Leaves the marks if the budget
 * has given too much. Does nothing if a later event has marked the shards, or if this one was carried out before.
 */
const settleBudget = async (
  runtime: Runtime,
  { campaignId, key, totalFen }: CampaignBudget & { campaignId: string },
  mayGiveFen: number,
  order: string,
): Promise<void> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await backoff(runtime, attempt);
    const shards = await readBudgetShards(runtime, campaignId, key);
    if (shards.some((shard) => !shard.isCapped || shard.ceilingOrder !== order)) return;
    const leftFen = shards.map(leftFenIn);
    const issuableFen = mayGiveFen - (totalFen - sumOf(leftFen));
    if (issuableFen < 0) return;
    const issuable = spreadOver(leftFen, issuableFen);
    const outcome = await transact(
      runtime,
      shards.map(({ key: itemKey, remaining, held }, i) => ({
        Update: {
          TableName: tableName(runtime),
          Key: itemKey,
          UpdateExpression: 'SET remaining = remaining - :moved, held = :held REMOVE capped',
          // Money that came back since the shards were read may be given: the budget has spent less by as much.
          ConditionExpression:
            'ceilingOrder = :order AND attribute_exists(capped) AND remaining >= :remaining',
          ExpressionAttributeValues: {
            ':moved': { N: String(remaining - issuable[i]!) },
            ':held': { N: String(held + remaining - issuable[i]!) },
            ':remaining': { N: String(remaining) },
            ':order': { S: order },
          },
        },
      })),
    );
    if (outcome.kind === 'done') return;
  }
  throw new Error(
    `budget ${key} of ${campaignId}: expected a ceiling within ${MAX_ATTEMPTS} attempts, got a conflict in each`,
  );
};

const budgetsOf = (coupons: Coupons, pool: string): CampaignBudget[] =>
  campaignBudgets(coupons).filter((budget) => budget.pool === pool);

/**
 * Completes a ceiling whose shards are marked. The arms share it as they share the budget; what one has given beyond its part is
 * taken from the others' parts. While an arm's shards are marked, its spending can only fall, so all arms together stay within
 * the ceiling.
 */
const settleCeiling = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
  { pool, ceilingFen, order }: Ceiling,
): Promise<void> => {
  const budgets = budgetsOf(coupons, pool);
  const layout = await requireLayout(runtime, campaignId);
  for (const one of budgets) {
    const left = leftIn(await readBudgetShards(runtime, campaignId));
    // A campaign that is being opened may not have all shards yet; the opening completes its ceilings.
    if (budgets.some(({ key }) => left.get(key)?.length !== budgetOf(layout, key).shards)) return;
    const partOf = ({ arm }: CampaignBudget): number =>
      armBudgetFen(coupons, { pool, totalFen: ceilingFen }, arm);
    const overFen = budgets
      .filter((other) => other !== one)
      .map((other) => Math.max(0, other.totalFen - sumOf(left.get(other.key)!) - partOf(other)));
    await settleBudget(runtime, { campaignId, ...one }, partOf(one) - sumOf(overFen), order);
  }
};

/**
 * Applies an event's ceiling. When it returns, the pool's live and used coupons cost at most the ceiling, or nothing more is
 * given from the pool. Whatever the order of the events and however often each comes, the one with the greatest `order`
 * decides. Returns whether this one decides.
 */
export const applyCeiling = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
  given: Ceiling,
): Promise<boolean> => {
  if (!(await storeCeiling(runtime, campaignId, given))) return false;
  const keys = new Set(budgetsOf(coupons, given.pool).map(({ key }) => key));
  const shards = (await readBudgetShards(runtime, campaignId)).filter(({ budgetKey }) => keys.has(budgetKey));
  const unmarked = shards.filter(({ ceilingOrder }) => ceilingOrder < given.order);
  await mapLimited(unmarked, SHARDS_AT_ONCE, (shard) => capShard(runtime, shard, given.order));
  await settleCeiling(runtime, campaignId, coupons, given);
  return true;
};

/** Completes ceilings whose shards are still marked because too much was given already, once enough money has come back. */
export const settleCeilings = async (
  runtime: Runtime,
  campaignId: string,
  coupons: Coupons,
): Promise<void> => {
  for (const ceiling of await readCeilings(runtime, campaignId))
    await settleCeiling(runtime, campaignId, coupons, ceiling);
};
