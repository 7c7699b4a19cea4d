/** What members would buy in the hour without coupons. */
import { HOUR_MS } from '#platform/duration.ts';
import { SALE_MS } from './calendar.ts';
import { chanceOf, exponential, logNormal, type Random } from './chance.ts';
import type { Taste } from './members.ts';

/** An order that a member will make with or without coupons. */
export type Purchase = {
  /** The index of its member among all members. */
  member: number;
  timeMs: number;
  channel: 'far' | 'near';
  amountFen: number;
  /** When it is refunded within the hour; undefined for one that is not refunded. */
  refundMs: number | undefined;
  /** Whether its member would pay more to reach a coupon's threshold that is not far away. */
  reaches: boolean;
};

/** The hour begins with a rush: half of the members' first orders come in its first 24 minutes, and 4 % in its first minute. */
const RUSH = 1.3;
/** The mean time from an order to the next one of the same member. */
const REPEAT_MS = 12 * 60_000;
/** How much the amounts of a member's orders differ: the standard deviation of their logarithms. */
const BASKET_SIGMA = 0.45;
const AMOUNT_FEN_MIN = 500;
/** The largest share that an order may have of `lineFen`, the net amount that makes a brand a "star". */
const AMOUNT_OF_LINE_MAX = 0.15;
/** The share of far orders that are refunded, if there is time for it. */
const REFUND_SHARE = 0.03;
/** A refund comes at least this long after its order, and on average {@link REFUND_MS} later than that. */
const REFUND_MS_MIN = 2 * 60_000;
const REFUND_MS = 12 * 60_000;
/** The share of orders whose members would pay more to reach a threshold. */
const REACHING_SHARE = 0.5;

/** What a member pays for an order, in fen. */
export const basketOf = (taste: Taste, channel: 'far' | 'near', lineFen: number, random: Random): number => {
  const median = channel === 'near' ? taste.nearBasketFen : taste.farBasketFen;
  const amountFen = Math.round(logNormal(random, median, BASKET_SIGMA));
  return Math.max(AMOUNT_FEN_MIN, Math.min(Math.floor(AMOUNT_OF_LINE_MAX * lineFen), amountFen));
};

export const channelOf = ({ nearShare }: Taste, random: Random): 'far' | 'near' =>
  random() < nearShare ? 'near' : 'far';

/** What the members would buy in the hour without any coupon. */
export const purchasesOf = (seed: number, members: readonly Taste[], lineFen: number): Purchase[] => {
  const random = chanceOf(seed, 'purchases');
  const refunds = chanceOf(seed, 'refunds');
  const purchases: Purchase[] = [];
  for (const [member, taste] of members.entries()) {
    if (random() >= taste.orderProbability) continue;
    let elapsedMs = Math.floor(HOUR_MS * random() ** RUSH);
    while (elapsedMs < HOUR_MS) {
      const channel = channelOf(taste, random);
      const refundedMs = elapsedMs + REFUND_MS_MIN + Math.floor(exponential(refunds, REFUND_MS));
      const isRefunded = refunds() < REFUND_SHARE && channel === 'far' && refundedMs < HOUR_MS;
      purchases.push({
        member,
        timeMs: SALE_MS + elapsedMs,
        channel,
        amountFen: basketOf(taste, channel, lineFen, random),
        refundMs: isRefunded ? SALE_MS + refundedMs : undefined,
        reaches: random() < REACHING_SHARE,
      });
      if (random() >= taste.repeatProbability) break;
      elapsedMs += Math.ceil(exponential(random, REPEAT_MS));
    }
  }
  return purchases;
};
