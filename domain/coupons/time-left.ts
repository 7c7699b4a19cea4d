import type { Offer } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';

/** When something is given, and the sale in which it counts, in ms since the epoch. */
export type Moment = { atMs: number; startsAtMs: number; endsAtMs: number };

/** Most of what a coupon brings it brings early: in each such part of its whole time, all but 1/e of what was still to come. */
const TIME_CONSTANT_SHARE = 0.25;
/** So that a value stays above 0, and a demand can be told as if all time were left. */
const LEAST_SHARE = 1e-3;

/**
 * How much of what a coupon would bring in its whole time it still brings in the time that is left: 1 down to nearly 0. Its whole time is
 * its validity, or the sale's length where that is less; what is used after the sale counts for nothing in it.
 */
export const timeLeftShare = (
  { validHours }: Pick<Offer, 'validHours'>,
  { atMs, startsAtMs, endsAtMs }: Moment,
): number => {
  const validMs = validHours * HOUR_MS;
  const wholeMs = Math.min(validMs, endsAtMs - startsAtMs);
  const leftMs = Math.max(0, Math.min(wholeMs, endsAtMs - atMs));
  const brought = (ms: number): number => 1 - Math.exp(-ms / (TIME_CONSTANT_SHARE * wholeMs));
  return Math.max(LEAST_SHARE, brought(leftMs) / brought(wholeMs));
};

/** The mean of {@link timeLeftShare} over the offers of a pool; 1 for a pool without any. */
export const poolTimeLeftShare = (
  offers: readonly Pick<Offer, 'validHours' | 'pool'>[],
  pool: string,
  moment: Moment,
): number => {
  const ofPool = offers.filter((offer) => offer.pool === pool);
  if (ofPool.length === 0) return 1;
  return ofPool.reduce((sum, offer) => sum + timeLeftShare(offer, moment), 0) / ofPool.length;
};
