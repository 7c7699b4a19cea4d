import { WITHHOLD_REASONS, type WithholdReason } from './decide.ts';
import { REFUSAL_REASONS, type RefusalReason } from './redeem.ts';

/** The result for the coupon that an order used, or that was used on a refunded order. */
export type CouponResult =
  | 'none'
  | 'redeemed'
  /** All was refunded: the coupon can be used again (`returned`), or it has expired and its money is free (`freed`). */
  | 'returned'
  | 'freed'
  /** The same for an order whose refund arrived first: the coupon was used and given back at once. */
  | 'redeemed-returned'
  | 'redeemed-freed'
  /** A later refund moved the return past the coupon's expiry: it has expired and its money is free. */
  | 'lapsed'
  | `refused-${RefusalReason}`;

/** The result of the decision on a next coupon in one campaign. */
export type DecisionResult = 'none' | 'given' | WithholdReason;

/**
 * The outcome of an event, remembered with its id in 16 bits: a redelivery republishes it unchanged and decides nothing
 * again. Decisions are in the order of the campaigns of the event's message.
 */
export type CouponOutcome = { coupon: CouponResult; decisions: DecisionResult[] };

/** Stored codes are places in these lists, which may only grow at their ends. */
const COUPON_RESULTS: readonly CouponResult[] = [
  'none',
  'redeemed',
  'returned',
  'freed',
  ...REFUSAL_REASONS.map((reason) => `refused-${reason}` as const),
  'redeemed-returned',
  'redeemed-freed',
  'lapsed',
];
const DECISION_RESULTS: readonly DecisionResult[] = ['none', 'given', ...WITHHOLD_REASONS];

const COUPON_BITS = 4;
const DECISION_BITS = 3;
const DECISION_MASK = 2 ** DECISION_BITS - 1;

/** Campaigns with coupons that run at the same time and decide on one order; further ones only count it. */
export const MAX_DECISIONS = 4;

export const encodeOutcome = ({ coupon, decisions }: CouponOutcome): number =>
  decisions.reduce(
    (bits, decision, i) => bits | (DECISION_RESULTS.indexOf(decision) << (COUPON_BITS + i * DECISION_BITS)),
    COUPON_RESULTS.indexOf(coupon),
  );

export const decodeOutcome = (bits: number): CouponOutcome => ({
  coupon: COUPON_RESULTS[bits & (2 ** COUPON_BITS - 1)]!,
  decisions: Array.from(
    { length: MAX_DECISIONS },
    (_, i) => DECISION_RESULTS[(bits >> (COUPON_BITS + i * DECISION_BITS)) & DECISION_MASK]!,
  ),
});

/** The reason of a refused coupon; undefined where it was not refused. */
export const refusalOf = (coupon: CouponResult): string | undefined =>
  coupon.startsWith('refused-') ? coupon.slice('refused-'.length) : undefined;
