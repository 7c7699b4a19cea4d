import { describe, expect, it } from 'vitest';
import { logGamma } from '#domain/experiment/log-gamma.ts';
import { normalQuantile } from '#domain/experiment/normal-quantile.ts';

describe('the normal quantile', () => {
  it.each([
    [0.5, 0],
    [0.8, 0.841_621_233_572_914_3],
    [0.975, 1.959_963_984_540_054],
    [0.9999, 3.719_016_485_455_709],
    [0.3, -0.524_400_512_708_040_9],
    [1e-9, -5.997_807_015_007_687],
  ])('of %d is %d', (probability, quantile) => {
    expect(normalQuantile(probability)).toBeCloseTo(quantile, 12);
  });

  it.each([0, 1, 1e-12, Number.NaN])('refuses %d', (probability) => {
    expect(() => normalQuantile(probability)).toThrow(/^probability: expected a number from 1.4e-11/);
  });
});

describe('the logarithm of the gamma function', () => {
  it('is that of a factorial at every whole number', () => {
    let logFactorial = 0;
    for (let n = 1; n <= 200; n++) {
      expect(logGamma(n)).toBeCloseTo(logFactorial, 9);
      logFactorial += Math.log(n);
    }
  });

  it('has its known value at a half, and follows the recurrence between whole numbers', () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
    for (const x of [0.01, 0.7, 3.3, 9.99, 150.5]) {
      expect(logGamma(x + 1)).toBeCloseTo(logGamma(x) + Math.log(x), 10);
    }
  });
});
