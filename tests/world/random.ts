import { seededRandom } from '../support/random.ts';

/** A separate random stream for each purpose: how many numbers one purpose takes does not change those of the others. */
export const streamOf = (seed: number, purpose: string): (() => number) => {
  let hash = 2_166_136_261 ^ seed;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 16_777_619);
  const random = seededRandom(hash);
  random();
  return random;
};

/** A whole number from `low` to `high`, both inclusive. */
export const between = (random: () => number, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

export const oneOf = <Value>(random: () => number, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!;
