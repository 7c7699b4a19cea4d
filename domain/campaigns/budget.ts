import type { SpendingArm } from './arms.ts';

/**
 * A budget is split into shards, each of which holds what remains of its part, so that concurrent debits
 * seldom contend for one item. This file contains the arithmetic; the statements are in `budget-items.ts`.
 */

/** A budget: the shards are numbered 0 to shards - 1. With `hasOwnKeys`, each has a partition key of its own. */
export type Budget = { campaignId: string; key: string; shards: number; hasOwnKeys: boolean };

export type Debit = { shard: number; amountFen: number };

/** The key of the budget that an arm has in a pool. */
export const budgetKeyOf = (arm: SpendingArm, pool: string): string => `${arm}/${pool}`;

/** The pool in a budget's key. */
export const poolOf = (budgetKey: string): string => budgetKey.slice(budgetKey.indexOf('/') + 1);

/** Divides a budget into shards that differ by one fen at the most. */
export const splitBudget = (totalFen: number, shards: number): number[] =>
  Array.from(
    { length: shards },
    (_, shard) => Math.floor((totalFen * (shard + 1)) / shards) - Math.floor((totalFen * shard) / shards),
  );

const pick = (candidates: readonly number[], random: () => number): number =>
  candidates[Math.floor(random() * candidates.length)]!;

/**
 * How to take an amount out of shards. `remainders` holds what is known to remain in each; an unknown remainder is assumed to be
 * enough. The whole amount comes from one shard that has enough, chosen at random and, if possible, outside of `avoided`.
 * If no shard has enough, it comes from as few shards as possible, the fullest first. Undefined if all shards together have
 * too little.
 */
export const planDebits = (
  amountFen: number,
  remainders: readonly (number | undefined)[],
  random: () => number,
  avoided: ReadonlySet<number>,
): Debit[] | undefined => {
  const able = [...remainders.keys()].filter(
    (shard) => (remainders[shard] ?? Number.POSITIVE_INFINITY) >= amountFen,
  );
  if (able.length > 0) {
    const preferred = able.filter((shard) => !avoided.has(shard));
    return [{ shard: pick(preferred.length > 0 ? preferred : able, random), amountFen }];
  }
  const fullestFirst = [...remainders.keys()].sort((a, b) => remainders[b]! - remainders[a]!);
  const debits: Debit[] = [];
  let leftFen = amountFen;
  for (const shard of fullestFirst) {
    const takenFen = Math.min(leftFen, remainders[shard]!);
    debits.push({ shard, amountFen: takenFen });
    leftFen -= takenFen;
    if (leftFen === 0) return debits;
  }
  return undefined;
};
