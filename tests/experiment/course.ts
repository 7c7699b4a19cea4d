/**
 * The course of a simulated sale, which is divided into looks: equal stretches, at the end of which its figures are read. Gives
 * the shares of all orders and responses that have happened by the end of each look.
 */
export type Course = {
  /** Orders that are made without a coupon: rises to 1. */
  orderedBy: Float64Array;
  /** Responses to a coupon, by looks since it was given: some come after the sale. */
  respondedBy: Float64Array;
  /** Looks from an order to its refund. */
  refundLooks: number;
};

/** The share of orders in the rush of the first minutes, and the length of the rush as a part of the sale. */
const RUSH_SHARE = 0.35;
const RUSH_PART = 0.06;
/** The rate at which responses come, per length of the sale: their share approaches 1 exponentially. */
const RESPONSE_SPEED = 3;
const REFUND_PART = 0.13;

/**
 * The share of orders that a coupon fits, the same for both coupons; no order fits both. A member's first fitting order uses
 * the coupon.
 */
export const FITTING_SHARE = 0.3;
/** The shares of orders that are refunded, in full and by half. */
export const FULL_REFUND_SHARE = 0.06;
export const HALF_REFUND_SHARE = 0.03;

export const courseOf = (looks: number): Course => {
  const orders = (part: number): number =>
    RUSH_SHARE * (1 - Math.exp(-part / RUSH_PART)) + (1 - RUSH_SHARE) * part;
  return {
    orderedBy: Float64Array.from({ length: looks }, (_, look) => orders((look + 1) / looks) / orders(1)),
    respondedBy: Float64Array.from(
      { length: looks },
      (_, look) => 1 - Math.exp((-RESPONSE_SPEED * (look + 1)) / looks),
    ),
    refundLooks: Math.ceil(REFUND_PART * looks),
  };
};
