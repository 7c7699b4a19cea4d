/** The probability that a choice among offers of uncertain worth falls on each of them, or on none. */
import { normalCdf } from '#domain/experiment/normal.ts';

/** What an offer is worth after its price: normally distributed. */
export type Worth = { mean: number; sigma: number };

/** The tails beyond this many standard deviations hold 2 in 10^9. */
const REACH_SIGMAS = 6;
const INTERVALS = 24;
const DENSITY = 1 / Math.sqrt(2 * Math.PI);

const probabilityBelow = ({ mean, sigma }: Worth, bound: number): number => {
  const distance = bound - mean;
  const reach = REACH_SIGMAS * sigma;
  if (distance >= reach) return distance > 0 ? 1 : 0;
  return distance <= -reach ? 0 : normalCdf(distance / sigma);
};

const probabilityAllBelow = (worths: readonly Worth[], bound: number, but: number): number => {
  let product = 1;
  for (let index = 0; index < worths.length && product > 0; index++) {
    if (index !== but) product *= probabilityBelow(worths[index]!, bound);
  }
  return product;
};

/** The probability that this offer is worth the most, and more than nothing: Simpson's rule over its own worth. */
export const propensityOf = (worths: readonly Worth[], chosen: number): number => {
  const { mean, sigma } = worths[chosen]!;
  if (sigma === 0) return mean > 0 ? probabilityAllBelow(worths, mean, chosen) : 0;
  const from = Math.max(-REACH_SIGMAS, -mean / sigma);
  if (from >= REACH_SIGMAS) return 0;
  const step = (REACH_SIGMAS - from) / INTERVALS;
  let sum = 0;
  for (let i = 0; i <= INTERVALS; i++) {
    const z = from + i * step;
    const weight = i === 0 || i === INTERVALS ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * DENSITY * Math.exp((-z * z) / 2) * probabilityAllBelow(worths, mean + sigma * z, chosen);
  }
  // Where another offer's worth is certain, the rule's own error can bring the sum above 1.
  return Math.min(1, (sum * step) / 3);
};
