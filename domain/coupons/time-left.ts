import type { Offer } from '#events/sections/coupons.ts';
import { HOUR_MS } from '#platform/duration.ts';

/** When something is given, and the sale in which it counts, in ms since the epoch. */
export type Moment = { atMs: number; startsAtMs: number; endsAtMs: number };

/**
 * A coupon brings most of its benefit early: whenever this share of its whole time has passed, only about 1/e of the benefit
 * that was still to come is left.
 */
const TIME_CONSTANT_SHARE = 0.25;
/** The least share. It is above 0, because demand is divided by a share, which gives the demand as if all the time were left. */
const LEAST_SHARE = 1e-3;

/**
 * The share of a coupon's benefit that can still come in the time that is left: from 1 down to nearly 0. Its whole time is its
 * validity, or the sale's length if that is less, because a use after the sale does not count.
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

/** The mean of {@link timeLeftShare} over the offers of a pool; 1 for a pool without offers. */
export const poolTimeLeftShare = (
  offers: readonly Pick<Offer, 'validHours' | 'pool'>[],
  pool: string,
  moment: Moment,
): number => {
  const ofPool = offers.filter((offer) => offer.pool === pool);
  if (ofPool.length === 0) return 1;
  return ofPool.reduce((sum, offer) => sum + timeLeftShare(offer, moment), 0) / ofPool.length;
};
