import type { Budget } from '#domain/campaigns/budget.ts';
import { budgetOf, type Layout, layoutFor, type Shards } from '#domain/campaigns/layout.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';

/** The shards of campaigns that tests open, unless a definition names others. */
export const TEST_SHARDS: Shards = { metrics: 1, budgets: 8, entries: 8 };

/** The layout of a campaign that a test has opened. */
export const layoutIn = (
  definition: Pick<CampaignDefinition, 'campaignId' | 'coupons' | 'freeOrders'>,
): Layout => layoutFor(definition, TEST_SHARDS);

/** A budget of a campaign with these coupons. */
export const budgetIn = (campaignId: string, coupons: Coupons, key: string): Budget =>
  budgetOf(layoutIn({ campaignId, coupons }), key);
