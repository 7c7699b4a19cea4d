import type { Prices } from '#lambdas/shared/prices.ts';

/** What a pacer remembers of a campaign from one tick to the next: what its budgets had left, by key, in fen. */
export type Reading = { atMs: number; remainingFen: Record<string, number> };

/** How strongly a price answers to a minute that spent twice its part, once there is enough to tell by: ×e^0.25. */
const STEP = 0.25;
/** A price moves by this factor a tick at the most, up or down. */
const MAX_STEP = 0.25;
/** A tick that should bring so many coupons counts half: fewer of them tell little about the price. */
const HALF_TRUSTED_COUPONS = 10;

/**
 * The prices after a tick. What is left of a budget is to be spent evenly over what is left of the campaign; a tick that
 * spent more than its part raises the price, and one that spent less lowers it, by a factor:
 * price ← price · exp(step · (spent / planned - 1)). That is dual mirror descent with the entropy as its mirror (S.
 * Balseiro, H. Lu, V. Mirrokni, Operations Research 71, 2023, section 3), the budget planned anew at each step.
 *
 * A price of 0 stays; whoever opens a campaign gives each price a first value. Prices without a budget in both readings
 * stay as they are.
 *
 * @param couponFen by budget key, what a coupon costs about.
 */
export const paced = (
  prices: Prices,
  before: Reading,
  now: Reading,
  endsAtMs: number,
  couponFen: Readonly<Record<string, number>>,
): Prices => {
  const elapsedMs = now.atMs - before.atMs;
  const leftMs = endsAtMs - before.atMs;
  if (elapsedMs <= 0 || leftMs <= 0) return prices;
  const part = Math.min(1, elapsedMs / leftMs);
  return Object.fromEntries(
    Object.entries(prices).map(([key, price]) => {
      const hadFen = before.remainingFen[key];
      const hasFen = now.remainingFen[key];
      const eachFen = couponFen[key];
      if (hadFen === undefined || hasFen === undefined || eachFen === undefined) return [key, price];
      const plannedFen = hadFen * part;
      // An empty budget refuses by itself; its price waits for money to come back.
      if (plannedFen === 0) return [key, price];
      const coupons = plannedFen / eachFen;
      const trust = coupons / (coupons + HALF_TRUSTED_COUPONS);
      const error = (hadFen - hasFen) / plannedFen - 1;
      const step = Math.max(-MAX_STEP, Math.min(MAX_STEP, STEP * trust * error));
      return [key, price * Math.exp(step)];
    }),
  );
};
