import { describe, expect, it } from 'vitest';
import { priorModel } from '#domain/coupons/model.ts';
import { loadOwnModel, OWN_FEATURES } from '#domain/coupons/own-model.ts';
import { ModelError } from '#domain/learning/scorer.ts';
import { emptyProfile, featuresOf, observe } from '#domain/members/profile.ts';
import { parseCampaignDefinition } from '#events/contract.ts';
import { coupons, definition, offer, START_MS } from './factories.ts';

const features = featuresOf(
  observe(emptyProfile(), {
    id: 'AAAAAAAAAAAAAAAA',
    timeMs: START_MS - 86_400_000,
    kind: 'paid',
    channel: 'near',
    amountFen: 12_000,
  }),
  START_MS,
);
const offers = [offer({ discountFen: 500 }), offer({ offerId: 'large', discountFen: 1_500 })];

/** A tree that says 0.1 for discounts below 1,000 fen and 0.6 for others, in XGBoost's JSON. */
const tree = {
  learner: {
    feature_names: ['discountFen'],
    gradient_booster: {
      name: 'gbtree',
      model: {
        trees: [
          {
            left_children: [1, -1, -1],
            right_children: [2, -1, -1],
            split_indices: [0, 0, 0],
            split_conditions: [1_000, 0.1, 0.6],
            default_left: [1, 0, 0],
          },
        ],
      },
    },
    learner_model_param: { base_score: '0', num_feature: '1', num_class: '0', num_target: '1' },
    objective: { name: 'reg:squarederror' },
  },
};

describe("a model of one's own", () => {
  it('given as coefficients predicts, from the features that it names, how likely a coupon is to be used', () => {
    const model = loadOwnModel({ intercept: 0.1, coefficients: { recencyDays: 0.2, discountFen: 0.0001 } });
    const used = model(features, offers, 'order').offers.map(({ pUsed }) => pUsed);
    expect(used[0]).toBeCloseTo(0.1 + 0.2 + 0.05, 9);
    expect(used[1]).toBeCloseTo(0.1 + 0.2 + 0.15, 9);
  });

  it('given as XGBoost trees predicts the value of the leaf that the features lead to', () => {
    const used = loadOwnModel(tree)(features, offers, 'order').offers.map(({ pUsed }) => pUsed);
    expect(used[0]).toBeCloseTo(0.1, 6);
    expect(used[1]).toBeCloseTo(0.6, 6);
  });

  it('has its predictions clipped to the range from 0 to 1, and leaves to the prior what a member does without a coupon', () => {
    const prior = priorModel(features, offers, 'order');
    for (const [intercept, expected] of [
      [-3, 0],
      [7, 1],
    ] as const) {
      const scores = loadOwnModel({ intercept, coefficients: { prior: 0 } })(features, offers, 'order');
      expect(scores.offers.map(({ pUsed }) => pUsed)).toEqual([expected, expected]);
      expect(scores.pConvertNone).toBe(prior.pConvertNone);
    }
  });

  it('may use all features, and sees whether the occasion is a presale or an order', () => {
    const coefficients = Object.fromEntries(Object.keys(OWN_FEATURES).map((name) => [name, 0]));
    const model = loadOwnModel({ coefficients: { ...coefficients, isPresale: 0.5 } });
    expect(model(features, offers, 'presale').offers[0]!.pUsed).toBe(0.5);
    expect(model(features, offers, 'order').offers[0]!.pUsed).toBe(0);
  });

  it('treats the time since the last order as missing for a member without orders', () => {
    const model = loadOwnModel({ coefficients: { recencyDays: 0.01 }, missing: { recencyDays: 30 } });
    const nobody = featuresOf(emptyProfile(), START_MS);
    expect(model(nobody, offers, 'order').offers[0]!.pUsed).toBeCloseTo(0.3, 9);
  });

  it.each([
    [{}, 'model: expected "learner" (XGBoost’s JSON) or "coefficients" (linear), got []'],
    [{ coefficients: { age: 1 } }, 'feature age: expected one of spendFen1d, '],
    [{ coefficients: { prior: 'x' } }, 'coefficients.prior: expected a number, got "x"'],
    [
      { learner: { ...tree.learner, feature_names: [] } },
      'learner.feature_names: expected the names of the features',
    ],
  ])('that cannot be used is refused with the path of the fault: %j', (json, message) => {
    expect(() => loadOwnModel(json)).toThrow(ModelError);
    expect(() => loadOwnModel(json)).toThrow(message);
  });
});

describe('a definition', () => {
  const parse = (changes: object) =>
    parseCampaignDefinition({
      ...definition('sale', coupons()),
      coupons: { ...coupons(), objective: 'redemptions', ...changes },
    });

  it('names the prior, the learned model, or its own model, which it contains', () => {
    for (const changes of [{}, { model: 'prior' }, { model: 'learned' }, { model: 'own', ownModel: tree }])
      expect(parse(changes).ok).toBe(true);
  });

  it.each([
    [{ model: 'best' }, 'coupons.model'],
    [{ model: 'own' }, 'coupons.ownModel'],
    [{ model: 'learned', ownModel: tree }, 'coupons.ownModel'],
    [{ model: 'own', ownModel: [] }, 'coupons.ownModel'],
    [{ model: 'learned', objective: 'conversions' }, 'coupons.objective'],
  ])('is refused if its model, its objective and its own model do not fit together: %j', (changes, field) => {
    const parsed = parse(changes);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.rejection.field).toBe(field);
  });
});
