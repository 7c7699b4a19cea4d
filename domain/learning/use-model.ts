/** A learned model of how likely a coupon is to be used: its parts, answers and stored form. The prior is `priorModel`. */
import { OCCASIONS, type Occasion } from './example.ts';
import { arrayAt, type JsonObject, numberAt, objectAt, refuse } from './scorer.ts';
import { USE_FEATURES, type UseStatistics } from './use-statistics.ts';

/** The place of the prior's own answer among the features, and what it is multiplied by there; place 0 is the constant. */
export const PRIOR_PLACE = 1;
export const PRIOR_SCALE = 8;
/** The places of the features that differ between a member's offers. The others say who the member is. */
export const OFFER_PLACES: ReadonlySet<number> = new Set([
  PRIOR_PLACE,
  2,
  3,
  4,
  5,
  14,
  15,
  16,
  17,
  18,
  19,
  20,
  22,
  23,
]);

/**
 * A model of how likely a coupon is to be used: a linear function of an example's features, stored as data with a version.
 * `issued` and `used` count all coupons that it has learned from.
 */
export type UseModel = {
  version: number;
  issued: number;
  used: number;
  /** By occasion, for features in units instead of steps (`fixed-point.ts`). */
  weights: Record<Occasion, readonly number[]>;
  /**
   * By occasion, in the likeliest fit: the number of examples that the prior counts as; 0 if the prior is ignored, -1 if only the
   * prior counts.
   */
  strength: Record<Occasion, number>;
  /** How many times as often coupons were used as the prior says, by occasion. */
  level: Record<Occasion, number>;
  /** The share of redemptions whose orders would not have been made without the coupon. */
  incrementalShare: number;
  /** Set once the model has done worse than the prior, which decides in its place from then on. */
  isWithdrawn?: boolean;
};

/** The weights of the prior: its own answer, and nothing else. */
export const priorWeights = (): Float64Array => {
  const weights = new Float64Array(USE_FEATURES);
  weights[PRIOR_PLACE] = 1 / PRIOR_SCALE;
  return weights;
};

/** The prior at the level that uses have shown, by occasion: what a learned model is compared with. */
export const levelledPrior = ({ level }: Pick<UseModel, 'level'>): UseModel['weights'] => {
  const at = (times: number): number[] => [...priorWeights()].map((weight) => weight * times);
  return { presale: at(level.presale), order: at(level.order) };
};

/** A model's answer, a probability, for features in units. */
export const useProbability = (weights: readonly number[], features: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features[i]!;
  return Math.max(0, Math.min(1, sum));
};

/**
 * How many times as high the model `now` values the given examples as the model `before` does: the ratio of the means of their
 * answers, weighted by the time that was left, times the ratio of their incremental shares. 1 if there are no examples, or if one
 * of the means is not above 0.
 */
export const answerRatio = (statistics: UseStatistics, now: UseModel, before: UseModel): number => {
  const totalOf = ({ weights }: UseModel): number =>
    OCCASIONS.reduce(
      (sum, occasion) =>
        statistics.cells[occasion].reduce((all, { products }) => {
          // The first column of the sums of products: Σ x·x₀. An example's features are multiplied by the
          // share of the time that was left, so its constant x₀ is that share.
          let answers = 0;
          for (let i = 0; i < USE_FEATURES; i++)
            answers += weights[occasion][i]! * products[(i * (i + 1)) / 2]!;
          return all + answers;
        }, sum),
      0,
    );
  const [high, low] = [totalOf(now), totalOf(before)];
  return high > 0 && low > 0 ? (high / low) * (now.incrementalShare / before.incrementalShare) : 1;
};

const weightsAt = (value: unknown, path: string): number[] => {
  const weights = arrayAt(value, path);
  if (weights.length !== USE_FEATURES) refuse(path, `${USE_FEATURES} numbers`, weights.length);
  return weights.map((weight, i) => numberAt(weight, `${path}[${i}]`));
};

/** Reads a stored model. Throws ModelError for anything else. */
export const parseUseModel = (json: unknown): UseModel => {
  const model = objectAt(json, 'model');
  const [weights, strength, level] = (['weights', 'strength', 'level'] as const).map((name) =>
    objectAt(model[name], name),
  ) as [JsonObject, JsonObject, JsonObject];
  return {
    version: numberAt(model.version, 'version'),
    issued: numberAt(model.issued, 'issued'),
    used: numberAt(model.used, 'used'),
    weights: {
      presale: weightsAt(weights.presale, 'weights.presale'),
      order: weightsAt(weights.order, 'weights.order'),
    },
    strength: {
      presale: numberAt(strength.presale, 'strength.presale'),
      order: numberAt(strength.order, 'strength.order'),
    },
    level: {
      presale: numberAt(level.presale, 'level.presale'),
      order: numberAt(level.order, 'level.order'),
    },
    incrementalShare: numberAt(model.incrementalShare, 'incrementalShare'),
    ...(model.isWithdrawn === true ? { isWithdrawn: true } : {}),
  };
};
