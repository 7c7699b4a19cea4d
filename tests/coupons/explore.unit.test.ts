import { describe, expect, it } from 'vitest';
import { NONE } from '#domain/allocation/choose.ts';
import { explorationOf, exploredChoice, propensityOf } from '#domain/coupons/explore.ts';

const OFFERS = ['a', 'b'];
const choices = (epsilon: number, best: number) =>
  Array.from({ length: 24 }, (_, i) =>
    exploredChoice(explorationOf({ epsilon }, 's', `e${i}`), OFFERS, best),
  );

describe('exploring', () => {
  it('makes the same choices in every version', () => {
    expect(choices(1, 0).map(({ chosen }) => chosen)).toEqual([
      ...[0, -1, 1, 1, 0, -1, -1, -1, 0, -1, -1, 0],
      ...[1, 0, 1, 0, 0, -1, 1, 0, -1, 1, -1, -1],
    ]);
    const explored = Array.from({ length: 100 }, (_, i) => i).filter(
      (i) => exploredChoice(explorationOf({ epsilon: 0.1 }, 's', `e${i}`), OFFERS, 0).isExplored,
    );
    expect(explored).toEqual([40, 42, 56, 59, 70, 71, 80, 87, 96]);
  });

  it('says whether its choice is the best one, from which the probability of the choice follows', () => {
    for (const { chosen, propensity, isExplored, chance } of choices(1, 1)) {
      expect(isExplored).toBe(true);
      expect(chance).toEqual({ offers: 2, isBest: chosen === 1 });
      expect(propensity).toBe(propensityOf(chance, 1));
    }
    for (const { chosen, isExplored, chance } of choices(0, NONE))
      expect([chosen, isExplored, chance]).toEqual([NONE, false, { offers: 2, isBest: true }]);
  });

  it('gives each choice a probability; by default, three choices in a hundred are random', () => {
    expect(propensityOf({ offers: 3, isBest: false }, 0.4)).toBeCloseTo(0.1, 12);
    expect(propensityOf({ offers: 3, isBest: true }, 0.4)).toBeCloseTo(0.7, 12);
    expect(propensityOf({ offers: 2, isBest: true })).toBeCloseTo(0.98, 12);
  });
});
