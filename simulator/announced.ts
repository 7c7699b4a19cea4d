/**
 * What a real mega-sale announced about its first presale hour and first day, at 1:1000, and how these sizes change with the
 * scale.
 */

/** Brands with sales above CNY 100 M, and brands with more than twice last year's sales: the same numbers at every scale. */
export const BRANDS_ABOVE_LINE = 35;
export const BRANDS_DOUBLED = 1_802;

const TOP_TIER_MEMBERS = 53_000;
/** Members who only come for the hour: about one in ten of all members who order. */
const OTHER_MEMBERS = 3_000;
const FREE_ORDER_PARTICIPANTS = 8_000;
/** CNY 100 M at 1:1000, in fen. */
const LINE_FEN = 10_000_000;

/** Below this scale, fewer orders are expected than the {@link BRANDS_DOUBLED} brands and the stars need. */
export const SCALE_MIN = 0.15;
export const SCALE_MAX = 10;

/** The sizes of a simulated hour. */
export type Size = {
  topTierMembers: number;
  otherMembers: number;
  /** Distinct members in the free-order promotion. */
  participants: number;
  /** The net amount, in fen, that makes a brand a "star", one of the brands above the line. */
  lineFen: number;
};

/** The sizes at a scale, 1 being 1:1000. Throws for a scale out of range. */
export const sizeAt = (scale: number): Size => {
  if (!(scale >= SCALE_MIN && scale <= SCALE_MAX)) {
    throw new Error(`scale: expected a number from ${SCALE_MIN} to ${SCALE_MAX}, got ${scale}`);
  }
  return {
    topTierMembers: Math.round(TOP_TIER_MEMBERS * scale),
    otherMembers: Math.round(OTHER_MEMBERS * scale),
    participants: Math.round(FREE_ORDER_PARTICIPANTS * scale),
    lineFen: Math.round(LINE_FEN * scale),
  };
};
