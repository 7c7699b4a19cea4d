import type { Prices } from '#lambdas/shared/prices.ts';

/** What a pacer remembers of a campaign from one tick to the next: what its budgets had left, by key, in fen. */
export type Reading = { atMs: number; remainingFen: Record<string, number> };

/** The time in which a campaign's budgets are to be spent. */
export type Sale = { startsAtMs: number; endsAtMs: number };

/** The opening price counts as if it had been observed for so long, so that the first ticks correct it quickly. */
const OPENING_WEIGHT_MS = 4 * 60_000;
/** And for at least the time in which so many coupons are planned: fewer of them tell little about a price. */
const OPENING_WEIGHT_COUPONS = 3;
/** A price follows a changing mix over this part of the sale: slower, it would lag; faster, it would follow chance. */
const MEMORY_SHARE = 0.1;
/** What was spent too fast or too slowly is made good within this part of the time left, so that it is by the end. */
const CATCH_UP_SHARE = 0.2;
/** But over no fewer planned coupons: below them, the end of a sale would be spent on following chance. */
const MEMORY_COUPONS = 40;
/** A price answers to a tick that spent nothing by falling by this power of e at the most. */
const MAX_GAIN = 0.25;
/**
 * And it rises by this power of e at the most. The bound is on the step, not on the error: where a coupon is worth many
 * ticks, errors are -1 mostly and large now and then, and only whole do they come to nothing on the average.
 */
const MAX_RISE = 0.75;

/**
 * The part of a tick's relative error that goes into the logarithm of the price. It is the gain that averages over a
 * horizon: at first over all the time there was, which makes the price a mean that settles as 1/time (H. Robbins, S.
 * Monro, Annals of Mathematical Statistics 22, 1951); later over a fixed part of the sale; and near the end over a part
 * of what is left of it.
 *
 * @param couponMs the time in which one coupon is planned.
 */
const gainOf = (beforeMs: number, elapsedMs: number, { startsAtMs, endsAtMs }: Sale, couponMs: number) => {
  const learntMs =
    Math.max(0, beforeMs - startsAtMs) + Math.max(OPENING_WEIGHT_MS, OPENING_WEIGHT_COUPONS * couponMs);
  const memoryMs = Math.min(MEMORY_SHARE * (endsAtMs - startsAtMs), CATCH_UP_SHARE * (endsAtMs - beforeMs));
  const horizonMs = Math.min(learntMs, Math.max(memoryMs, MEMORY_COUPONS * couponMs));
  return Math.min(MAX_GAIN, elapsedMs / horizonMs);
};

/**
 * The prices after a tick. What is left of a budget is to be spent evenly over what is left of the campaign; a tick that
 * spent more than its part raises the price, and one that spent less lowers it, by a factor:
 * price ← price · exp(gain · (spent / planned - 1)). That is dual mirror descent with the entropy as its mirror (S.
 * Balseiro, H. Lu, V. Mirrokni, Operations Research 71, 2023, section 3), the budget planned anew at each step as in the
 * action-history-dependent algorithm of X. Li and Y. Ye (Operations Research 70, 2022), so that what was missed is made
 * good. Its bound is the even plan: where the mix of members drifts, spending unevenly would be worth more, but which way
 * cannot be told beforehand.
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
  sale: Sale,
  couponFen: Readonly<Record<string, number>>,
): Prices => {
  const elapsedMs = now.atMs - before.atMs;
  const leftMs = sale.endsAtMs - before.atMs;
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
      const gain = gainOf(before.atMs, elapsedMs, sale, (elapsedMs * eachFen) / plannedFen);
      // Where more money came back than went out, nothing was spent; how much came back says nothing about the price.
      const error = Math.max(-1, (hadFen - hasFen) / plannedFen - 1);
      return [key, price * Math.exp(Math.min(MAX_RISE, gain * error))];
    }),
  );
};
