import { type Candidates, memberHash } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';

/** What models say of an order's offers, and how likely each would in truth be used. */
export type Judged = {
  chances: readonly number[];
  /** By the name of a model, how likely it says that each offer is used. */
  answers: Readonly<Record<string, readonly number[]>>;
};

/** The orders of a day while one version of a model decided, and what it spent on them. */
export type Stretch = { day: number; version: number; orders: Judged[]; moneyFen: number };

const candidatesOf = (orders: readonly Judged[], model: string, costFen: readonly number[]): Candidates => ({
  members: orders.length,
  // A different hash for each order, so that one price can choose among orders of which a model says the same.
  hash: Uint32Array.from(orders, (_, i) => memberHash(String(i))),
  first: Uint32Array.from({ length: orders.length + 1 }, (_, i) => i * costFen.length),
  value: Float64Array.from(orders.flatMap(({ answers }) => answers[model]!)),
  costFen: Float64Array.from(orders.flatMap(() => costFen)),
  pool: new Uint8Array(orders.length * costFen.length),
});

const HALVINGS = 45;

/**
 * How many uses would be expected if a model had chosen the coupons of a stretch, at one price and with the same money. Models
 * are compared on the same orders, so that neither which orders came nor how fast money went makes a difference. A stretch has
 * one version, because the answers of two versions are not on one scale.
 */
export const expectedUses = (
  { orders, moneyFen }: Stretch,
  model: string,
  costFen: readonly number[],
): number => {
  const candidates = candidatesOf(orders, model, costFen);
  const at = (price: number): { fen: number; uses: number } => {
    let [fen, uses] = [0, 0];
    for (const [i, { chances }] of orders.entries()) {
      const chosen = choose(candidates, i, [price]);
      if (chosen === NONE) continue;
      const offer = chosen - candidates.first[i]!;
      fen += costFen[offer]!;
      uses += chances[offer]!;
    }
    return { fen, uses };
  };
  let [low, high] = [0, 1 / Math.min(...costFen)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (at(middle).fen > moneyFen) low = middle;
    else high = middle;
  }
  // The coupon for which the money is not quite enough counts by the part that it pays.
  const [less, more] = [at(high), at(low)];
  const part = more.fen > less.fen ? Math.min(1, (moneyFen - less.fen) / (more.fen - less.fen)) : 0;
  return less.uses + part * (more.uses - less.uses);
};
