import type { Coupons } from '#events/sections/coupons.ts';
import { budgetItems } from './budget-items.ts';
import { campaignBudgets } from './campaign-budgets.ts';
import type { CampaignItem } from './campaigns-table.ts';
import { budgetOf, type Layout } from './layout.ts';

/**
 * The items of a campaign's full coupon budgets, which must exist before the campaign may be listed as open. They are a function
 * of the definition and the layout. With 2 arms × 10 pools × 96 shards they are more than one transaction can hold.
 */
export const openingItems = (layout: Layout, coupons: Coupons | undefined): CampaignItem[] =>
  coupons === undefined
    ? []
    : campaignBudgets(coupons).flatMap(({ key, totalFen }) => budgetItems(budgetOf(layout, key), totalFen));
