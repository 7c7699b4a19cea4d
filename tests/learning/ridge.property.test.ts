import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorize, solveFactorized } from '#domain/learning/cholesky.ts';
import { totalMoments } from '#domain/learning/moments.ts';
import { fitRidge } from '#domain/learning/ridge.ts';
import { seededRandom } from '../support/random.ts';
import { collect, momentsOf, normal, predictionOf, type TrialRow } from './rows.ts';

const all = (size: number) => [{ name: 'all', kept: Array.from({ length: size }, (_, i) => i) }];

const rowsOf = (seed: number, count: number, weights: readonly number[], noise: number): TrialRow[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const features = weights.map((_, i) => Math.round(64 * (normal(random) * (i + 1) + i)) / 64 / (i + 1));
    const outcome = 1 + features.reduce((sum, x, i) => sum + weights[i]! * x, 0) + noise * normal(random);
    return { features, arm: 0, outcome };
  });
};

/** Solves by Gauss-Jordan elimination with pivots, sharing nothing with the code that it checks. */
const gauss = (matrix: number[][], right: number[]): number[] => {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < rows.length; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[k]![j]!);
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
};

describe('the Cholesky solver', () => {
  it('gives the solution that elimination with pivots gives', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, size) => {
        const random = seededRandom(seed);
        const root = Array.from({ length: size + 2 }, () =>
          Array.from({ length: size }, () => normal(random)),
        );
        const matrix = Array.from({ length: size }, (_, i) =>
          Array.from(
            { length: size },
            (_, j) => root.reduce((sum, row) => sum + row[i]! * row[j]!, 0) + (i === j ? 0.1 : 0),
          ),
        );
        const right = Array.from({ length: size }, () => normal(random));
        const solved = solveFactorized(
          factorize(Float64Array.from(matrix.flat()), size),
          Float64Array.from(right),
        );
        gauss(matrix, right).forEach((value, i) => {
          expect(solved[i]!).toBeCloseTo(value, 6);
        });
      }),
    );
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => factorize(Float64Array.from([1, 2, 2, 1]), 2)).toThrow(/positive definite/);
    expect(() => factorize(Float64Array.from([1, 1, 1, 1]), 2)).toThrow(/positive definite/);
  });
});

describe('ridge from sums', () => {
  it('finds the weights that made the outcomes, whatever the scales of the features', () => {
    const weights = [2, -1, 0.5, 0];
    const { folds, scaling } = momentsOf(collect(rowsOf(1, 4_000, weights, 0.5), 5, 1));
    const fit = fitRidge(folds.map(totalMoments), 0, { sets: all(5) });
    const at = (features: number[]) => predictionOf(fit.weights, scaling, features);
    weights.forEach((weight, i) => {
      const one = weights.map((_, j) => (i === j ? 1 : 0));
      expect(at(one) - at([0, 0, 0, 0])).toBeCloseTo(weight, 1);
    });
    expect(at([0, 0, 0, 0])).toBeCloseTo(1, 1);
  });

  it('gives the weights that ridge on the scaled rows themselves gives', () => {
    const rows = rowsOf(2, 200, [1, 2], 1);
    const { folds, scaling } = momentsOf(collect(rows, 2, 1));
    const strength = 0.1;
    const { weights } = fitRidge(folds.map(totalMoments), 0, { sets: all(3), strengths: [strength] });
    const scaled = rows.map(({ features }) => [
      1,
      ...features.map(
        (x, i) => (Math.round(64 * x) / 64 - scaling.means[i + 1]!) / scaling.deviations[i + 1]!,
      ),
    ]);
    const matrix = [0, 1, 2].map((i) =>
      [0, 1, 2].map(
        (j) =>
          scaled.reduce((sum, row) => sum + row[i]! * row[j]!, 0) +
          (i === j && i > 0 ? strength * rows.length : 0),
      ),
    );
    const right = [0, 1, 2].map((i) =>
      scaled.reduce((sum, row, r) => sum + row[i]! * Math.round(rows[r]!.outcome * 2 ** 12), 0),
    );
    gauss(matrix, right).forEach((weight, i) => {
      expect(weights[i]! / weight).toBeCloseTo(1, 9);
    });
  });

  it('shrinks more if there is nothing to find', () => {
    const strengthOf = (noise: number, weights: number[]) => {
      const { folds } = momentsOf(collect(rowsOf(3, 500, weights, noise), 5, 1));
      return fitRidge(folds.map(totalMoments), 0, { sets: all(4) }).strength;
    };
    expect(strengthOf(0.1, [1, 1, 1])).toBeLessThan(0.01);
    expect(strengthOf(5, [0, 0, 0])).toBeGreaterThanOrEqual(1);
  });

  it('works with a constant feature and with one that is twice another', () => {
    const rows = rowsOf(4, 300, [1], 0.1).map((row) => ({
      ...row,
      features: [row.features[0]!, 3, row.features[0]!],
    }));
    const { folds, scaling } = momentsOf(collect(rows, 3, 1));
    const { weights } = fitRidge(folds.map(totalMoments), 0, { sets: all(4) });
    expect(weights[2]).toBe(0);
    expect(predictionOf(weights, scaling, [1, 3, 1]) - predictionOf(weights, scaling, [0, 3, 0])).toBeCloseTo(
      1,
      1,
    );
  });

  it('needs at least two folds', () => {
    const { folds } = momentsOf(collect(rowsOf(5, 20, [1], 1), 1, 1));
    expect(() => fitRidge(folds.map(totalMoments), 0, { sets: all(2) })).toThrow(/expected at least 2/);
  });
});
