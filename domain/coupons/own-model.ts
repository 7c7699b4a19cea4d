/** A shop's own model of how likely coupons are to be used. */
import { faceValueFen } from '#domain/campaigns/offer.ts';
import type { Occasion } from '#domain/learning/example.ts';
import { loadScorer } from '#domain/learning/load-scorer.ts';
import { refuse, type Scorer } from '#domain/learning/scorer.ts';
import { type Features, HALF_LIVES_DAYS } from '#domain/members/profile.ts';
import type { Offer } from '#events/sections/coupons.ts';
import { type Model, priorModel, scopeShare, usualBasketFen } from './model.ts';

type OwnModelInput = { features: Features; offer: Offer; occasion: Occasion; priorUsed: number };

const decayed = (name: 'spendFen' | 'orders'): [string, (question: OwnModelInput) => number][] =>
  HALF_LIVES_DAYS.map((days, i) => [`${name}${days}d`, ({ features }) => features[name][i]!]);

/**
 * The features that a shop's own model may ask for, by name. A feature without a value is NaN, such as the
 * time since the last order of a member without orders.
 */
export const OWN_FEATURES: Readonly<Record<string, (question: OwnModelInput) => number>> = {
  ...Object.fromEntries([...decayed('spendFen'), ...decayed('orders')]),
  nearShare: ({ features }) => features.nearShare,
  refundedShare: ({ features }) => features.refundedShare,
  recencyDays: ({ features: { recencyDays } }) => (Number.isFinite(recencyDays) ? recencyDays : Number.NaN),
  tenureDays: ({ features }) => features.tenureDays,
  usualBasketFen: ({ features }) => usualBasketFen(features),
  thresholdFen: ({ offer }) => offer.thresholdFen,
  discountFen: ({ offer }) => faceValueFen(offer),
  validHours: ({ offer }) => offer.validHours,
  scopeShare: ({ offer, features }) => scopeShare(offer, features),
  isPresale: ({ occasion }) => (occasion === 'presale' ? 1 : 0),
  prior: ({ priorUsed }) => priorUsed,
};

const namesOf = ({ names }: Scorer): readonly string[] => {
  if (names === undefined) return refuse('learner.feature_names', 'the names of the features', undefined);
  for (const name of names) {
    if (!Object.hasOwn(OWN_FEATURES, name))
      refuse(`feature ${name}`, `one of ${Object.keys(OWN_FEATURES).join(', ')}`, name);
  }
  return names;
};

/**
 * Loads a shop's own model. It says how likely a coupon is to be used if all of the coupon's time is left; an answer below 0
 * counts as 0, one above 1 as 1. Throws ModelError for a model that cannot be used.
 */
export const loadOwnModel = (json: unknown): Model => {
  const scorer = loadScorer(json);
  const inputs = namesOf(scorer).map((name) => OWN_FEATURES[name]!);
  return (features, offers, occasion) => {
    const prior = priorModel(features, offers, occasion);
    return {
      ...prior,
      offers: prior.offers.map((score, i) => {
        const question = { features, offer: offers[i]!, occasion, priorUsed: score.pUsed };
        const pUsed = scorer.score(inputs.map((input) => input(question)));
        return { ...score, pUsed: Math.max(0, Math.min(1, pUsed)) };
      }),
    };
  };
};
