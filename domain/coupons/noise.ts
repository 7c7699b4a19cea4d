import { digestOf, HASH_RANGE } from '#platform/hash.ts';

const WORD_BYTES = 4;
const DIGEST_BYTES = 32;

/** A uniform number in (0, 1), never 0, of which a logarithm can be taken. */
const uniform = (word: number): number => (word + 0.5) / HASH_RANGE;

/**
 * Standard normal numbers that are a function of the texts, so that a decision that is made again is made the same (Box and
 * Muller, Annals of Mathematical Statistics 29, 1958).
 */
export const noiseOf = (count: number, ...seed: string[]): number[] => {
  const noise: number[] = [];
  for (let block = 0; noise.length < count; block++) {
    const digest = digestOf('noise', String(block), ...seed);
    for (let at = 0; at < DIGEST_BYTES && noise.length < count; at += 2 * WORD_BYTES) {
      const radius = Math.sqrt(-2 * Math.log(uniform(digest.readUInt32LE(at))));
      const angle = 2 * Math.PI * uniform(digest.readUInt32LE(at + WORD_BYTES));
      noise.push(radius * Math.cos(angle));
      if (noise.length < count) noise.push(radius * Math.sin(angle));
    }
  }
  return noise;
};
