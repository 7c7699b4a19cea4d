/**
 * The money of a plan, in fen. A pool's money may be `Infinity`: the pool then has no cap of its own, only
 * the total's.
 */
export interface Budgets {
  readonly totalFen: number;
  readonly poolFen: readonly number[];
}

/**
 * Budgets as the constraints that can bind, each of which gets a price: constraint k allows `capFen[k]`; an offer of
 * pool p counts towards the constraints `own[p]` and `total`, of which either may be missing (-1).
 */
export interface Constraints {
  readonly capFen: Float64Array;
  readonly own: Int16Array;
  readonly total: number;
}

const UNCAPPED = -1;

/**
 * The constraints of budgets, without those that cannot bind: a total that the pools cannot exceed together,
 * and, if there is only one pool, the larger of its cap and the total.
 */
export const constraintsOf = (budgets: Budgets): Constraints => {
  const { totalFen, poolFen } = budgets;
  if (poolFen.length === 1) {
    return {
      capFen: Float64Array.of(Math.min(totalFen, poolFen[0]!)),
      own: Int16Array.of(0),
      total: UNCAPPED,
    };
  }
  const capFen: number[] = [];
  const own = Int16Array.from(poolFen, (fen) =>
    fen === Number.POSITIVE_INFINITY ? UNCAPPED : capFen.push(fen) - 1,
  );
  const sumFen = poolFen.reduce((sum, fen) => sum + fen, 0);
  const total = totalFen < sumFen ? capFen.push(totalFen) - 1 : UNCAPPED;
  return { capFen: Float64Array.from(capFen), own, total };
};

/**
 * The price of each pool, in value per fen: the price of its own cap plus that of the total. `dual` holds the
 * prices of the constraints, and `into` receives those of the pools.
 */
export const pricesOf = (constraints: Constraints, dual: Float64Array, into: Float64Array): Float64Array => {
  const ofTotal = constraints.total === UNCAPPED ? 0 : dual[constraints.total]!;
  for (let pool = 0; pool < into.length; pool++) {
    const at = constraints.own[pool]!;
    into[pool] = ofTotal + (at === UNCAPPED ? 0 : dual[at]!);
  }
  return into;
};
