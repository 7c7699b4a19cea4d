import { describe, expect, it } from 'vitest';
import { type DayPlan, DRIFTS, drawDay, foreknown, INSTANCE_CLASSES } from './day.ts';
import { curveLeftBy, type DayResult, type Known, liveThrough } from './live.ts';

const ARRIVALS = 20_000;
const FEW_ARRIVALS = 1_000;
const BUDGET_SHARES = [0.1, 0.4];
/** Keen members are worth twice as much as the others. If their share drifts, it is from 20 % to 80 % of the arrivals. */
const STRONG = { keen: 2, swing: 0.3 };

const plansOf = (plan: Pick<DayPlan, 'kind' | 'order'>, arrivals = ARRIVALS): DayPlan[] =>
  BUDGET_SHARES.map((budgetShare, i) => ({ ...plan, ...STRONG, budgetShare, arrivals, seed: 11 + i }));

/** Plays the day of each plan. The pacer knows what a presale's plan would tell it; `change` replaces some of that. */
const results = (plans: readonly DayPlan[], change: (known: Known) => Partial<Known> = () => ({})) =>
  plans.map((plan) => {
    const known = foreknown(plan);
    return liveThrough(drawDay(plan), { ...known, ...change(known) });
  });

const expectReached = (days: readonly DayResult[], ratioMin: number, spendMin = 0.99): void => {
  for (const { ratio, spendShare, overspendFen } of days) {
    expect(ratio).toBeGreaterThanOrEqual(ratioMin);
    expect(spendShare).toBeGreaterThan(spendMin);
    expect(overspendFen).toBe(0);
  }
};

describe.each(INSTANCE_CLASSES)('a day of a sale (how values and costs correlate: %s)', (kind) => {
  it('in random order reaches 0.997 of the optimum in hindsight, and spends its budget and no more', () => {
    expectReached(results(plansOf({ kind, order: 'random' })), 0.997);
  });

  it('that opens at half or double the right price still reaches 0.996 of the optimum', () => {
    for (const factor of [0.5, 2]) {
      const days = results(plansOf({ kind, order: 'random' }), ({ openingPrice }) => ({
        openingPrice: factor * openingPrice,
      }));
      expectReached(days, 0.996);
    }
  });

  it('with less than one arrival a minute still reaches 0.97, although most minutes spend nothing', () => {
    expectReached(results(plansOf({ kind, order: 'random' }, FEW_ARRIVALS)), 0.97, 0.97);
  });

  it.each(DRIFTS)('with a %s share of keen members reaches 0.97, because the audience is known', (order) => {
    expectReached(results(plansOf({ kind, order })), 0.97);
  });

  it('with demand in waves spends its budget, and reaches 0.997 if an earlier sale had the same waves', () => {
    const plans = plansOf({ kind, order: 'rhythm' });
    expectReached(results(plans), 0.95);
    const expected = plans.map((plan) => {
      const curve = curveLeftBy(drawDay({ ...plan, seed: plan.seed + 100 }))!;
      return liveThrough(drawDay(plan), { ...foreknown(plan), curve });
    });
    expectReached(expected, 0.997);
  });
});
