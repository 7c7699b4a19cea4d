/**
 * What another policy would have been worth, from decisions whose probabilities are known. With w = π(a|x) / p(a|x), the
 * probability of the chosen action under the evaluated policy divided by its probability when it was chosen:
 *
 * - IPS: the mean of w·r (D. Horvitz and D. Thompson, J. Am. Statist. Assoc. 47, 1952).
 * - SNIPS: Σ w·r / Σ w (A. Swaminathan and T. Joachims, NIPS 2015), with the variance of a ratio.
 * - Direct: the mean of Σ π(a|x)·q(x, a), with q the predicted reward. Its interval does not account for errors of q.
 * - Doubly robust: the mean of Σ π(a|x)·q(x, a) + w·(r − q(x, a)) (M. Dudík, J. Langford and L. Li, ICML 2011).
 *
 * The effective sample size is (Σ w)² / Σ w² (L. Kish, Survey Sampling, 1965): this many decisions by the policy itself would
 * be equally informative.
 */

export type LoggedAction = {
  /** The probability with which this action was chosen; above 0 for the chosen one. */
  readonly propensity: number;
  /** The probability with which the evaluated policy chooses it. */
  readonly target: number;
  /** The reward that a model expects, if there is a model. */
  readonly predicted: number | undefined;
};

export type LoggedDecision = {
  readonly actions: readonly LoggedAction[];
  /** The index of the chosen action. */
  readonly chosen: number;
  readonly reward: number;
};

/** An estimate with a 95 % interval. */
export type PolicyValue = { estimate: number; low: number; high: number };

export type OffPolicy = {
  decisions: number;
  effectiveSize: number;
  /** This many rewards of the policy itself would be equally informative. */
  effectiveRewards: number;
  largestWeight: number;
  /** Why the intervals are not reliable; empty if they are. */
  warnings: string[];
  /** What the logged policy itself got. */
  logged: PolicyValue;
  ips: PolicyValue;
  snips: PolicyValue;
  /** Undefined if a decision has no predicted rewards. */
  direct: PolicyValue | undefined;
  doublyRobust: PolicyValue | undefined;
};

/** Below these sizes the normal approximation is poor: on simulated logs, coverage falls below 93 %. */
const EFFECTIVE_SIZE_MIN = 60;
const EFFECTIVE_REWARDS_MIN = 12;
/** If one decision has more than this share of all weight, the estimate depends on it too much. */
const LARGEST_SHARE_MAX = 0.05;
/** If the weights' mean is further from 1 than this many standard errors, the propensities are wrong. */
const WEIGHT_Z_MAX = 4;
const Z = 1.959_963_984_540_054;

/** The mean and its standard error, of numbers that come one by one (B. Welford, Technometrics 4, 1962). */
class Mean {
  count = 0;
  mean = 0;
  #squares = 0;

  add(value: number): void {
    this.count += 1;
    const before = value - this.mean;
    this.mean += before / this.count;
    this.#squares += before * (value - this.mean);
  }

  get standardError(): number {
    return this.count < 2
      ? Number.POSITIVE_INFINITY
      : Math.sqrt(this.#squares / (this.count - 1) / this.count);
  }
}

/** Student's 97.5 % quantile for this many effective decisions, by its expansion (Abramowitz and Stegun, 26.7.5). */
const quantileFor = (effectiveSize: number): number => {
  const freedom = Math.max(1, effectiveSize - 1);
  return Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2);
};

const around = (estimate: number, error: number, quantile: number): PolicyValue => ({
  estimate,
  low: estimate - quantile * error,
  high: estimate + quantile * error,
});

/** Adds up decisions in constant memory. */
export class OffPolicyEstimate {
  readonly #reward = new Mean();
  readonly #weighted = new Mean();
  readonly #weight = new Mean();
  readonly #direct = new Mean();
  readonly #doublyRobust = new Mean();
  #weights = 0;
  #squares = 0;
  /** Σ w²·r and Σ w²·r². */
  #squaresReward = 0;
  #squaresReward2 = 0;
  #rewards = 0;
  #largest = 0;
  #hasPredictions = true;

  add({ actions, chosen, reward }: LoggedDecision): void {
    const { propensity, target, predicted } = actions[chosen]!;
    const weight = target / propensity;
    this.#reward.add(reward);
    this.#weighted.add(weight * reward);
    this.#weight.add(weight);
    this.#weights += weight;
    this.#squares += weight ** 2;
    this.#squaresReward += weight ** 2 * reward;
    this.#squaresReward2 += weight ** 2 * reward ** 2;
    this.#rewards += weight * Math.abs(reward);
    this.#largest = Math.max(this.#largest, weight);
    if (predicted === undefined || actions.some((action) => action.predicted === undefined)) {
      this.#hasPredictions = false;
      return;
    }
    const expected = actions.reduce((sum, action) => sum + action.target * action.predicted!, 0);
    this.#direct.add(expected);
    this.#doublyRobust.add(expected + weight * (reward - predicted));
  }

  #warnings(effectiveSize: number, effectiveRewards: number): string[] {
    const warnings: string[] = [];
    if (effectiveSize < EFFECTIVE_SIZE_MIN) {
      warnings.push(
        `effective sample size: expected at least ${EFFECTIVE_SIZE_MIN}, got ${effectiveSize.toFixed(1)}`,
      );
    }
    if (effectiveRewards < EFFECTIVE_REWARDS_MIN) {
      warnings.push(
        `effective rewards: expected at least ${EFFECTIVE_REWARDS_MIN}, got ${effectiveRewards.toFixed(1)}`,
      );
    }
    const largestShare = this.#weights > 0 ? this.#largest / this.#weights : 1;
    if (largestShare > LARGEST_SHARE_MAX) {
      warnings.push(
        `largest weight: expected at most ${LARGEST_SHARE_MAX * 100} % of all, got ${(100 * largestShare).toFixed(1)} %`,
      );
    }
    const error = this.#weight.standardError;
    if (error > 0 && Math.abs(this.#weight.mean - 1) > WEIGHT_Z_MAX * error) {
      warnings.push(
        `mean weight: expected about 1, got ${this.#weight.mean.toFixed(3)}; the propensities are not those of the choices`,
      );
    }
    return warnings;
  }

  /** Throws RangeError if no decision was added. */
  result(): OffPolicy {
    const { count } = this.#reward;
    if (count === 0) throw new RangeError('decisions: expected at least one, got none');
    const effectiveSize = this.#squares > 0 ? this.#weights ** 2 / this.#squares : 0;
    const effectiveRewards = this.#squaresReward2 > 0 ? this.#rewards ** 2 / this.#squaresReward2 : 0;
    const quantile = quantileFor(effectiveSize);
    const normal = quantileFor(count);
    const snips = this.#weights > 0 ? this.#weighted.mean / this.#weight.mean : Number.NaN;
    const spread = this.#squaresReward2 - 2 * snips * this.#squaresReward + snips ** 2 * this.#squares;
    const of = (mean: Mean, by: number) => around(mean.mean, mean.standardError, by);
    return {
      decisions: count,
      effectiveSize,
      effectiveRewards,
      largestWeight: this.#largest,
      warnings: this.#warnings(effectiveSize, effectiveRewards),
      logged: of(this.#reward, normal),
      ips: of(this.#weighted, quantile),
      snips: around(snips, Math.sqrt(Math.max(0, spread)) / this.#weights, quantile),
      direct: this.#hasPredictions ? of(this.#direct, normal) : undefined,
      doublyRobust: this.#hasPredictions ? of(this.#doublyRobust, quantile) : undefined,
    };
  }
}
