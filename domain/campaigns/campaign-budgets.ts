import { type Coupons, DEFAULT_BUDGET_SHARDS } from '#events/sections/coupons.ts';
import { armBudgetFen, type SpendingArm, spendingArms } from './arms.ts';
import { type Budget, budgetKeyOf } from './budget.ts';

/** The budget that an arm of a campaign has in a pool, and the money it had when the campaign opened. */
export type CampaignBudget = {
  arm: SpendingArm;
  pool: string;
  totalFen: number;
  presaleFen: number;
  budget: Budget;
};

/** Where to find a budget of a campaign. */
export const budgetOf = (campaignId: string, coupons: Coupons, key: string): Budget => ({
  campaignId,
  key,
  shards: coupons.shards ?? DEFAULT_BUDGET_SHARDS,
});

/** All budgets of a campaign: one for each arm that spends and each pool. */
export const campaignBudgets = (campaignId: string, coupons: Coupons): CampaignBudget[] =>
  spendingArms(coupons).flatMap((arm) =>
    coupons.budgets.map(({ pool, totalFen, presaleShare }) => {
      const ofArmFen = armBudgetFen(coupons, { pool, totalFen }, arm);
      return {
        arm,
        pool,
        totalFen: ofArmFen,
        presaleFen: Math.floor(ofArmFen * presaleShare),
        budget: budgetOf(campaignId, coupons, budgetKeyOf(arm, pool)),
      };
    }),
  );
