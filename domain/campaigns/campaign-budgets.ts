import type { Coupons } from '#events/sections/coupons.ts';
import { armBudgetFen, type SpendingArm, spendingArms } from './arms.ts';
import { budgetKeyOf } from './budget.ts';

/** The budget that an arm of a campaign has in a pool, and the money it had when the campaign opened. */
export type CampaignBudget = {
  arm: SpendingArm;
  pool: string;
  totalFen: number;
  /** The most of `totalFen` that the presale may give. */
  presaleFen: number;
  /** The budget's key. */
  key: string;
};

/** All budgets of a campaign: one for each arm that spends and each pool. */
export const campaignBudgets = (coupons: Coupons): CampaignBudget[] =>
  spendingArms(coupons).flatMap((arm) =>
    coupons.budgets.map(({ pool, totalFen, presaleShare }) => {
      const ofArmFen = armBudgetFen(coupons, { pool, totalFen }, arm);
      return {
        arm,
        pool,
        totalFen: ofArmFen,
        presaleFen: Math.floor(ofArmFen * presaleShare),
        key: budgetKeyOf(arm, pool),
      };
    }),
  );
