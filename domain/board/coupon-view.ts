/** Makes the part of the screen's data that is about coupons. */
import type { HeldBack } from '#domain/campaigns/budget-items.ts';
import { campaignBudgets } from '#domain/campaigns/campaign-budgets.ts';
import type { Prices } from '#domain/campaigns/prices.ts';
import { modelComparison } from '#domain/experiment/challenger.ts';
import type { UseModel } from '#domain/learning/use-model.ts';
import { type Row, tallyOf } from '#domain/metrics/rollup/row.ts';
import { curveOf as expectedCurve, plannedFen, shareAt } from '#domain/pacing/curve.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { sumOf } from '#platform/collections.ts';
import { countsBy } from './counts.ts';
import { type Series, seriesWindowMs } from './curve.ts';
import type { CouponView, ModelView } from './view.ts';

/** A campaign's money by budget key, and its learned model. */
export type Money = {
  /** What is left of each shard, in fen. */
  remaining: ReadonlyMap<string, readonly number[]>;
  /** How much of `remaining` is held back by a ceiling, in fen. */
  held?: HeldBack;
  /** What a fen must bring to be spent, in the unit of the objective. */
  prices: Prices;
  /** The learned model, if the campaign has one. */
  model?: UseModel | undefined;
};

/**
 * Where the reason is among a label's words, from 0: `coupon-withheld/engine/budget-empty`,
 * `coupon-refused/used`.
 */
const REASON_OF_WITHHELD = 2;
const REASON_OF_REFUSED = 1;

/** The data that the view of a campaign's coupons is made from. */
export type CouponData = {
  settings: CampaignSettings;
  coupons: Coupons;
  row: Row;
  money: Money;
  /** Undefined without a campaign to compare with. */
  lastYear: Series | undefined;
};

const modelView = ({ version, issued, used, isWithdrawn = false }: UseModel, row: Row): ModelView => {
  const comparison = modelComparison(row);
  if (comparison === undefined) return { version, issued, used, isWithdrawn };
  const { lift, challenger } = comparison;
  return {
    version,
    issued,
    used,
    isWithdrawn,
    ...(lift && { lift }),
    challenger: { issued: challenger.issued, used: challenger.redeemed },
  };
};

export const couponView = (
  { settings, coupons, row, money: { remaining, held = {}, prices, model }, lastYear }: CouponData,
  nowMs: number,
): CouponView => {
  const budgets = campaignBudgets(coupons);
  const pools = budgets.map(({ arm, pool, totalFen, key }) => ({
    pool,
    arm,
    budgetFen: totalFen,
    remainingFen: sumOf(remaining.get(key) ?? []),
    price: prices[key] ?? 0,
  }));
  // The curve that the pacer uses: that of the campaign to compare with, or none if that campaign has too few
  // orders.
  const curve =
    lastYear && expectedCurve(lastYear.points, seriesWindowMs(lastYear.settings), lastYear.settings);
  const expectedShare = shareAt({ ...settings, ...(curve && { curve }) }, nowMs);
  const tally = (outcome: string) => tallyOf(row, `coupon-${outcome}`);
  const counted = (outcome: string): number => tally(outcome).count;
  const reasons = (head: string, word: number) =>
    countsBy(row, head, word).map(([reason, count]) => ({ reason, count }));
  const heldFen = sumOf(budgets.map(({ key }) => held[key] ?? 0));
  return {
    budgetFen: sumOf(pools.map(({ budgetFen }) => budgetFen)),
    remainingFen: sumOf(pools.map(({ remainingFen }) => remainingFen)),
    ...(heldFen > 0 && { heldFen }),
    plannedSpentFen: sumOf(budgets.map((budget) => plannedFen(budget, expectedShare))),
    issued: counted('issued'),
    redeemed: counted('redeemed'),
    returned: counted('returned'),
    expired: counted('expired'),
    againstTerms: counted('redeemed-against-terms') - counted('redeemed-within-terms-after-all'),
    overdraftFen: tally('overdraft').fen - tally('overdraft-returned').fen,
    withheld: reasons('coupon-withheld', REASON_OF_WITHHELD),
    refused: reasons('coupon-refused', REASON_OF_REFUSED),
    ...(model && { model: modelView(model, row) }),
    ...(coupons.model === 'own' && { hasOwnModel: true }),
    modelCalls: tallyOf(row, 'model-calls').count,
    pools,
  };
};
