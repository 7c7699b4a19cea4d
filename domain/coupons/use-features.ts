/** The features from which the learned model predicts whether a coupon is used. */
import { faceValueFen } from '#domain/campaigns/offer.ts';
import { toFeatureSteps } from '#domain/learning/fixed-point.ts';
import { PRIOR_SCALE } from '#domain/learning/use-model.ts';
import type { Features } from '#domain/members/profile.ts';
import { HALF_LIVES_DAYS } from '#domain/members/profile.ts';
import type { Offer } from '#events/sections/coupons.ts';
import { reachOf, scopeShare, usualBasketFen } from './model.ts';

const MONTH = HALF_LIVES_DAYS.indexOf(30);
const TWO_YEARS = HALF_LIVES_DAYS.indexOf(730);
const BASKET_FEN = 10_000;
/** A member without orders counts as having ordered ten years ago. */
const DAYS_MAX = 3_650;
/** Brings discounts, mostly from 5 to 30 %, to the size of the other features. */
const DISCOUNT_SCALE = 8;

/**
 * What is known of a coupon when it is given, as 24 numbers. A model of use is linear in them; one of
 * them is the prior's answer. No number stands for one particular offer: an offer is described by its discount, its
 * threshold and its scope. A number is very rarely above 8; an example then has 8 instead
 * (`fixed-point.ts`).
 */
export const useFeatures = (features: Features, offer: Offer, priorUsed: number): number[] => {
  const discount = (DISCOUNT_SCALE * faceValueFen(offer)) / offer.thresholdFen;
  const basketFen = usualBasketFen(features);
  const stretch = Math.log(offer.thresholdFen / basketFen);
  const reach = reachOf(offer, features);
  const scope = scopeShare(offer, features);
  const recency = Math.log1p(Math.min(DAYS_MAX, features.recencyDays)) / 2;
  const frequency = Math.log1p(features.orders[TWO_YEARS]!);
  const lately = Math.log1p(features.orders[MONTH]!);
  const basket = Math.log(basketFen / BASKET_FEN);
  const { nearShare, refundedShare } = features;
  const isNew = features.recencyDays === Number.POSITIVE_INFINITY ? 1 : 0;
  return [
    1,
    PRIOR_SCALE * priorUsed,
    discount,
    stretch,
    reach,
    scope,
    recency,
    frequency,
    lately,
    basket,
    nearShare,
    refundedShare,
    Math.log1p(features.tenureDays) / 2,
    isNew,
    discount * reach,
    discount * frequency,
    stretch * stretch,
    stretch * frequency,
    reach * frequency,
    reach * recency,
    reach * scope,
    frequency * recency,
    scope * nearShare,
    lately * reach,
  ];
};

/** An example's features, each multiplied by `timeShare` (see `time-left.ts`), in whole steps. */
export const useFeatureSteps = (features: readonly number[], timeShare: number): number[] =>
  features.map((feature) => toFeatureSteps(feature * timeShare));
