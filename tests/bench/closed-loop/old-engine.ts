import { type Model, priorModel } from '#domain/coupons/model.ts';
import { digestOf, HASH_RANGE } from '#platform/hash.ts';
import type { Engine } from './hour.ts';

const WORD_BYTES = 4;
const DIGEST_BYTES = 32;
const uniform = (word: number): number => (word + 0.5) / HASH_RANGE;

/** Numbers from the standard normal distribution, as a function of the texts in `seed`. */
const noiseOf = (count: number, ...seed: string[]): number[] => {
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

const noisyModel =
  (...seed: string[]): Model =>
  (features, offers, occasion) => {
    const scores = priorModel(features, offers, occasion);
    const noise = noiseOf(offers.length, ...seed);
    return {
      ...scores,
      offers: scores.offers.map((score, i) => ({ ...score, uplift: score.uplift + score.sigma * noise[i]! })),
    };
  };

const noisy = (...seed: string[]) => ({ name: '683ad3a', model: noisyModel(...seed) });

/**
 * The engine as it was at commit 683ad3a: it maximised conversions, and in place of exploring it added random noise to the
 * uplift of each offer, in proportion to the uplift's uncertainty.
 */
export const oldEngine: Engine = {
  coupons: (definition) => ({ ...definition, objective: 'conversions', epsilon: 0 }),
  presaleModel: (member) => noisy('presale', member),
  orderModel: (eventId) => noisy(eventId),
};
