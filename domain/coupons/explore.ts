import { NONE } from '#domain/allocation/choose.ts';
import { DEFAULT_EPSILON } from '#events/sections/coupons.ts';
import { digestOf, HASH_RANGE } from '#platform/hash.ts';

/**
 * Exploring: with the probability ε a decision is a uniform choice among everything that could be given and nothing, else the best
 * (ε-greedy; Sutton and Barto, Reinforcement Learning, section 2.2). A hash decides, so that a decision that is made again is
 * made the same, and the hashes order the choices: where the money for one is gone, the next one follows, and each of those
 * that are left has the same probability.
 */
export type Exploration = { epsilon: number; seed: readonly string[] };

export const explorationOf = (
  { epsilon = DEFAULT_EPSILON }: { epsilon?: number | undefined },
  ...seed: string[]
): Exploration => ({ epsilon, seed });

const uniformOf = (...texts: string[]): number => digestOf(...texts).readUInt32LE(0) / HASH_RANGE;

const NOTHING = '';

/** The choice of one of these offers or {@link NONE}, where `best` is the best, and the probability that it falls so. */
export const exploredChoice = (
  { epsilon, seed }: Exploration,
  offerIds: readonly string[],
  best: number,
): { chosen: number; propensity: number; isExplored: boolean } => {
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
  const propensity = (chosen === best ? 1 - epsilon : 0) + epsilon / (offerIds.length + 1);
  return { chosen, propensity, isExplored };
};
