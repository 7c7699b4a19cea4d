/** Random numbers for the rows of a trial, the same in every run with the same seed. */
const mixed = (value: number): number => {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
};

/** What random numbers are used for. Each use has its own sequence. */
export const DRAWS = { fold: 1, innerFold: 2, sample: 3, tie: 4, share: 5 } as const;

/**
 * A number from 0 to below 1 for a row. It depends only on the seed, the use and the row, which the finaliser of A. Appleby's
 * MurmurHash3 mixes.
 */
export const chanceOf = (seed: number, draw: number, row: number): number =>
  (mixed(mixed(mixed(seed + 0x9e37_79b9) + draw * 0x85eb_ca77) + row) >>> 0) / 2 ** 32;
