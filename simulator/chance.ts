import { type Random, randomBelow, seededRandom } from './random.ts';

/** The distributions that a simulated sale is made of. */

export type { Random };
export { randomBelow };

/** What is decided at random, each in its own stream: taking more numbers from one does not change another. */
const STREAMS = [
  'tastes',
  'histories',
  'purchases',
  'refunds',
  'participants',
  'brands',
  'lastYear',
  'reactions',
  'laterReactions',
  'malformed',
  'worlds',
  'trial',
] as const;
export type Stream = (typeof STREAMS)[number];

/** More members than any simulated sale has, so that no two (stream, member) pairs get the same number. */
const MEMBERS_MAX = 2 ** 24;

/** A seed's generator for one stream, or for one member within it if each member has a generator. */
export const chanceOf = (seed: number, stream: Stream, member = 0): Random =>
  seededRandom(seed, STREAMS.indexOf(stream) * MEMBERS_MAX + member);

/** A standard normal number (Box and Muller, Annals of Mathematical Statistics 29, 1958). */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A log-normal number with this median. `sigma` is the standard deviation of its logarithm. */
export const logNormal = (random: Random, median: number, sigma: number): number =>
  median * Math.exp(sigma * normal(random));

export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());

export const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

/**
 * Draws indexes in proportion to fixed weights. The time of a draw grows with the logarithm of the number of weights.
 */
export const weightedPick = (weights: readonly number[]): ((random: Random) => number) => {
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  for (const [i, weight] of weights.entries()) {
    total += weight;
    cumulative[i] = total;
  }
  return (random) => {
    const at = random() * total;
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
};

/** The items in random order (Fisher and Yates, as in Knuth, TAOCP volume 2, 3.4.2, algorithm P). */
export const shuffled = <Item>(items: readonly Item[], random: Random): Item[] => {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomBelow(random, i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
};
