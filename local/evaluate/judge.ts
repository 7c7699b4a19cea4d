import { chanceOf, DRAWS } from './chance.ts';
import { Means } from './measures.ts';
import type { EvaluateOptions } from './options.ts';
import type { Model } from './train.ts';
import { ARM, OUTCOME, type Trial } from './trial.ts';

/**
 * What policies would have gained, on rows that their model has not seen. For each row the doubly robust estimate of what arm
 * k adds is
 *
 *   Γ_k = μ_k(x) − μ_0(x) + 1[arm = k]/e_k · (y − μ_k(x)) − 1[arm = 0]/e_0 · (y − μ_0(x))
 *
 * where x are the row's features, y is its outcome, e_k is the share of arm k, and μ_k(x) is the outcome that
 * the model expects in arm k (J. Robins, A. Rotnitzky and L. Zhao, J. Am. Statist. Assoc. 89, 1994). Because
 * the shares e are known, the mean of Γ over any rows chosen by x alone is unbiased for any μ. Every figure of
 * a gain is a mean of Γ times a weight that depends on x.
 */

/** The number of steps of a curve. */
export const CURVE_STEPS = 50;

/** The measures of a row. The curves of the policy and of the response model come after them. */
export const MEASURES = {
  policy: 0,
  random: 1,
  response: 2,
  /** Shares of the members who are treated. */
  policyTreated: 3,
  responseTreated: 4,
  auuc: 5,
  qini: 6,
  responseQini: 7,
  /** Everybody treated with the best single arm. */
  everybody: 8,
} as const;
const FIRST_CURVE = 9;
export const policyCurve = (step: number): number => FIRST_CURVE + step;
export const responseCurve = (step: number): number => FIRST_CURVE + CURVE_STEPS + step;
const MEASURES_COUNT = FIRST_CURVE + 2 * CURVE_STEPS;

/** The means of all folds together. */
export const newMeans = (): Means => new Means(MEASURES_COUNT, FIRST_CURVE);

const score = (weights: Float64Array, features: Int32Array): number => {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features[i]!;
  return sum;
};

type Judged = {
  /** The expected gain of treating the row with its best arm. The policy ranks rows by it. */
  net: Float64Array;
  responses: Float64Array;
  /** Breaks ties by chance, so that a row gains nothing by an early place in the file. */
  ties: Float64Array;
  /** Γ of the arm that the model finds best for the row, and of the best single arm. */
  own: Float64Array;
  single: Float64Array;
};

export type JudgeTask = {
  readonly trial: Trial;
  readonly options: EvaluateOptions;
  readonly isJudged: (row: number) => boolean;
  readonly judgedRows: number;
  /** The shares of the arms among all judged rows. */
  readonly shares: readonly number[];
};

/** If the learned outcome is the judged one, scores are in money. Otherwise only their order means anything. */
const netOf = ({ value, cost, outcome, trainOutcome }: EvaluateOptions): ((effect: number) => number) =>
  outcome === trainOutcome
    ? (effect) => value * effect - cost
    : value >= 0
      ? (effect) => effect
      : (effect) => -effect;

const judgeRows = (
  { trial, options, isJudged, judgedRows, shares }: JudgeTask,
  { encoder, effects, expected, response, bestArm }: Model,
): Judged => {
  const column = () => new Float64Array(judgedRows);
  const judged: Judged = {
    net: column(),
    responses: column(),
    ties: column(),
    own: column(),
    single: column(),
  };
  const net = netOf(options);
  const features = new Int32Array(encoder.features.length);
  let at = 0;
  trial.store.visit((numbers, from, row) => {
    if (!isJudged(row)) return;
    encoder.encode(numbers, from, features);
    const arm = numbers[from + ARM]!;
    const outcome = numbers[from + OUTCOME]!;
    const untreated = score(expected[0]!, features);
    const control = untreated + (arm === 0 ? (outcome - untreated) / shares[0]! : 0);
    const gain = (k: number): number => {
      const treated = score(expected[k]!, features);
      return treated + (arm === k ? (outcome - treated) / shares[k]! : 0) - control;
    };
    let best = 1;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 1; k < shares.length; k++) {
      const expectedGain = net(score(effects[k - 1]!, features));
      if (expectedGain > most) {
        most = expectedGain;
        best = k;
      }
    }
    judged.net[at] = most;
    judged.responses[at] = score(response, features);
    judged.ties[at] = chanceOf(options.seed, DRAWS.tie, row);
    judged.own[at] = gain(best);
    judged.single[at] = best === bestArm ? judged.own[at]! : gain(bestArm);
    at += 1;
  });
  return judged;
};

/**
 * The place of each row, from the highest score down, as a share of the rows: of n rows, the first is at
 * 0.5/n, the second at 1.5/n.
 */
const placesOf = (scores: Float64Array, ties: Float64Array): Float64Array => {
  const order = Uint32Array.from(scores, (_, i) => i);
  order.sort((a, b) => scores[b]! - scores[a]! || ties[a]! - ties[b]! || a - b);
  const places = new Float64Array(scores.length);
  order.forEach((row, place) => {
    places[row] = (place + 0.5) / scores.length;
  });
  return places;
};

/** Judges a model on rows that it has not seen. Each fold's policy ranks the rows of its own fold. */
export const judge = (task: JudgeTask, model: Model, means: Means): void => {
  const { budget, outcome, trainOutcome } = task.options;
  const { net, responses, ties, own, single } = judgeRows(task, model);
  const places = placesOf(net, ties);
  const responsePlaces = placesOf(responses, ties);
  const hasThreshold = outcome === trainOutcome;
  const measures = new Float64Array(MEASURES_COUNT);
  for (let i = 0; i < net.length; i++) {
    const place = places[i]!;
    const responsePlace = responsePlaces[i]!;
    const [gain, singleGain] = [own[i]!, single[i]!];
    const isTreated = place <= budget && (!hasThreshold || net[i]! > 0);
    const isResponseTreated = responsePlace <= budget;
    measures[MEASURES.policy] = isTreated ? gain : 0;
    measures[MEASURES.random] = budget * singleGain;
    measures[MEASURES.response] = isResponseTreated ? singleGain : 0;
    measures[MEASURES.policyTreated] = isTreated ? 1 : 0;
    measures[MEASURES.responseTreated] = isResponseTreated ? 1 : 0;
    measures[MEASURES.auuc] = gain * (1 - place);
    measures[MEASURES.qini] = gain * (1 - place) - singleGain / 2;
    measures[MEASURES.responseQini] = singleGain * (0.5 - responsePlace);
    measures[MEASURES.everybody] = singleGain;
    for (let step = 0; step < CURVE_STEPS; step++) {
      const share = (step + 1) / CURVE_STEPS;
      measures[policyCurve(step)] = place <= share ? gain : 0;
      measures[responseCurve(step)] = responsePlace <= share ? singleGain : 0;
    }
    means.add(measures);
  }
};
