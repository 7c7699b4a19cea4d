import { describe, expect, it } from 'vitest';
import { issue, planAudience } from '#local/plan/plan-audience.ts';
import { drawInstance, INSTANCE_CLASSES } from './instances.ts';
import { linearOptimum } from './linear-program.ts';

const SEED = 5;
/** The bound and the optimum of HiGHS are sums of many terms, so their last digits may differ. */
const ROUNDING = 1e-6;

const SIZES = [
  { members: 4_000, offers: 5, pools: 1, least: 0.9995 },
  { members: 1_000, offers: 20, pools: 1, least: 0.9985 },
  { members: 4_000, offers: 5, pools: 10, least: 0.997 },
  { members: 1_000, offers: 20, pools: 10, least: 0.994 },
];

describe.each(INSTANCE_CLASSES)('a plan for %s offers', (kind) => {
  it.each(SIZES)(
    'is worth $least of the linear optimum or more, and within its budgets: $members members, $offers offers, $pools pools',
    async ({ least, ...size }) => {
      const instance = drawInstance(kind, size, SEED);
      const audience = { parts: () => [instance.candidates] };
      const plan = planAudience(audience, instance.budgets);
      const given = new Map<number, number>();
      const outcome = issue(plan, audience, (_, member, at) => given.set(member, at));
      const { optimum } = await linearOptimum(instance);

      expect(outcome.value / optimum).toBeGreaterThanOrEqual(least);
      expect(outcome.bound).toBeGreaterThanOrEqual(optimum * (1 - ROUNDING));
      const { costFen, value, pool, first } = instance.candidates;
      const spentFen = instance.budgets.poolFen.map(() => 0);
      let worth = 0;
      for (const [member, at] of given) {
        expect(at).toBeGreaterThanOrEqual(first[member]!);
        expect(at).toBeLessThan(first[member + 1]!);
        spentFen[pool[at]!]! += costFen[at]!;
        worth += value[at]!;
      }
      expect(worth).toBeCloseTo(outcome.value, 3);
      for (const [p, fen] of spentFen.entries())
        expect(fen).toBeLessThanOrEqual(instance.budgets.poolFen[p]!);
    },
  );
});
