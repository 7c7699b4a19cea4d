import type { Budgets } from '#domain/allocation/budget.ts';
import { type Candidates, mixed } from '#domain/allocation/candidates.ts';
import { seededRandom } from '#simulator/random.ts';

/**
 * The classes of multiple-choice knapsack instances on which the literature measures algorithms: Pisinger, A minimal algorithm
 * for the multiple-choice knapsack problem (1995), section 7; Kellerer, Pferschy, Pisinger, Knapsack Problems (2004), 11.12.
 */
export const INSTANCE_CLASSES = [
  'uncorrelated',
  'weakly correlated',
  'strongly correlated',
  'subset sum',
] as const;
export type InstanceClass = (typeof INSTANCE_CLASSES)[number];

export type Instance = { candidates: Candidates; budgets: Budgets };

/** Costs and values in the literature range from 1 to this. */
const RANGE = 1_000;
const WEAK_SPREAD = 10;
const STRONG_GAIN = 10;
/** The budget, as a part of the money needed to give everybody their best offer. */
const BUDGET_SHARE = 0.5;

type Offer = { costFen: number; value: number };

const offersOf = (kind: InstanceClass, count: number, below: (bound: number) => number): Offer[] => {
  const each = (draw: () => Offer): Offer[] => Array.from({ length: count }, draw);
  switch (kind) {
    case 'uncorrelated':
      return each(() => ({ costFen: below(RANGE) + 1, value: below(RANGE) + 1 }));
    case 'weakly correlated':
      return each(() => {
        const costFen = below(RANGE) + 1;
        return { costFen, value: Math.max(1, costFen + below(2 * WEAK_SPREAD + 1) - WEAK_SPREAD) };
      });
    case 'strongly correlated': {
      // Each offer adds to the one before it, so that an offer with a higher cost always has a higher value.
      let costFen = 0;
      let value = 0;
      return each(() => {
        const step = below(Math.floor((2 * RANGE) / count)) + 1;
        costFen += step;
        value += step + STRONG_GAIN;
        return { costFen, value };
      });
    }
    case 'subset sum':
      return each(() => {
        const costFen = below(RANGE) + 1;
        return { costFen, value: costFen };
      });
    default:
      return kind satisfies never;
  }
};

/** An instance with a budget for each pool. Each offer belongs to a random pool; the seed determines everything. */
export const drawInstance = (
  kind: InstanceClass,
  size: { members: number; offers: number; pools: number },
  seed: number,
): Instance => {
  const { members, offers, pools } = size;
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const value = new Float64Array(members * offers);
  const costFen = new Float64Array(members * offers);
  const pool = new Uint8Array(members * offers);
  const best = new Float64Array(pools);
  for (let member = 0; member < members; member++) {
    let bestAt = member * offers;
    for (const [i, offer] of offersOf(kind, offers, below).entries()) {
      const at = member * offers + i;
      value[at] = offer.value;
      costFen[at] = offer.costFen;
      pool[at] = below(pools);
      if (offer.value > value[bestAt]!) bestAt = at;
    }
    best[pool[bestAt]!]! += costFen[bestAt]!;
  }
  const poolFen = [...best].map((fen) => Math.floor(fen * BUDGET_SHARE));
  return {
    candidates: {
      members,
      hash: Uint32Array.from({ length: members }, (_, member) => mixed(member + 1)),
      first: Uint32Array.from({ length: members + 1 }, (_, member) => member * offers),
      value,
      costFen,
      pool,
    },
    budgets: { totalFen: Number.POSITIVE_INFINITY, poolFen },
  };
};
