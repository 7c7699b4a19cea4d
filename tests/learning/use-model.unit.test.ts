import { describe, expect, it } from 'vitest';
import { EXAMPLES_MIN, solveUseModel } from '#domain/learning/solve-use-model.ts';
import {
  answerRatio,
  OFFER_PLACES,
  PRIOR_PLACE,
  PRIOR_SCALE,
  parseUseModel,
  priorWeights,
  useProbability,
} from '#domain/learning/use-model.ts';
import { emptyUseStatistics, useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { seededRandom } from '../support/random.ts';
import { type Coupon, taught } from './examples.ts';

const ABOUT = { version: 3, incrementalShare: 0.2 };

const solved = (count: number, probability: (coupon: Coupon) => number, seed = 1) => {
  const { said } = taught(count, seededRandom(seed), probability);
  return solveUseModel(useStatisticsOf(said), ABOUT);
};

/** The mean squared difference between the answers and the truth, on coupons that nothing was learned from. */
const errorOf = (weights: readonly number[], probability: (coupon: Coupon) => number): number => {
  const { features } = taught(2_000, seededRandom(99), probability);
  const errors = features.map((one) => {
    const coupon = { prior: one[PRIOR_PLACE]! / PRIOR_SCALE, feature: one[2]! };
    return (useProbability(weights, one) - probability(coupon)) ** 2;
  });
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
};

/** The features of a coupon for which the prior predicts this probability. */
const toldBy = (prior: number): number[] => {
  const [features] = taught(1, seededRandom(1), () => 0).features;
  features![PRIOR_PLACE] = PRIOR_SCALE * prior;
  return features!;
};

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const correlation = (one: readonly number[], other: readonly number[]): number => {
  const [meanOne, meanOther] = [meanOf(one), meanOf(other)];
  const products = (a: readonly number[], b: readonly number[], centreA: number, centreB: number) =>
    a.reduce((sum, value, i) => sum + (value - centreA) * (b[i]! - centreB), 0);
  return (
    products(one, other, meanOne, meanOther) /
    Math.sqrt(products(one, one, meanOne, meanOne) * products(other, other, meanOther, meanOther))
  );
};

describe('a model of use', () => {
  it('is the prior without examples and with few, whatever they say', () => {
    const nothing = solveUseModel(emptyUseStatistics(), ABOUT);
    expect(nothing.weights.order).toEqual([...priorWeights()]);
    expect(nothing.weights.presale).toEqual([...priorWeights()]);
    expect(nothing).toMatchObject({ issued: 0, used: 0, version: 3 });
    const opposite = ({ prior }: Coupon) => 0.5 - prior;
    const few = solved(EXAMPLES_MIN - 1, opposite);
    expect(few).toMatchObject({ weights: nothing.weights, issued: EXAMPLES_MIN - 1, level: { order: 1 } });
    expect(solved(EXAMPLES_MIN, opposite).weights.order).not.toEqual(nothing.weights.order);
  });

  it('stays near a prior that is right', () => {
    const right = ({ prior }: Coupon) => prior;
    const { weights } = solved(2_000, right);
    expect(errorOf(weights.order, right)).toBeLessThan(0.001);
  });

  it.each([
    ['a feature that the prior does not know', ({ prior, feature }: Coupon) => prior + 0.1 * feature],
    ['that the prior is three times too high', ({ prior }: Coupon) => prior / 3],
    ['that the prior says the opposite of the truth', ({ prior }: Coupon) => 0.5 - prior],
  ])('learns %s', (_, truth) => {
    const before = errorOf([...priorWeights()], truth);
    const errors = [300, 3_000, 30_000].map((count) => errorOf(solved(count, truth).weights.order, truth));
    expect(errors[0]).toBeLessThan(before);
    expect(errors[2]).toBeLessThan(0.1 * before);
    for (const [i, error] of errors.slice(1).entries())
      expect(error).toBeLessThan(Math.max(errors[i]!, 0.001 * before));
  });

  it.each([
    ['already with the fewest coupons from which it learns', EXAMPLES_MIN, 0, 0.15],
    ['clearly with 800', 800, 0.1, 0.25],
  ])(
    'reverses a prior that says the opposite of the truth, and keeps one that is right: %s',
    (_, count, ofOpposite, ofRight) => {
      const answers = (truth: (coupon: Coupon) => number): number[] => {
        const { weights } = solved(count, truth, 5);
        return [0.1, 0.4].map((prior) => useProbability(weights.order, toldBy(prior)));
      };
      const [opposite, right] = [answers(({ prior }) => 0.5 - prior), answers(({ prior }) => prior)];
      expect(opposite[0]! - opposite[1]!).toBeGreaterThan(ofOpposite);
      expect(right[1]! - right[0]!).toBeGreaterThan(ofRight);
    },
  );

  it.each([
    [EXAMPLES_MIN, 0.9],
    [800, 0.95],
    [2_000, 0.98],
  ])(
    'agrees with the ranking of a prior that only promises four times too much: after %i coupons the mean correlation is above %d',
    (count, least) => {
      const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);
      const { features } = taught(500, seededRandom(99), () => 0);
      const agreements = seeds.map((seed) => {
        const { weights } = solved(count, ({ prior }) => prior / 4, seed);
        return correlation(
          features.map((one) => useProbability(weights.order, one)),
          features.map((one) => one[PRIOR_PLACE]!),
        );
      });
      expect(meanOf(agreements)).toBeGreaterThan(least);
    },
  );

  it.each([
    ['partly, if the prior promises as many uses as there are', 0.25, 0.3, 0.5],
    ['hardly, if the prior promises far too many uses', 0.06, -0.1, 0.15],
  ])(
    'still follows, after 200 coupons, the ranking of a prior that ranks no better than chance: %s',
    (_, truth, low, high) => {
      const seeds = Array.from({ length: 40 }, (_, seed) => seed + 1);
      const shares = seeds.map((seed) => {
        const { weights, level } = solved(200, () => truth, seed);
        const [likely, unlikely] = [0.4, 0.1].map((prior) => useProbability(weights.order, toldBy(prior)));
        return (likely! - unlikely!) / (0.3 * level.order);
      });
      expect(meanOf(shares)).toBeGreaterThan(low);
      expect(meanOf(shares)).toBeLessThan(high);
    },
  );

  it('of an occasion is learned from the coupons of that occasion alone', () => {
    const { weights, issued, used } = solved(3_000, ({ prior }) => prior / 3);
    expect(weights.presale).toEqual([...priorWeights()]);
    expect(weights.order).not.toEqual([...priorWeights()]);
    expect(issued).toBe(3_000);
    expect(used).toBeGreaterThan(100);
  });

  it('attributes to the member what may be due to the member or to the offer, if the prior is right about offers', () => {
    const [member, offer] = [9, 3];
    const { said } = taught(4_000, seededRandom(1), ({ prior, feature }) => prior + 0.1 * feature);
    const confounded = said.map((example) => {
      const features = [...example.features];
      [features[member], features[offer], features[2]] = [features[2]!, -features[2]!, 0];
      return { ...example, features };
    });
    const { weights } = solveUseModel(useStatisticsOf(confounded), ABOUT);
    expect(OFFER_PLACES.has(offer)).toBe(true);
    expect(OFFER_PLACES.has(member)).toBe(false);
    expect(weights.order[member]).toBeGreaterThan(0.08);
    expect(Math.abs(weights.order[offer]!)).toBeLessThan(0.03);
  });

  it('answers with a probability', () => {
    expect(useProbability([-1], [1])).toBe(0);
    expect(useProbability([2], [1])).toBe(1);
  });

  it('knows the ratio of its answers to those of the version before, so that prices can be rescaled', () => {
    const { said } = taught(4_000, seededRandom(7), ({ prior }) => prior / 3);
    const statistics = useStatisticsOf(said);
    const before = solveUseModel(emptyUseStatistics(), ABOUT);
    const now = solveUseModel(statistics, { ...ABOUT, incrementalShare: 0.4 });
    expect(answerRatio(statistics, now, before)).toBeCloseTo(2 / 3, 1);
    expect(answerRatio(emptyUseStatistics(), now, before)).toBe(1);
  });

  it('is read back from JSON bit for bit, and is refused with the path of the fault if it is no model', () => {
    const model = solved(500, ({ prior }) => prior);
    expect(parseUseModel(JSON.parse(JSON.stringify(model)))).toEqual(model);
    const short = { ...model, weights: { ...model.weights, order: [1] } };
    expect(() => parseUseModel(short)).toThrow('weights.order: expected 24 numbers, got 1');
    const wrong = { ...model, strength: { ...model.strength, presale: '1' } };
    expect(() => parseUseModel(wrong)).toThrow('strength.presale: expected a number, got "1"');
  });
});
