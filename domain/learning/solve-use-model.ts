import { OCCASIONS } from './example.ts';
import { STEPS_PER_UNIT } from './fixed-point.ts';
import { lossOf, type Quadratic, solvePenalized } from './ridge.ts';
import type { Statistics } from './statistics.ts';
import { OFFER_PLACES, PRIOR_PLACE, PRIOR_SCALE, priorWeights, type UseModel } from './use-model.ts';
import { issuedIn, type UseStatistics } from './use-statistics.ts';

/** Solves a model of how likely a coupon is to be used, from sums over examples: see docs/learning.md, "Model". */

/** How many examples one of the {@link CENTRES} counts as, for each feature. With the last number, only the centre counts. */
const PSEUDO_EXAMPLES = [30, 100, 300, 1_000, 3_000, Number.POSITIVE_INFINITY] as const;
/**
 * What the weights may be drawn to: the prior at the level that uses show, or the same probability for all coupons, which is the
 * better of the two if the prior says the opposite of what uses show.
 */
const CENTRES = ['prior', 'constant'] as const;
type Centre = (typeof CENTRES)[number];
/**
 * First the prior is multiplied by its level: uses seen divided by uses predicted, with this many added to both. That changes no
 * ranking. If more were added, a prior that only promises too much would look as if it ranked badly.
 */
const PSEUDO_USES = 1;
const LEVEL_MAX = 10;
/** What the constant begins with: one use in ten coupons. */
const CONSTANT_USES = 1;
const CONSTANT_EXAMPLES = 10;

/**
 * The least variance of a feature, in units. From a feature that has hardly varied, nothing can be learned about what happens
 * when it does.
 */
const LEAST_VARIANCE = 0.05;
/**
 * The weights of features that differ between offers are drawn this many times as strongly as those that say who a member is. Most
 * members are given the offer that the model prefers for them, so uses hardly show how another offer would have done, and what is
 * due to the members could be taken for an effect of the offers.
 */
const OFFER_CAUTION: Readonly<Record<Centre, number>> = { prior: 100, constant: 20 };
/** Stands for a variance of the constant. It is small, so little holds the constant back: the mean of all uses is soon known. */
const CONSTANT_SCALE = 0.02;

/**
 * The part of the held-out log-likelihood that counts. Each fold (a part of the examples) is predicted by
 * weights learned from the others. The weights for different folds share most of their examples, so their
 * errors agree more than they should.
 */
const LIKELIHOOD_SHARE = 0.5;
/**
 * Log odds, before any example, of the prior alone against each of the other {@link PULLS}: the first
 * coupons went to members whom the prior rates highly, which hides how well it ranks others.
 */
const PRIOR_ALONE_LOG_ODDS = 3;
/**
 * How far off a prior's level usually is: the standard deviation of the natural logarithm of the level. A prior that is further off
 * is probably wrong about more than the level, so what is drawn to it counts less.
 */
const LEVEL_DEVIATION = 0.5;
/** The least variance of a use about its probability. */
const LEAST_NOISE = 0.01;

/** The loss in units instead of steps, and the number of its examples. */
type Part = Quadratic & { rows: number };

const partOf = ({ size, products, sums, rows }: Statistics): Part => {
  const gram = new Float64Array(size * size);
  for (let i = 0, at = 0; i < size; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const value = products[at]! / STEPS_PER_UNIT ** 2;
      gram[i * size + j] = value;
      gram[j * size + i] = value;
    }
  }
  return { gram, right: sums.map((sum) => sum / STEPS_PER_UNIT), rows };
};

const addPart = (one: Part, other: Part, sign: 1 | -1 = 1): Part => ({
  gram: one.gram.map((value, i) => value + sign * other.gram[i]!),
  right: one.right.map((value, i) => value + sign * other.right[i]!),
  rows: one.rows + sign * other.rows,
});

/** How many times as often coupons were used as the prior says. */
const levelOf = ({ gram, right }: Part): number => {
  const level = (right[0]! + PSEUDO_USES) / (gram[PRIOR_PLACE]! / PRIOR_SCALE + PSEUDO_USES);
  return Math.max(1 / LEVEL_MAX, Math.min(LEVEL_MAX, level));
};

/**
 * The loss as a function of a change to the given weights, with centred features: each less its mean. The constant then stands
 * for the mean of all uses.
 */
const centred = ({ gram, right }: Part, given: Float64Array): Quadratic & { means: Float64Array } => {
  const size = right.length;
  const means = Float64Array.from(right, (_, i) => (i === 0 || gram[0] === 0 ? 0 : gram[i]! / gram[0]!));
  const rest = right.map((sum, i) =>
    given.reduce((left, weight, j) => left - gram[i * size + j]! * weight, sum),
  );
  return {
    means,
    // The constant's mean is 0, and means[i] · gram[0] is gram's entry for feature i and the constant.
    gram: gram.map((value, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      return value - (j === 0 ? means[i]! * gram[0]! : means[j]! * gram[i]!);
    }),
    right: rest.map((sum, i) => sum - means[i]! * rest[0]!),
  };
};

const centreOf = (part: Part, centre: Centre): Float64Array => {
  switch (centre) {
    case 'prior': {
      const level = levelOf(part);
      return priorWeights().map((weight) => weight * level);
    }
    case 'constant': {
      const weights = new Float64Array(part.right.length);
      weights[0] = (part.right[0]! + CONSTANT_USES) / (part.gram[0]! + CONSTANT_EXAMPLES);
      return weights;
    }
    default:
      return centre satisfies never;
  }
};

/**
 * A ridge regression of centred features that shrinks towards other weights instead of towards 0. These count like additional
 * examples, each with the outcome that they predict: a number of examples for each feature, as far from its mean as examples
 * usually are. Returns the function from that number to the weights.
 */
const drawnTo = (part: Part, centre: Centre): ((pseudoExamples: number) => Float64Array) => {
  if (part.rows === 0) return priorWeights;
  const towards = centreOf(part, centre);
  const { means, gram, right } = centred(part, towards);
  const size = right.length;
  const scales = Float64Array.from(right, (_, i) => {
    if (i === 0) return CONSTANT_SCALE;
    const variance = Math.max(LEAST_VARIANCE, gram[i * size + i]! / part.rows);
    return OFFER_PLACES.has(i) ? OFFER_CAUTION[centre] * variance : variance;
  });
  return (pseudoExamples) => {
    if (pseudoExamples === Number.POSITIVE_INFINITY) return towards;
    const penalties = scales.map((scale) => scale * pseudoExamples);
    const change = solvePenalized({ gram, right }, penalties);
    // Back to features that are not centred: the constant takes what their means stood for.
    for (let i = 1; i < size; i++) change[0]! -= change[i]! * means[i]!;
    return change.map((weight, i) => weight + towards[i]!);
  };
};

/** What weights are drawn to, and how strongly. */
type Pull = { centre: Centre; pseudoExamples: number };

/** The weights for each of {@link PULLS}. */
const drawnByAll = (part: Part): Float64Array[] =>
  CENTRES.flatMap((centre) => PSEUDO_EXAMPLES.map(drawnTo(part, centre)));

/**
 * Nothing is learned from fewer examples of an occasion. The first examples are of members whom the prior
 * chose. It rates all of them highly, so they say little about how well it ranks others.
 */
export const EXAMPLES_MIN = 150;

type Solved = { weights: Float64Array; likeliest: Pull; level: number };

const PULLS = CENTRES.flatMap((centre) =>
  PSEUDO_EXAMPLES.map((pseudoExamples): Pull => ({ centre, pseudoExamples })),
);
const PRIOR_ALONE: Pull = { centre: 'prior', pseudoExamples: Number.POSITIVE_INFINITY };

/** The log odds of a pull before any example. Only the level of the prior comes from the examples. */
const logOddsOf = ({ centre, pseudoExamples }: Pull, level: number): number => {
  if (centre === 'constant') return 0;
  const odds = -(Math.log(level) ** 2) / (2 * LEVEL_DEVIATION ** 2);
  return pseudoExamples === Number.POSITIVE_INFINITY ? odds + PRIOR_ALONE_LOG_ODDS : odds;
};

/**
 * The weights of an occasion: the mean over all {@link PULLS}, each weighted by how likely it makes the examples of held-out
 * folds (S. Geisser and W. Eddy, Journal of the American Statistical Association 74, 1979; Y. Yao et al., Bayesian Analysis 13,
 * 2018, section 3.4). With a few more examples, such a mean changes less than the choice of one pull would.
 */
const solveOccasion = (folds: readonly Statistics[]): Solved => {
  const parts = folds.map(partOf);
  const total = parts.slice(1).reduce((sum, part) => addPart(sum, part), parts[0]!);
  if (total.rows < EXAMPLES_MIN) return { weights: priorWeights(), likeliest: PRIOR_ALONE, level: 1 };
  const others = parts.map((part) => addPart(total, part, -1));
  const heldOut = others.map(drawnByAll);
  const losses = PULLS.map((_, i) => parts.reduce((sum, part, f) => sum + lossOf(part, heldOut[f]![i]!), 0));
  const level = levelOf(total);
  // A loss leaves out Σ used², which is Σ used, as each used is 0 or 1. Σ used is about right[0], in which each use counts by
  // the share of the time that was left.
  const noise = Math.max(LEAST_NOISE, (total.right[0]! + Math.min(...losses)) / total.rows);
  const logs = losses.map((loss, i) => logOddsOf(PULLS[i]!, level) - (LIKELIHOOD_SHARE * loss) / (2 * noise));
  const highest = Math.max(...logs);
  const likelihoods = logs.map((log) => Math.exp(log - highest));
  const all = likelihoods.reduce((sum, likelihood) => sum + likelihood, 0);
  const weights = new Float64Array(total.right.length);
  for (const [i, drawn] of drawnByAll(total).entries()) {
    for (const [j, weight] of drawn.entries()) weights[j]! += (likelihoods[i]! / all) * weight;
  }
  return { weights, likeliest: PULLS[logs.indexOf(highest)]!, level };
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
  const stored = ({ centre, pseudoExamples }: Pull): number => {
    if (centre === 'constant') return 0;
    return Number.isFinite(pseudoExamples) ? pseudoExamples : -1;
  };
  return {
    version,
    issued: issuedIn(statistics),
    used: statistics.used,
    weights: { presale: [...presale!.weights], order: [...order!.weights] },
    strength: { presale: stored(presale!.likeliest), order: stored(order!.likeliest) },
    level: { presale: presale!.level, order: order!.level },
    incrementalShare,
  };
};
