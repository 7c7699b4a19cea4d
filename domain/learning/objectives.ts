/**
 * How XGBoost's objectives turn a sum of leaves into a prediction, and the base score into a margin
 * (src/objective/regression_loss.h and regression_obj.cu of XGBoost 3), in float32.
 */
export type Objective = {
  /** Turns the base score, which is stored as a prediction, into the value at which the sum begins. */
  readonly toMargin: (baseScore: number) => number;
  readonly toPrediction: (margin: number) => number;
  /** Which base scores are valid, in words. */
  readonly baseScores: string;
  readonly holds: (baseScore: number) => boolean;
};

const f = Math.fround;
/** Beyond this the exponential is not a finite float32. */
const EXPONENT_MAX = 88.7;

const sigmoid = (x: number): number => f(1 / f(f(Math.exp(Math.min(f(-x), f(EXPONENT_MAX)))) + 1));
const identity: Objective = {
  toMargin: f,
  toPrediction: (margin) => margin,
  baseScores: 'a number',
  holds: Number.isFinite,
};
const isProbability = (value: number) => value > 0 && value < 1;
const logit = (value: number): number => f(-f(Math.log(f(f(1 / f(value)) - 1))));
const logistic: Objective = {
  toMargin: logit,
  toPrediction: sigmoid,
  baseScores: 'a probability between 0 and 1',
  holds: isProbability,
};
const exponential: Objective = {
  toMargin: (value) => f(Math.log(f(value))),
  toPrediction: (margin) => f(Math.exp(margin)),
  baseScores: 'a number over 0',
  holds: (value) => value > 0 && Number.isFinite(value),
};

/** The objectives by name. An objective that is not here cannot be used. */
export const OBJECTIVES: Readonly<Record<string, Objective>> = {
  'reg:squarederror': identity,
  'reg:linear': identity,
  'reg:squaredlogerror': identity,
  'reg:pseudohubererror': identity,
  'reg:absoluteerror': identity,
  'reg:quantileerror': identity,
  'rank:pairwise': identity,
  'rank:ndcg': identity,
  'rank:map': identity,
  'reg:logistic': logistic,
  'binary:logistic': logistic,
  'binary:logitraw': { ...logistic, toPrediction: (margin) => margin },
  'count:poisson': exponential,
  'reg:gamma': exponential,
  'reg:tweedie': exponential,
};
