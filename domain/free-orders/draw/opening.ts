/** The items that open a campaign's draw, written before the campaign is listed and any of its orders can come. */
import { budgetItems } from '#domain/campaigns/budget-items.ts';
import type { CampaignItem } from '#domain/campaigns/campaigns-table.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { factsOf } from './facts.ts';
import { factsItem } from './facts-item.ts';
import { commitmentsOf, type DrawKeys } from './keys.ts';
import { moneyBudget, quotaBudget } from './win.ts';

/**
 * The public facts with both commitments, and the full quota and budget. `nowMs` is when the campaign is opened: the grace
 * times of a past campaign, as in a replay, start then.
 */
export const drawOpeningItems = (
  definition: CampaignDefinition,
  keys: DrawKeys,
  nowMs: number,
): CampaignItem[] => {
  const { campaignId, freeOrders } = definition;
  if (freeOrders === undefined) return [];
  const facts = factsOf({ ...definition, freeOrders }, commitmentsOf(keys));
  return [
    factsItem(facts, nowMs),
    ...budgetItems(quotaBudget(campaignId), freeOrders.quota),
    ...budgetItems(moneyBudget(campaignId), freeOrders.budgetFen),
  ];
};
