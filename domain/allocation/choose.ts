/** The rule by which a member gets an offer at given prices, and how equal values are told apart. */
import type { Candidates } from './candidates.ts';

/**
 * Ties are broken by raising each value by a part of this share. A hash of member and pool says how large the
 * part is. Otherwise, if a model valued millions of members equally, they would all tie at one price, and no
 * price could serve only some of them. This costs at most this share of the optimum, and nothing is random: a
 * decision is a function of the member and the price.
 */
const TIE_SHARE = 2 ** -24;
const HASH_UNIT = TIE_SHARE / 2 ** 32;

/** An odd multiplier for each pool, so that a member's hashes for two pools are unrelated (multiplicative hashing). */
const POOL_MULTIPLIER = Int32Array.from(
  { length: 256 },
  (_, pool) => Math.imul(2 * pool + 1, 0x9e3779b1) | 1,
);

/** The factor by which a value is multiplied for a member and a pool: from 1 to 1 + {@link TIE_SHARE}. */
export const tieFactor = (hash: number, pool: number): number =>
  1 + (Math.imul(hash, POOL_MULTIPLIER[pool]!) >>> 0) * HASH_UNIT;

/** The choice of no offer. */
export const NONE = -1;

/**
 * The decision rule: the offer that is worth most after paying for its cost at the price of its pool, or
 * {@link NONE} when none is worth its price. It maximises the Lagrangian of the budget (H. Everett, Operations Research
 * 11, 1963), so that with the dual-optimal price the choices of all members together are optimal for what they spend.
 *
 * @param price of one fen, in units of value, for each pool.
 * @returns the index of the offer among the candidates' offers.
 */
export const choose = (candidates: Candidates, member: number, price: ArrayLike<number>): number => {
  const { value, costFen, pool, first, hash } = candidates;
  const bits = hash[member]!;
  const end = first[member + 1]!;
  let best = 0;
  let chosen = NONE;
  for (let at = first[member]!; at < end; at++) {
    const from = pool[at]!;
    const profit = value[at]! * tieFactor(bits, from) - price[from]! * costFen[at]!;
    // Of two offers with equal profit, as when money is not scarce, the cheaper one is chosen.
    if (profit > best || (profit === best && chosen !== NONE && costFen[at]! < costFen[chosen]!)) {
      best = profit;
      chosen = at;
    }
  }
  return chosen;
};
