import type { SampledMember } from '#domain/metrics/rollup/row-columns.ts';

/**
 * The sum of the squares of a figure over all members of an arm, from a sample of them and the figure's exact sum `total`: the
 * sample's ratio of squares to sums times the total (a ratio estimator, W. G. Cochran, Sampling Techniques, chapter 6). A big
 * spender adds to both sums, so the ratio depends less on who is in the sample than a plain estimate does. Exact if the sample
 * holds every member; undefined if the sample's sum is not positive.
 */
export const squaresOf = (
  members: readonly SampledMember[],
  figure: keyof SampledMember,
  total: number,
): number | undefined => {
  let sum = 0;
  let squares = 0;
  for (const { [figure]: value } of members) {
    sum += value;
    squares += value * value;
  }
  return sum > 0 ? (squares / sum) * total : undefined;
};
