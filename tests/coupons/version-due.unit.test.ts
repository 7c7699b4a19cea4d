import { expect, it } from 'vitest';
import { isVersionDue } from '#domain/coupons/publish-model.ts';
import { EXAMPLES_MIN, solveUseModel } from '#domain/learning/solve-use-model.ts';
import { type UseStatistics, useStatisticsOf } from '#domain/learning/use-statistics.ts';
import { taught } from '../learning/examples.ts';
import { seededRandom } from '../support/random.ts';

const after = (coupons: number): UseStatistics =>
  useStatisticsOf(taught(coupons, seededRandom(1), ({ prior }) => prior).said);

it.each([
  [0, EXAMPLES_MIN - 1, false],
  [0, EXAMPLES_MIN, true],
  [EXAMPLES_MIN, EXAMPLES_MIN + 29, false],
  [EXAMPLES_MIN, EXAMPLES_MIN + 30, true],
  [1_000, 1_149, false],
  [1_000, 1_150, true],
])('after a version from %i coupons, the next one is due at %i coupons: %s', (known, coupons, isDue) => {
  const model = solveUseModel(after(known), { version: 1, incrementalShare: 0.1 });
  expect(isVersionDue(model, after(coupons))).toBe(isDue);
});
