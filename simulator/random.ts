/** Uniform numbers in [0, 1) with 53 random bits. */
export type Random = () => number;

const WARM_UP_ROUNDS = 20;

/**
 * A seeded generator for everything random in the local run, so that a run can be repeated exactly.
 * Generators of one seed and different streams are independent of each other: asking one for more numbers does not
 * change another's.
 *
 * Algorithm: sfc32 by Chris Doty-Humphrey (PractRand 0.95, RNG/sfc.h).
 */
export const seededRandom = (seed: number, stream = 0): Random => {
  let a = seed >>> 0;
  let b = Math.floor(seed / 2 ** 32) >>> 0;
  let c = stream >>> 0;
  let counter = 1;
  const next32 = () => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + result) >>> 0;
    return result;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round++) next32();
  return () => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) / 2 ** 53;
};

/** A uniform integer in [0, bound). */
export const randomBelow = (random: Random, bound: number): number => Math.floor(random() * bound);
