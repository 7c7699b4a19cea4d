import { FOLDS, OCCASIONS, type Occasion } from './example.ts';
import { STEPS_PER_UNIT } from './fixed-point.ts';
import { lossOf, type Quadratic, solvePenalized } from './ridge.ts';
import { arrayAt, type JsonObject, numberAt, objectAt, refuse } from './scorer.ts';
import type { Statistics } from './statistics.ts';
import { issuedIn, USE_FEATURES, type UseStatistics } from './use-statistics.ts';

/** The place of the prior's own answer among the features, and what it is multiplied by there; place 0 is the constant. */
export const PRIOR_PLACE = 1;
export const PRIOR_SCALE = 8;

/**
 * A model of how likely coupons are used: a linear function of an example's features, stored as data with a version. `issued`
 * and `used` count all coupons that it has learned from.
 */
export type UseModel = {
  version: number;
  issued: number;
  used: number;
  /** By occasion, in units of the features. */
  weights: Record<Occasion, readonly number[]>;
  /** The strength of the prior that held-out folds have chosen, by occasion; infinite ones are -1. */
  strength: Record<Occasion, number>;
  /** How many times as often coupons were used as the prior says, by occasion. */
  level: Record<Occasion, number>;
  /** See `Scores`. */
  incrementalShare: number;
  /** Set once it has done worse than the prior, which decides in its place from then on. */
  isWithdrawn?: boolean;
};

/** The weights of the prior: its own answer, and nothing else. */
export const priorWeights = (): Float64Array => {
  const weights = new Float64Array(USE_FEATURES);
  weights[PRIOR_PLACE] = 1 / PRIOR_SCALE;
  return weights;
};

/** The prior always counts as this many examples. */
const PSEUDO_EXAMPLES = 200;
/**
 * In addition, the prior counts as a multiple of the examples that there are. Held-out folds choose the multiple from these;
 * with the last one, only the prior counts.
 */
const STRENGTHS = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, Number.POSITIVE_INFINITY] as const;
/**
 * First the prior's overall level is corrected, as if this many more uses had been seen, just as it predicts. That changes no
 * ranking.
 */
const PSEUDO_USES = 10;
const LEVEL_MAX = 10;

/**
 * The least mean square of a feature, in units. From a feature that has hardly varied, nothing can be learned about what
 * happens when it does.
 */
const LEAST_SCALE = 0.25;

/** A and b in units. */
const quadraticOf = ({ size, products, sums }: Statistics): Quadratic => {
  const gram = new Float64Array(size * size);
  for (let i = 0, at = 0; i < size; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const value = products[at]! / STEPS_PER_UNIT ** 2;
      gram[i * size + j] = value;
      gram[j * size + i] = value;
    }
  }
  return { gram, right: sums.map((sum) => sum / STEPS_PER_UNIT) };
};

type Part = Quadratic & { rows: number };

const withoutPart = (total: Part, part: Part): Part => ({
  gram: total.gram.map((value, i) => value - part.gram[i]!),
  right: total.right.map((value, i) => value - part.right[i]!),
  rows: total.rows - part.rows,
});

/** How many times as often coupons were used as the prior says. */
const levelOf = ({ gram, right }: Part): number => {
  const level = (right[0]! + PSEUDO_USES) / (gram[PRIOR_PLACE]! / PRIOR_SCALE + PSEUDO_USES);
  return Math.max(1 / LEVEL_MAX, Math.min(LEVEL_MAX, level));
};

/**
 * A ridge regression that shrinks towards the prior at its own level instead of towards 0. The prior enters as examples that it
 * has answered itself, as many as its strength says, for each feature separately.
 */
const drawnToPrior = (part: Part, strength: number): Float64Array => {
  const { gram, right, rows } = part;
  if (rows === 0) return priorWeights();
  const level = levelOf(part);
  const prior = priorWeights().map((weight) => weight * level);
  if (strength === Number.POSITIVE_INFINITY) return prior;
  const size = right.length;
  const penalties = Float64Array.from(
    prior,
    (_, i) => Math.max(LEAST_SCALE, gram[i * size + i]! / rows) * (strength * rows + PSEUDO_EXAMPLES),
  );
  return solvePenalized({ gram, right: right.map((sum, i) => sum + penalties[i]! * prior[i]!) }, penalties);
};

/**
 * The weights of an occasion, with the strongest prior whose squared error on held-out folds is within a standard error of the
 * least (L. Breiman et al., Classification and Regression Trees, 1984, section 3.4.3), so that few examples change little.
 */
type Solved = { weights: Float64Array; strength: number; level: number };

const solveOccasion = (folds: readonly Statistics[]): Solved => {
  const parts = folds.map((fold): Part => ({ ...quadraticOf(fold), rows: fold.rows }));
  const total = parts.reduce((sum, part) => ({
    gram: sum.gram.map((value, i) => value + part.gram[i]!),
    right: sum.right.map((value, i) => value + part.right[i]!),
    rows: sum.rows + part.rows,
  }));
  const others = parts.map((part) => withoutPart(total, part));
  const tried = STRENGTHS.map((strength) => {
    const losses = parts.map((part, f) => lossOf(part, drawnToPrior(others[f]!, strength)));
    return { strength, losses, loss: losses.reduce((sum, loss) => sum + loss, 0) };
  });
  const least = tried.reduce((best, one) => (one.loss < best.loss ? one : best));
  const isAsGood = ({ losses, loss }: (typeof tried)[number]): boolean => {
    const mean = (loss - least.loss) / FOLDS;
    const squares = losses.reduce((sum, one, f) => sum + (one - least.losses[f]! - mean) ** 2, 0);
    return mean <= Math.sqrt(squares / (FOLDS - 1) / FOLDS);
  };
  const { strength } = tried.findLast(isAsGood)!;
  return { weights: drawnToPrior(total, strength), strength, level: total.rows === 0 ? 1 : levelOf(total) };
};

/**
 * The model that follows from statistics: a function of them alone, so the same statistics give the same bits. Without examples
 * it is the prior.
 *
 * @param incrementalShare the share of uses whose orders the coupon brought about.
 */
export const solveUseModel = (
  statistics: UseStatistics,
  { version, incrementalShare }: { version: number; incrementalShare: number },
): UseModel => {
  const [presale, order] = OCCASIONS.map((occasion) => solveOccasion(statistics.cells[occasion]));
  const stored = (strength: number): number => (Number.isFinite(strength) ? strength : -1);
  return {
    version,
    issued: issuedIn(statistics),
    used: statistics.used,
    weights: { presale: [...presale!.weights], order: [...order!.weights] },
    strength: { presale: stored(presale!.strength), order: stored(order!.strength) },
    level: { presale: presale!.level, order: order!.level },
    incrementalShare,
  };
};

/** The prior at the level that uses have shown, by occasion: what a learned model is compared with. */
export const levelledPrior = ({ level }: Pick<UseModel, 'level'>): UseModel['weights'] => {
  const at = (times: number): number[] => [...priorWeights()].map((weight) => weight * times);
  return { presale: at(level.presale), order: at(level.order) };
};

/** A model's answer for features in units: a probability. */
export const useProbability = (weights: readonly number[], features: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * features[i]!;
  return Math.max(0, Math.min(1, sum));
};

/**
 * How much higher one model's answers are than another's on the given examples: the ratio of the means, weighted by the time
 * that was left. 1 if there are no examples, or if one of the means is not above 0.
 */
export const answerRatio = (statistics: UseStatistics, now: UseModel, before: UseModel): number => {
  const totalOf = ({ weights }: UseModel): number =>
    OCCASIONS.reduce(
      (sum, occasion) =>
        statistics.cells[occasion].reduce((all, { products }) => {
          // The first column of A: Σ x·x₀, and x₀ is the share of the time that was left.
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
