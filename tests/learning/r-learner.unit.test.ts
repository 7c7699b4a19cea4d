import { describe, expect, it } from 'vitest';
import { fitEffects } from '#domain/learning/r-learner.ts';
import { rProblem } from '#domain/learning/r-loss.ts';
import { lossOf } from '#domain/learning/ridge.ts';
import { seededRandom } from '../support/random.ts';
import { collect, momentsOf, normal, OUTCOME_STEP, predictionOf, type TrialRow } from './rows.ts';

const SETS = [
  { name: 'none', kept: [0] },
  { name: 'all', kept: [0, 1, 2] },
];

type Effect = (features: readonly number[]) => number;

/** A trial with two features, both of which move the outcome, and with arms in the shares given. */
const trial = (
  seed: number,
  count: number,
  effects: readonly Effect[],
  shares: readonly number[],
): TrialRow[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const features = [normal(random), random() < 0.5 ? 1 : 0];
    const draw = random();
    const arm = draw < shares[0]! ? 0 : draw < shares[0]! + shares[1]! ? 1 : 2;
    const effect = arm === 0 ? 0 : effects[arm - 1]!(features);
    return { features, arm, outcome: 2 * features[0]! + features[1]! + effect + normal(random) };
  });
};

describe('the R-learner', () => {
  it('finds the effects of two unlike arms of unlike sizes', () => {
    const effects: Effect[] = [([x]) => 0.5 + x!, ([, flag]) => 1 - 2 * flag!];
    const { folds, scaling } = momentsOf(collect(trial(1, 20_000, effects, [0.2, 0.5, 0.3]), 5, 3));
    const fit = fitEffects(folds, 0, { sets: SETS });
    expect(fit.gain).toBeGreaterThan(0);
    for (const features of [
      [0, 0],
      [1, 0],
      [-1, 1],
      [0.5, 1],
    ]) {
      effects.forEach((effect, k) => {
        expect(Math.abs(predictionOf(fit.effects[k]!, scaling, features) - effect(features))).toBeLessThan(
          0.15,
        );
      });
    }
  });

  it('gives everybody nearly the same effect if all have the same', () => {
    const { folds, scaling } = momentsOf(collect(trial(2, 5_000, [() => 0.7], [0.5, 0.5]), 5, 2));
    const { effects } = fitEffects(folds, 0, { sets: SETS });
    const predicted = [
      [-1, 0],
      [1, 1],
      [0, 1],
    ].map((features) => predictionOf(effects[0]!, scaling, features));
    for (const effect of predicted) expect(Math.abs(effect - 0.7)).toBeLessThan(0.2);
  });

  it('computes the same R-loss from sums as row by row', () => {
    const rows = trial(3, 300, [([x]) => x!], [0.4, 0.6]);
    const { folds, scaling } = momentsOf(collect(rows, 2, 2));
    const problem = rProblem(folds, 0, { sets: SETS });
    const effect = Float64Array.from([100, 250, -40]);
    const nothing = new Float64Array(3);
    const share = rows.filter(({ arm }) => arm === 1).length / rows.length;
    const byRow = (fold: number, weights: Float64Array) =>
      rows.reduce((sum, { features, arm, outcome }, i) => {
        if (i % 2 !== fold) return sum;
        const rest =
          Math.round(outcome / OUTCOME_STEP) -
          predictionOf(problem.expected.crossFitted[fold]!, scaling, features) / OUTCOME_STEP;
        return sum + (rest - (arm - share) * (predictionOf(weights, scaling, features) / OUTCOME_STEP)) ** 2;
      }, 0);
    for (const fold of [0, 1]) {
      const bySums = lossOf(problem.losses[fold]!, effect) - lossOf(problem.losses[fold]!, nothing);
      expect(bySums / (byRow(fold, effect) - byRow(fold, nothing))).toBeCloseTo(1, 8);
    }
  });

  it('needs a control arm and another arm', () => {
    const { folds } = momentsOf(collect(trial(4, 100, [() => 0], [1, 0]), 2, 1));
    expect(() => fitEffects(folds, 0, { sets: SETS })).toThrow(/arms: expected at least 2, got 1/);
  });

  it('gives the same effects, bit for bit, if the rows of each fold come in another order', () => {
    const rows = trial(5, 400, [([x]) => x!], [0.5, 0.5]);
    const folds = [0, 1].map((fold) => rows.filter((_, i) => i % 2 === fold).toReversed());
    const reordered = rows.map((_, i) => folds[i % 2]![Math.floor(i / 2)]!);
    const fitOf = (of: TrialRow[]) =>
      fitEffects(momentsOf(collect(of, 2, 2)).folds, 0, { sets: SETS }).effects;
    expect(fitOf(reordered)).toEqual(fitOf(rows));
  });
});
