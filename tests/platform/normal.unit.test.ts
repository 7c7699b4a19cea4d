import { expect, it } from 'vitest';
import { normalCdf } from '#platform/normal.ts';

it.each([
  [0, 0.5],
  [1, 0.841_344_7],
  [-1.96, 0.024_997_9],
  [3, 0.998_650_1],
])('the standard normal distribution at %f is right to six decimals', (z, expected) => {
  expect(normalCdf(z)).toBeCloseTo(expected, 6);
});
