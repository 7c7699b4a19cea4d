/** The items that open a campaign's draw. They are written before the campaign is listed, and so before its first order. */
import { budgetItems } from '#domain/campaigns/budget-items.ts';
import type { CampaignItem } from '#domain/campaigns/campaigns-table.ts';
import { budgetOf, type Layout, MONEY_KEY, QUOTA_KEY } from '#domain/campaigns/layout.ts';
import type { CampaignDefinition } from '#events/contract.ts';
import { factsOf } from './facts.ts';
import { factsItem } from './facts-item.ts';
import { commitmentsOf, type DrawKeys } from './keys.ts';

/**
 * The public facts with both commitments, and the full quota and budget. `nowMs` is when the campaign is opened: the grace
 * times of a past campaign, as in a replay, start then.
 */
export const drawOpeningItems = (
  definition: CampaignDefinition,
  { keys, layout }: { keys: DrawKeys; layout: Layout },
  nowMs: number,
): CampaignItem[] => {
  const { freeOrders } = definition;
  if (freeOrders === undefined) return [];
  const facts = factsOf({ ...definition, freeOrders }, commitmentsOf(keys));
  return [
    factsItem(facts, nowMs),
    ...budgetItems(budgetOf(layout, QUOTA_KEY), freeOrders.quota),
    ...budgetItems(budgetOf(layout, MONEY_KEY), freeOrders.budgetFen),
  ];
};
