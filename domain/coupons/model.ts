/** The form of every model for coupons, and the prior. */
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Occasion } from '#domain/learning/example.ts';
import { type Features, HALF_LIVES_DAYS } from '#domain/members/profile.ts';
import type { Offer } from '#events/sections/coupons.ts';

/** What a model predicts for one offer to a member. */
export type Score = {
  /** The probability that the member, given the offer, orders within the next 30 days. */
  pConvert: number;
  /** The uncertainty of the uplift, as a standard deviation. */
  sigma: number;
  /** How much higher `pConvert` is than without any offer. */
  uplift: number;
  /** The probability that the coupon is used, if it is given when all of its time is left. */
  pUsed: number;
};

export type Scores = {
  /** The probability that the member, without any offer, orders within the next 30 days. */
  pConvertNone: number;
  /** The share of redemptions whose orders would not have been made without the coupon. */
  incrementalShare: number;
  /** In the order of the offers. */
  offers: Score[];
};

/** A model: from a member's features and the occasion, it scores each offer, and the case without any. */
export type Model = (features: Features, offers: readonly Offer[], occasion: Occasion) => Scores;

const MONTH = HALF_LIVES_DAYS.indexOf(30);
const TWO_YEARS = HALF_LIVES_DAYS.indexOf(730);
const LONGEST = HALF_LIVES_DAYS.length - 1;

/**
 * A logistic regression of "orders within 30 days" on four features, fitted to the CDNOW purchases of 1997 (23,570
 * customers, three cut-off days; Fader and Hardie's data set) and rounded. On the data of 1998 it ranks customers with an
 * AUC of 0.82 to 0.85 and expects 8 % of them to order where 6 to 7 % did. `tests/coupons/profile-cdnow.sim.test.ts` checks that.
 */
const INTERCEPT = -2.5;
const PER_LOG_MONTHLY_ORDERS = 0.5;
const PER_LOG_LONG_ORDERS = 1.3;
const PER_LOG_RECENCY_DAY = -0.3;
/** A member without orders counts as having ordered this long ago. */
const MAX_RECENCY_DAYS = 3_650;

/**
 * What a discount does to the log-odds, by the share that it takes off at its threshold: 10 % off raises a probability of 7 %
 * to 9.5 %, 30 % off only to 11.9 %, because each further percent adds less. No data set supports this value. It is the first
 * thing to replace once coupons have been used.
 */
const PER_LOG_DISCOUNT = 0.3;
/** Below about this share taken off, the effect grows in proportion to the discount, above it ever more slowly. */
const FIRST_IMPRESSION_SHARE = 0.05;
/** The standard deviation of an uplift, as a share of it: assumed, because nothing has been measured yet. */
const RELATIVE_SIGMA = 0.25;
/**
 * How fast an offer's effect falls as its threshold exceeds what the member usually pays. At twice that amount, a quarter is
 * left.
 */
const REACH_STEEPNESS = 1.6;
/** Members without orders are taken to pay this much, in fen. */
const USUAL_BASKET_FEN = 10_000;
/** The share of a member's orders that an offer's brands are taken to get, until brands are among the features. */
const BRAND_SHARE = 0.2;
/**
 * Added to both the near and the far orders, so that a member with one near order does not count as ordering
 * only near.
 */
const CHANNEL_PRIOR_ORDERS = 1;

/**
 * The incremental share that is assumed until arms have measured it. It is small, because most coupons are used on orders that
 * would have been made anyway.
 */
export const PRIOR_INCREMENTAL_SHARE = 0.15;

const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

/** What a member usually pays for an order, in fen. */
export const usualBasketFen = ({ spendFen, orders }: Features): number =>
  orders[LONGEST]! > 0 ? spendFen[LONGEST]! / orders[LONGEST]! : USUAL_BASKET_FEN;

const logOddsOf = ({ orders, recencyDays }: Features): number =>
  INTERCEPT +
  PER_LOG_MONTHLY_ORDERS * Math.log1p(orders[MONTH]!) +
  PER_LOG_LONG_ORDERS * Math.log1p(orders[TWO_YEARS]!) +
  PER_LOG_RECENCY_DAY * Math.log1p(Math.min(MAX_RECENCY_DAYS, recencyDays));

/** The share of a member's orders that an offer can be used on. */
export const scopeShare = ({ scope }: Offer, { nearShare, orders }: Features): number => {
  const known = orders[LONGEST]!;
  const near = (nearShare * known + CHANNEL_PRIOR_ORDERS) / (known + 2 * CHANNEL_PRIOR_ORDERS);
  switch (scope) {
    case 'all':
      return 1;
    case 'near':
      return near;
    case 'far':
      return 1 - near;
    case 'brands':
      return BRAND_SHARE;
    default:
      return scope satisfies never;
  }
};

/**
 * How easily a member reaches an offer's threshold: nearly 1 if it is far below what the member usually pays, a half if it
 * equals that.
 */
export const reachOf = ({ thresholdFen }: Offer, features: Features): number =>
  1 / (1 + (thresholdFen / usualBasketFen(features)) ** REACH_STEEPNESS);

/** The model to begin with: what is known before any of our coupons has been used. */
export const priorModel: Model = (features, offers) => {
  const logOdds = logOddsOf(features);
  const pConvertNone = logistic(logOdds);
  return {
    pConvertNone,
    incrementalShare: PRIOR_INCREMENTAL_SHARE,
    offers: offers.map((offer) => {
      const share = scopeShare(offer, features);
      const reach = reachOf(offer, features);
      const discountShare = faceValueFen(offer) / offer.thresholdFen;
      const effect = PER_LOG_DISCOUNT * Math.log1p(discountShare / FIRST_IMPRESSION_SHARE);
      const pOrder = logistic(logOdds + effect);
      const expected = share * reach * (pOrder - pConvertNone);
      return {
        pConvert: pConvertNone + expected,
        sigma: RELATIVE_SIGMA * expected,
        uplift: expected,
        // The coupon is used on any order that it fits, whether it brought the order about or not.
        pUsed: share * reach * pOrder,
      };
    }),
  };
};
