import { type Model, priorModel as rightPrior } from '#domain/coupons/model.ts';

/** What `domain/coupons/model.ts` exports, with a prior that says the opposite. */
export * from '#domain/coupons/model.ts';

const MOST = 0.4;

/** Turns a high probability that a coupon is used into a low one, and a low one into a high one. */
export const opposite = (pUsed: number): number => Math.max(0, MOST - pUsed);

export const priorModel: Model = (features, offers, occasion) => {
  const scores = rightPrior(features, offers, occasion);
  return { ...scores, offers: scores.offers.map((score) => ({ ...score, pUsed: opposite(score.pUsed) })) };
};
