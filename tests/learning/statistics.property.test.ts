import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FEATURE_STEPS_MAX,
  OUTCOME_STEPS_MAX,
  outcomeStepFor,
  toFeatureSteps,
  toOutcomeSteps,
} from '#domain/learning/fixed-point.ts';
import {
  emptyStatistics,
  mergeInto,
  rowCollector,
  type Statistics,
  sumOfStatistics,
} from '#domain/learning/statistics.ts';

const SIZE = 5;
const feature = fc.integer({ min: -FEATURE_STEPS_MAX, max: FEATURE_STEPS_MAX });
const outcome = fc.integer({ min: -OUTCOME_STEPS_MAX, max: OUTCOME_STEPS_MAX });
const row = fc.record({
  features: fc.array(fc.oneof(fc.constant(0), feature), { minLength: SIZE, maxLength: SIZE }),
  outcomes: fc.tuple(outcome, outcome),
});
type Row = { features: number[]; outcomes: [number, number] };

const statisticsOf = (rows: readonly Row[]): Statistics => {
  const statistics = emptyStatistics(SIZE, 2);
  const collector = rowCollector(statistics);
  for (const { features, outcomes } of rows) collector.add(Int32Array.from(features), outcomes);
  collector.done();
  return statistics;
};

describe('sums of rows', () => {
  it('are Σ x·xᵀ, Σ x·y and n, exactly', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
        const { products, sums, rows: count } = statisticsOf(rows);
        expect(count).toBe(rows.length);
        for (let i = 0; i < SIZE; i++) {
          for (let j = 0; j <= i; j++) {
            const exact = rows.reduce((sum, { features }) => sum + BigInt(features[i]! * features[j]!), 0n);
            expect(BigInt(products[(i * (i + 1)) / 2 + j]!)).toBe(exact);
          }
          for (const y of [0, 1]) {
            const exact = rows.reduce(
              (sum, { features, outcomes }) => sum + BigInt(features[i]!) * BigInt(outcomes[y]!),
              0n,
            );
            expect(BigInt(sums[y * SIZE + i]!)).toBe(exact);
          }
        }
      }),
    );
  });

  it('have the same bits in any order and over any partition', () => {
    const shuffled = fc
      .array(row, { maxLength: 40 })
      .chain((rows) =>
        fc.tuple(
          fc.constant(rows),
          fc.shuffledSubarray(rows, { minLength: rows.length }),
          fc.array(fc.nat(3), { minLength: rows.length, maxLength: rows.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([rows, others, parts]) => {
        const byPart = [3, 1, 0, 2].map((part) => statisticsOf(others.filter((_, i) => parts[i] === part)));
        expect(sumOfStatistics(byPart)).toEqual(statisticsOf(rows));
      }),
    );
  });

  it('are as before when what was added is subtracted', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (kept, taken) => {
        const all = statisticsOf([...kept, ...taken]);
        expect(mergeInto(all, statisticsOf(taken), -1)).toEqual(statisticsOf(kept));
      }),
    );
  });

  it('of different shapes are not added', () => {
    expect(() => mergeInto(emptyStatistics(2), emptyStatistics(3))).toThrow(/expected 2 features/);
    expect(() => sumOfStatistics([])).toThrow(RangeError);
  });
});

describe('steps', () => {
  it('are whole and clipped, whatever the number', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const steps = toFeatureSteps(value);
        expect(Number.isInteger(steps)).toBe(true);
        expect(Object.is(steps, -0)).toBe(false);
        expect(Math.abs(steps)).toBeLessThanOrEqual(FEATURE_STEPS_MAX);
        if (Math.abs(value) < 8) expect(Math.abs(steps / 64 - value)).toBeLessThanOrEqual(1 / 128);
      }),
    );
    expect(toFeatureSteps(Number.NaN)).toBe(0);
  });

  it('keep flags and counts exactly and amounts to a millionth of the largest', () => {
    for (const largest of [1, 3, 499.99, 1e9]) {
      const step = outcomeStepFor(largest);
      expect(Math.abs(toOutcomeSteps(largest, step) * step - largest)).toBeLessThanOrEqual(largest / 1e6);
      expect(toOutcomeSteps(largest, step)).toBeLessThanOrEqual(OUTCOME_STEPS_MAX);
    }
    expect(toOutcomeSteps(1, outcomeStepFor(1)) * outcomeStepFor(1)).toBe(1);
    expect(toOutcomeSteps(-5, outcomeStepFor(0))).toBe(-OUTCOME_STEPS_MAX);
  });
});
