import { describe, expect, it } from 'vitest';
import { expectedUses, type Judged, type Stretch } from '../bench/closed-loop/judge.ts';

const COST_FEN = [500, 1_000];

/** Orders of which one model knows the truth, one says its opposite, and one says the same of all. */
const orders = Array.from({ length: 40 }, (_, i): Judged => {
  const chance = (i + 1) / 50;
  return {
    chances: [chance, chance],
    answers: { right: [chance, chance], wrong: [1 - chance, 1 - chance], flat: [0.3, 0.3] },
  };
});
const stretch = (moneyFen: number): Stretch => ({ day: 0, version: 'learned-1', orders, moneyFen });
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const chances = orders.map(({ chances: [chance] }) => chance!);

describe('what a model is judged by in a closed loop', () => {
  it('is how many uses are expected of the coupons that the model would have chosen for the money', () => {
    expect(expectedUses(stretch(5_000), 'right', COST_FEN)).toBeCloseTo(sum(chances.slice(-10)), 6);
    expect(expectedUses(stretch(5_000), 'wrong', COST_FEN)).toBeCloseTo(sum(chances.slice(0, 10)), 6);
  });

  it('counts the last coupon, of which the money pays only a part, in proportion to that part', () => {
    const [ten, more] = [5_000, 5_250].map((money) => expectedUses(stretch(money), 'right', COST_FEN));
    expect(more! - ten!).toBeCloseTo(chances.at(-11)! / 2, 6);
  });

  it('mixes orders that a model scores alike, and does not depend on the level of its answers', () => {
    const mean = sum(chances) / chances.length;
    const flat = expectedUses(stretch(10_000), 'flat', COST_FEN);
    expect(flat / 20).toBeGreaterThan(0.7 * mean);
    expect(flat / 20).toBeLessThan(1.3 * mean);
    const halved = orders.map((one) => ({
      ...one,
      answers: { right: one.answers.right!.map((p) => p / 2) },
    }));
    expect(expectedUses({ ...stretch(5_000), orders: halved }, 'right', COST_FEN)).toBeCloseTo(
      sum(chances.slice(-10)),
      6,
    );
  });
});
