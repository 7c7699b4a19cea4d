/** How likely a coupon is to be used in a world, for members whose tastes are known. */
import type { Offer } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { normalCdf } from '#platform/normal.ts';
import { type Customer, pullIn, rateAt, type World } from './worlds.ts';

/** The standard deviation of the logarithm of the amount that a member pays. */
export const BASKET_SIGMA = 0.45;

export type Channel = 'far' | 'near';

export const opensTo = ({ scope }: Pick<Offer, 'scope'>, channel: Channel): boolean =>
  scope === 'all' || scope === channel;

/** The time in which a coupon can be used, and how many other coupons the member can still use when that time begins. */
export type Chance = { fromMs: number; endMs: number; others: number };

/** The orders in a period of a member who orders once a day: the period's days, each hour weighted by its order rate. */
const daysOf = (world: World, fromMs: number, endMs: number): number => {
  let days = 0;
  for (let atMs = fromMs; atMs < endMs; atMs += HOUR_MS) {
    const lengthMs = Math.min(HOUR_MS, endMs - atMs);
    days += (lengthMs / HOUR_MS / 24) * rateAt(world, atMs + lengthMs / 2);
  }
  return days;
};

/** The share of a member's orders that a coupon fits. */
const fittingShare = ({ nearShare, farBasketFen, nearBasketFen }: Customer, offer: Offer): number => {
  const reaches = (medianFen: number): number =>
    1 - normalCdf(Math.log(offer.thresholdFen / medianFen) / BASKET_SIGMA);
  return (
    (opensTo(offer, 'near') ? nearShare * reaches(nearBasketFen) : 0) +
    (opensTo(offer, 'far') ? (1 - nearShare) * reaches(farBasketFen) : 0)
  );
};

/** P(N > others) for a Poisson number N with this mean. */
const moreThan = (others: number, mean: number): number => {
  let term = Math.exp(-mean);
  let sum = term;
  for (let count = 1; count <= others; count++) {
    term *= mean / count;
    sum += term;
  }
  return Math.max(0, 1 - sum);
};

/**
 * How likely a coupon is to be used, from everything that the simulator knows about the member except the member's future
 * orders. The coupon is used on an order that would have been made anyway, if there are more of these than the member has other
 * coupons; otherwise it may be used on an order that it brings about.
 */
export const useChance = (
  world: World,
  customer: Customer,
  offer: Offer,
  { fromMs, endMs, others }: Chance,
): number => {
  const mean = customer.perDay * daysOf(world, fromMs, endMs) * fittingShare(customer, offer);
  const natural = moreThan(others, mean);
  const share = Math.max(0, endMs - fromMs) / (offer.validHours * HOUR_MS);
  return natural + (1 - natural) * share * pullIn(world, customer, offer);
};
