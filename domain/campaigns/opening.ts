import type { CampaignDefinition } from '#events/contract.ts';
import { budgetItems } from './budget-items.ts';
import { campaignBudgets } from './campaign-budgets.ts';
import type { CampaignItem } from './campaigns-table.ts';

/**
 * The items that must exist before a campaign may be listed as open: mainly its full budgets. They are a function of the
 * definition. With 2 arms × 10 pools × 96 shards they are more than one transaction can hold.
 */
export const openingItems = ({ campaignId, coupons }: CampaignDefinition): CampaignItem[] =>
  coupons === undefined
    ? []
    : campaignBudgets(campaignId, coupons).flatMap(({ budget, totalFen }) => budgetItems(budget, totalFen));
