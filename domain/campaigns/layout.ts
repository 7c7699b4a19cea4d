import type { CampaignDefinition } from '#events/contract.ts';
import { type Coupons, DEFAULT_BUDGET_SHARDS } from '#events/sections/coupons.ts';
import { DEFAULT_SHARDS } from '#events/sections/metrics.ts';
import type { Budget } from './budget.ts';
import { type CampaignBudget, campaignBudgets } from './campaign-budgets.ts';
import { faceValueFen } from './offer.ts';

/**
 * Under which keys a campaign's items are, and in how many shards. A partition key takes 1,000 write units a second, so each
 * shard, each segment of the presale and the prices have a partition key of their own. All this is decided when a campaign is
 * registered, and holds for the whole campaign, whatever a later deployment says.
 */

/** Into how many shards a campaign's metrics, each of its coupon budgets and the entries of each slot of its draw are divided. */
export type Shards = { metrics: number; budgets: number; entries: number };

/**
 * The shards of one campaign, as they are stored. `budgets` holds the number of shards of each coupon budget
 * by its key, or one number for all of them. A single number was the only form at first. It is still stored if
 * the definition names the number of shards of its budgets, but then the definition's number counts.
 */
export type CampaignShards = Omit<Shards, 'budgets'> & { budgets: number | Readonly<Record<string, number>> };

/** The shards of every campaign that the previous version opened, unless its definition names others. */
export const FEWEST_SHARDS: Shards = { metrics: DEFAULT_SHARDS, budgets: DEFAULT_BUDGET_SHARDS, entries: 8 };

export type Layout = {
  campaignId: string;
  /** False in a campaign that the previous version opened: everything is under the campaign's own key. */
  hasOwnKeys: boolean;
  /** Every budget and quota of the campaign. */
  budgets: readonly Budget[];
  /** The number of shards of the entries of each slot of the draw. */
  entryShards: number;
};

/** The partition key of an item that many workers write. */
export const partitionOf = (
  { campaignId, hasOwnKeys }: Pick<Layout, 'campaignId' | 'hasOwnKeys'>,
  item: string,
): string => (hasOwnKeys ? `${campaignId}#${item}` : campaignId);

/** The budgets of a draw: the number of awards that are left, and the money for them. */
export const QUOTA_KEY = 'free/quota';
export const MONEY_KEY = 'free/budget';
/** Wins are few, and those of a batch share a debit, so this is enough at any peak. */
const DRAW_BUDGET_SHARDS = 10;

/**
 * The layout of a campaign. `shards` are those that it was registered with; undefined if the previous version
 * registered it.
 */
export const layoutFor = (
  { campaignId, coupons, freeOrders }: Pick<CampaignDefinition, 'campaignId' | 'coupons' | 'freeOrders'>,
  shards: CampaignShards | undefined,
): Layout => {
  const { budgets, entries } = shards ?? FEWEST_SHARDS;
  const hasOwnKeys = shards !== undefined;
  const shardsOf = (key: string): number =>
    coupons?.shards ?? (typeof budgets === 'number' ? budgets : budgets[key]!);
  const couponKeys = coupons === undefined ? [] : campaignBudgets(coupons).map(({ key }) => key);
  const drawKeys = freeOrders === undefined ? [] : [QUOTA_KEY, MONEY_KEY];
  return {
    campaignId,
    hasOwnKeys,
    budgets: [
      ...couponKeys.map((key) => ({ campaignId, key, shards: shardsOf(key), hasOwnKeys })),
      ...drawKeys.map((key) => ({ campaignId, key, shards: DRAW_BUDGET_SHARDS, hasOwnKeys })),
    ],
    entryShards: entries,
  };
};

/** The budget of a layout under this key. Throws if the campaign has no such budget. */
export const budgetOf = ({ campaignId, budgets }: Layout, key: string): Budget => {
  const budget = budgets.find((one) => one.key === key);
  if (budget === undefined) throw new Error(`campaign ${campaignId}: expected a budget ${key}, got none`);
  return budget;
};

/** A shard with money for fewer coupons than this is soon too poor for one more, and debits then look for a fuller shard. */
const COUPONS_PER_SHARD_MIN = 100;

/** How many shards a budget's money is enough for: 0 for an arm that has no money in the pool. */
const affordableShards = ({ offers }: Coupons, { pool, totalFen }: CampaignBudget): number => {
  const faces = offers.filter((offer) => offer.pool === pool).map(faceValueFen);
  return Math.floor(totalFen / (COUPONS_PER_SHARD_MIN * Math.max(1, ...faces)));
};

/**
 * The shards of a new campaign. If its definition names no number, each coupon budget has as many as the stage's peak needs. A
 * small budget has fewer, so that each holds money for more than a few coupons, but at least {@link DEFAULT_BUDGET_SHARDS}.
 */
export const shardsOfNew = ({ coupons }: CampaignDefinition, ofStage: Shards): CampaignShards => {
  if (coupons === undefined || coupons.shards !== undefined) return ofStage;
  const budgets = campaignBudgets(coupons).map((budget) => {
    const divided = Math.max(DEFAULT_BUDGET_SHARDS, affordableShards(coupons, budget));
    return [budget.key, Math.min(ofStage.budgets, divided)] as const;
  });
  return { ...ofStage, budgets: Object.fromEntries(budgets) };
};

/** The definition with the number of its metrics' shards, if the definition itself names none. */
export const withMetricShards = (
  definition: CampaignDefinition,
  shards: CampaignShards | undefined,
): CampaignDefinition =>
  shards === undefined || shards.metrics === DEFAULT_SHARDS || definition.metrics?.shards !== undefined
    ? definition
    : { ...definition, metrics: { ...definition.metrics, shards: shards.metrics } };
