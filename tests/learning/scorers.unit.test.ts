import { describe, expect, it } from 'vitest';
import { loadScorer } from '#domain/learning/load-scorer.ts';
import { ModelError } from '#domain/learning/scorer.ts';
import { seededRandom } from '../support/random.ts';
import { evaluateMargin, type Forest, type ForestJson, randomForest } from './forests.ts';

const FEATURES = 24;
const SMALL: Forest = { trees: 3, features: 4, depth: 3, objective: 'reg:squarederror', baseScore: '5E-1' };

const randomRows = (seed: number, count: number): number[][] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: FEATURES }, () => (random() < 0.1 ? Number.NaN : 2 * random() - 1)),
  );
};

describe('gradient-boosted trees in XGBoost’s JSON form', () => {
  it.each([
    ['reg:squarederror', '5E-1', 0.5, (margin: number) => margin],
    ['reg:squarederror', '[-2.5E-1]', -0.25, (margin: number) => margin],
    ['binary:logistic', '[2E-1]', Math.log(0.2 / 0.8), (margin: number) => 1 / (1 + Math.exp(-margin))],
    ['binary:logitraw', '5E-1', 0, (margin: number) => margin],
    ['count:poisson', 2, Math.log(2), Math.exp],
  ] as const)(
    'are scored as an independent evaluator scores them: 300 trees of %s with base score %s',
    (objective, baseScore, margin, link) => {
      const model = randomForest(7, { trees: 300, features: FEATURES, depth: 6, objective, baseScore });
      const scorer = loadScorer(JSON.parse(JSON.stringify(model)));
      for (const row of randomRows(8, 300)) {
        const expected = link(evaluateMargin(model, margin, row));
        expect(Math.abs(scorer.score(row) - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));
      }
    },
  );

  it('compare in float32: a value that rounds to the condition goes right', () => {
    const model = randomForest(1, { ...SMALL, trees: 1, depth: 1, baseScore: '0E0' });
    const [tree] = model.learner.gradient_booster.model.trees;
    Object.assign(tree!, {
      split_indices: [0, 0, 0],
      split_conditions: [0.1, -1, 1],
      default_left: [1, 0, 0],
    });
    const { score } = loadScorer(model);
    expect(score([0.1 - 1e-12])).toBe(1);
    expect(score([0.0999])).toBe(-1);
    expect(score([Number.NaN])).toBe(-1);
    expect(score([])).toBe(-1);
  });

  it.each<[string, (model: ForestJson) => void]>([
    [
      'learner.gradient_booster.name: expected "gbtree", got "dart"',
      (m) => {
        m.learner.gradient_booster.name = 'dart';
      },
    ],
    [
      'learner.objective.name: expected one of',
      (m) => {
        m.learner.objective.name = 'multi:softmax';
      },
    ],
    [
      'learner.learner_model_param.num_class: expected at most 1',
      (m) => {
        m.learner.learner_model_param.num_class = '3';
      },
    ],
    [
      'learner.learner_model_param.base_score: expected one number',
      (m) => {
        m.learner.learner_model_param.base_score = '[1E0,2E0]';
      },
    ],
    [
      'learner.learner_model_param.base_score: expected a number',
      (m) => {
        m.learner.learner_model_param.base_score = 'half';
      },
    ],
    [
      'trees[1].split_type[0]: expected 0 (categorical splits are not supported), got 1',
      (m) => {
        m.learner.gradient_booster.model.trees[1]!.split_type[0] = 1;
      },
    ],
    [
      'trees[0].split_indices[0]: expected a feature from 0 to 3, got 9',
      (m) => {
        m.learner.gradient_booster.model.trees[0]!.split_indices[0] = 9;
      },
    ],
    [
      'trees[2].left_children[1]: expected',
      (m) => {
        m.learner.gradient_booster.model.trees[2]!.left_children[1] = 0;
      },
    ],
    [
      'trees[0].right_children[0]: expected a node that is no other’s child, got 1',
      (m) => {
        m.learner.gradient_booster.model.trees[0]!.right_children[0] = 1;
      },
    ],
    [
      'trees[0].right_children[0]: expected a child on both sides',
      (m) => {
        m.learner.gradient_booster.model.trees[0]!.right_children[0] = -1;
      },
    ],
    [
      'trees[0].split_conditions: expected',
      (m) => {
        m.learner.gradient_booster.model.trees[0]!.split_conditions.pop();
      },
    ],
    [
      'trees[0].split_conditions[2]: expected a number, got null',
      (m) => {
        (m.learner.gradient_booster.model.trees[0]!.split_conditions as unknown[])[2] = null;
      },
    ],
    [
      'trees[0].default_left[0]: expected 0 or 1, got 2',
      (m) => {
        m.learner.gradient_booster.model.trees[0]!.default_left[0] = 2;
      },
    ],
    [
      'learner.feature_names: expected 4 names or none, got 1',
      (m) => {
        m.learner.feature_names.push('a');
      },
    ],
  ])('are refused with the path of the fault: %s', (message, spoil) => {
    const model = randomForest(3, SMALL);
    spoil(model);
    expect(() => loadScorer(model)).toThrow(ModelError);
    expect(() => loadScorer(model)).toThrow(message);
  });

  it('are refused if the base score of a logistic objective is a probability of 0', () => {
    expect(() =>
      loadScorer(randomForest(1, { ...SMALL, objective: 'binary:logistic', baseScore: '0E0' })),
    ).toThrow(/base_score: expected a probability between 0 and 1/);
  });
});

describe('linear coefficients', () => {
  it('score features that are given in the order of the coefficients', () => {
    const scorer = loadScorer({
      link: 'logistic',
      intercept: -1,
      coefficients: { a: 2, b: -0.5 },
      missing: { b: 4 },
    });
    expect(scorer.names).toEqual(['a', 'b']);
    expect(scorer.score([1, 2])).toBeCloseTo(0.5, 12);
    expect(scorer.score([Number.NaN, 0])).toBeCloseTo(1 / (1 + Math.E), 12);
    expect(scorer.score([1.5])).toBeCloseTo(0.5, 12);
  });

  it.each([
    [{ coefficients: {} }, 'coefficients: expected at least one'],
    [{ coefficients: { a: '1' } }, 'coefficients.a: expected a number, got "1"'],
    [{ coefficients: { a: 1 }, link: 'probit' }, 'link: expected identity or logistic, got "probit"'],
    [{ coefficients: { a: 1 }, missing: { b: 1 } }, 'missing.b: expected a feature that has a coefficient'],
    [{ coefficients: { a: 1 }, bias: 2 }, 'bias: expected one of'],
    [{ weights: [] }, 'model: expected "learner"'],
    [[], 'model: expected an object, got []'],
  ])('are refused, with the path of the fault, if they are %j', (model, message) => {
    expect(() => loadScorer(model)).toThrow(message);
  });
});
