import { NONE } from '#domain/allocation/choose.ts';
import { DEFAULT_EPSILON } from '#events/sections/coupons.ts';
import { digestOf, HASH_RANGE } from '#platform/hash.ts';

/**
 * Exploration: with probability ε a decision is a uniform choice among all offers that could be given and "no coupon";
 * otherwise it is the best choice (ε-greedy; Sutton and Barto, Reinforcement Learning, section 2.2). The choice comes from a
 * hash, so repeating a decision gives the same result. The hashes also rank the choices: if the money for the first is gone, the
 * next one takes its place, and all that are left stay equally likely.
 */
export type Exploration = { epsilon: number; seed: readonly string[] };

export const explorationOf = (
  { epsilon = DEFAULT_EPSILON }: { epsilon?: number | undefined },
  ...seed: string[]
): Exploration => ({ epsilon, seed });

const uniformOf = (...texts: string[]): number => digestOf(...texts).readUInt32LE(0) / HASH_RANGE;

const NOTHING = '';

/** The values that determine the probability of a choice: the number of offers, and whether it is the best choice. */
export type Chance = { offers: number; isBest: boolean };

/** The probability with which a decision makes this choice. */
export const propensityOf = ({ offers, isBest }: Chance, epsilon = DEFAULT_EPSILON): number =>
  (isBest ? 1 - epsilon : 0) + epsilon / (offers + 1);

/** Chooses one of these offers or {@link NONE}, given the index of the best, and returns the probability of that choice. */
export const exploredChoice = (
  { epsilon, seed }: Exploration,
  offerIds: readonly string[],
  best: number,
): { chosen: number; propensity: number; isExplored: boolean; chance: Chance } => {
  const isExplored = uniformOf('explore', ...seed) < epsilon;
  let chosen = best;
  if (isExplored) {
    chosen = NONE;
    let least = uniformOf('explore-choice', ...seed, NOTHING);
    for (const [index, offerId] of offerIds.entries()) {
      const rank = uniformOf('explore-choice', ...seed, offerId);
      if (rank >= least) continue;
      least = rank;
      chosen = index;
    }
  }
  const chance = { offers: offerIds.length, isBest: chosen === best };
  return { chosen, propensity: propensityOf(chance, epsilon), isExplored, chance };
};
