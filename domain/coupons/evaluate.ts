/** What each offer of a campaign is worth for one member. */
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Occasion } from '#domain/learning/example.ts';
import type { Features } from '#domain/members/profile.ts';
import type { Coupons, Offer } from '#events/sections/coupons.ts';
import { type Model, type Score, type Scores, usualBasketFen } from './model.ts';
import { type Moment, timeLeftShare } from './time-left.ts';

/** An offer that a member may get. */
export type Option = {
  offer: Offer;
  /** The place of its pool among the campaign's budgets. */
  pool: number;
  /** What giving the offer is worth, in the objective's unit: fen of sales, conversions or orders caused; never negative. */
  value: number;
  costFen: number;
};

export type EvaluationInput = {
  coupons: Coupons;
  features: Features;
  tier: string;
  occasion: Occasion;
  moment: Moment;
};

export type Evaluation = { scores: Scores; options: Option[] };

/** Whether a coupon's worth falls as the sale's end comes nearer. Only the objective `redemptions` takes this into account. */
export const fallsWithTime = ({ objective }: Pick<Coupons, 'objective'>): boolean =>
  objective === 'redemptions';

const worthOf = (
  { coupons, features, moment }: EvaluationInput,
  offer: Offer,
  { uplift, pUsed }: Score,
  incrementalShare: number,
): number => {
  switch (coupons.objective) {
    case 'incremental-gmv':
      return uplift * Math.max(usualBasketFen(features), offer.thresholdFen);
    case 'conversions':
      return uplift;
    case 'redemptions':
      return incrementalShare * pUsed * timeLeftShare(offer, moment);
    default:
      return coupons.objective satisfies never;
  }
};

/**
 * What it is worth to give a member each offer of a campaign. Incremental sales are counted at what the member usually pays, or
 * at the offer's threshold if that is more. A redemption counts as a part of an order, namely the share of
 * redemptions whose orders would not have been made without the coupon. It counts less if little time is left to use the coupon.
 * The cost is the face value, because a grant takes it from the budget whether or not the coupon is used later.
 */
export const evaluate = (input: EvaluationInput, model: Model): Evaluation => {
  const { coupons, features, tier, occasion } = input;
  const scores = model(features, coupons.offers, occasion);
  const options: Option[] = [];
  for (const [index, offer] of coupons.offers.entries()) {
    if (offer.tiers !== undefined && !offer.tiers.includes(tier)) continue;
    options.push({
      offer,
      pool: coupons.budgets.findIndex(({ pool }) => pool === offer.pool),
      value: Math.max(0, worthOf(input, offer, scores.offers[index]!, scores.incrementalShare)),
      costFen: faceValueFen(offer),
    });
  }
  return { scores, options };
};
