import { describe, expect, it } from 'vitest';
import {
  type DayPlan,
  DRIFTS,
  drawDay,
  evenRatio,
  INSTANCE_CLASSES,
  liveThrough,
  openingPrice,
} from './day.ts';

const ARRIVALS = 20_000;
const FEW_ARRIVALS = 1_000;
const BUDGET_SHARES = [0.1, 0.4];
/** Keen members are from 30 % to 70 % of those who come. */
const MILD = { keen: 1.5, swing: 0.2 };
/** From 20 % to 80 %, and what they are worth is twice what the others are. */
const STRONG = { keen: 2, swing: 0.3 };

const plansOf = (plan: Pick<DayPlan, 'kind' | 'order' | 'keen' | 'swing'>): DayPlan[] =>
  BUDGET_SHARES.map((budgetShare, i) => ({ ...plan, budgetShare, arrivals: ARRIVALS, seed: 11 + i }));

const expectSpent = ({ spendShare, overspendFen }: ReturnType<typeof liveThrough>): void => {
  expect(spendShare).toBeGreaterThan(0.99);
  expect(overspendFen).toBe(0);
};

describe.each(INSTANCE_CLASSES)('a day of a sale (%s)', (kind) => {
  it('in random order reaches 0.997 of the optimum in hindsight, and spends its budget and no more', () => {
    for (const plan of plansOf({ kind, order: 'random', ...STRONG })) {
      const result = liveThrough(drawDay(plan), openingPrice(plan));
      expect(result.ratio).toBeGreaterThanOrEqual(0.997);
      expectSpent(result);
    }
  });

  it('that opens at half or double the right price still reaches 0.994', () => {
    for (const plan of plansOf({ kind, order: 'random', ...STRONG })) {
      const day = drawDay(plan);
      for (const factor of [0.5, 2]) {
        const result = liveThrough(day, factor * openingPrice(plan));
        expect(result.ratio).toBeGreaterThanOrEqual(0.994);
        expectSpent(result);
      }
    }
  });

  it('with less than one arrival a minute is paced without a bias, though most ticks spend nothing', () => {
    for (const plan of plansOf({ kind, order: 'random', ...STRONG })) {
      const few = { ...plan, arrivals: FEW_ARRIVALS };
      const { ratio, spendShare, overspendFen } = liveThrough(drawDay(few), openingPrice(few));
      expect(ratio).toBeGreaterThanOrEqual(0.97);
      expect(spendShare).toBeGreaterThan(0.97);
      expect(overspendFen).toBe(0);
    }
  });

  it.each(DRIFTS)('with a mix that is %s reaches 0.97 of the optimum in hindsight', (order) => {
    for (const plan of plansOf({ kind, order, ...MILD })) {
      const result = liveThrough(drawDay(plan), openingPrice(plan));
      expect(result.ratio).toBeGreaterThanOrEqual(0.97);
      expectSpent(result);
    }
  });

  it.each(DRIFTS)(
    'with a strong drift (%s) comes within a hundredth of the best plan that spends evenly',
    (order) => {
      for (const plan of plansOf({ kind, order, ...STRONG })) {
        const day = drawDay(plan);
        const result = liveThrough(day, openingPrice(plan));
        expect(result.ratio).toBeGreaterThanOrEqual(evenRatio(day) - 0.01);
        expectSpent(result);
      }
    },
  );
});
