/** Why an order is not free: a closed list, so that every order of the promotion ends in exactly one outcome. */

/**
 * The order itself does not qualify. Checked from the top of this list down; the first that applies is the
 * reason.
 */
export const INELIGIBLE_REASONS = [
  /** The order's own time is not within the campaign. */
  'outside-campaign',
  /** The order came after its slot was closed. */
  'slot-closed',
  /** The whole order was refunded before it was drawn or, in slot mode, before its slot was closed. */
  'refunded',
  /** The member is on the campaign's list of blocked members, or was erased when the order was judged. */
  'blocked-member',
  'wrong-channel',
  'wrong-store',
  /** The order's time is in none of the campaign's periods. */
  'outside-period',
  /** The order's local time of day is in none of the campaign's daily hours. */
  'outside-hours',
  'below-minimum',
  'wrong-tier',
  'not-first-order',
] as const;

/** The order qualified and the draw did not give it a prize. */
export const DRAW_REASONS = [
  /** The ticket was not small enough for the odds, or the slot's prizes went to smaller tickets. */
  'not-drawn',
  /** The member had won as often on the order's day as the rules allow. */
  'member-day-limit',
  /** The member had won as often in the campaign as the rules allow. */
  'member-campaign-limit',
  'quota-exhausted',
  /** What was left of the budget was less than the award. */
  'budget-exhausted',
] as const;

export type IneligibleReason = (typeof INELIGIBLE_REASONS)[number];
export type DrawReason = (typeof DRAW_REASONS)[number];

/**
 * Why a winning ticket gets no prize. `not-first-order`: only first orders win, and another order of the
 * member has won already.
 */
export type ClaimRefusal = DrawReason | 'not-first-order';

/** How an order ended. A win that a refund revokes later is still 'won': quota, budget and limits keep counting it. */
export type DrawOutcome = 'won' | IneligibleReason | DrawReason;

export const DRAW_OUTCOMES: readonly DrawOutcome[] = ['won', ...INELIGIBLE_REASONS, ...DRAW_REASONS];
