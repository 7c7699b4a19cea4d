import { describe, expect, it } from 'vitest';
import { liveWeek, type WeekEngine } from '../bench/closed-loop/week.ts';

const MEMBERS = 1_200;
const TIMEOUT_MS = 240_000;
const SEED = 11;

const live = (changes: Partial<WeekEngine>) =>
  liveWeek(SEED, MEMBERS, { prior: (pUsed) => pUsed, learns: false, epsilon: 0.03, ...changes });
const opposite = (pUsed: number): number => Math.max(0, 0.4 - pUsed);

/** Expected uses of coupons for each fen spent, from this day of the week on. */
const since = ({ used, spentFen }: ReturnType<typeof live>, day: number): number => {
  const sum = (values: readonly number[]): number => values.slice(day).reduce((all, value) => all + value, 0);
  return sum(used) / sum(spentFen);
};

describe('an engine that learns, through a week in a closed loop', () => {
  it('recovers from a prior that says the opposite of the truth, and spends nearly its whole budget, never more', {
    timeout: TIMEOUT_MS,
  }, () => {
    const [prior, misled, recovered] = [
      live({}),
      live({ prior: opposite }),
      live({ prior: opposite, learns: true }),
    ];
    expect(misled.versions).toBe(0);
    expect(recovered.versions).toBeGreaterThan(2);
    const lost = since(prior, 3) - since(misled, 3);
    expect(lost).toBeGreaterThan(0.1 * since(prior, 3));
    expect(since(recovered, 3) - since(misled, 3)).toBeGreaterThan(0.6 * lost);
    for (const { spentShare } of [prior, misled, recovered]) {
      expect(spentShare).toBeGreaterThan(0.95);
      expect(spentShare).toBeLessThanOrEqual(1);
    }
  });
});
