/** Checks whether the numbers of members in the arms match the shares by which members are assigned. */
import { logGamma } from './log-gamma.ts';

/**
 * Below this p-value, the members counted do not match the shares of the arms. The p-value is valid however often one looks, so
 * the warning is false in one sound campaign of a thousand. At one in twenty, readers would soon ignore it.
 */
export const MISMATCH_P_VALUE = 0.001;

/**
 * The weight of the prior, in members. This value detects shares that are off by one or two percentage points soonest. A lost
 * segment, or an arm that fails more often than another, looks like that.
 */
const PRIOR_MEMBERS = 1_000;

/** Members counted in an arm, and the share of members assigned to it. */
export type ArmShare = { count: number; share: number };

/**
 * The p-value of members being in the arms with the shares given, valid at all looks at once: one over the Bayes factor of
 * the multinomial distribution with a Dirichlet prior about those shares against the shares themselves (M. Lindon, A. Malek,
 * "Anytime-valid inference for multinomial count data", NeurIPS 2022, section 2). The factor is a martingale if the shares
 * are right. So the probability that it ever exceeds 1/p is at most p (Ville). 0 if an arm whose share is 0 has members.
 */
export const sampleRatioPValue = (arms: readonly ArmShare[]): number => {
  if (arms.some(({ count, share }) => share === 0 && count > 0)) return 0;
  const members = arms.reduce((sum, { count }) => sum + count, 0);
  let logFactor = logGamma(PRIOR_MEMBERS) - logGamma(PRIOR_MEMBERS + members);
  for (const { count, share } of arms) {
    if (share === 0) continue;
    const prior = PRIOR_MEMBERS * share;
    logFactor += logGamma(prior + count) - logGamma(prior) - count * Math.log(share);
  }
  return Math.min(1, Math.exp(-logFactor));
};
