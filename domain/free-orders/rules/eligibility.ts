/** Whether an order takes part in the draw. */
import type { DrawEntry } from './entry.ts';
import type { IneligibleReason } from './reasons.ts';
import { isGivenBack, type Rules, timeOfDayMs } from './rules.ts';

/** What the judgement needs to know of the order itself. */
export type JudgedOrder = Pick<DrawEntry, 'timeMs' | 'channel' | 'storeId' | 'paidFen' | 'givenBackFen'> & {
  /** The order arrived after its slot was closed; always false if there are no slots. */
  late: boolean;
};

/** What is known of the order's member. */
export type JudgedMember = Pick<DrawEntry, 'tier' | 'firstOrder' | 'blocked'>;

export type Eligibility = { eligible: true } | { eligible: false; reason: IneligibleReason };

const ELIGIBLE: Eligibility = { eligible: true };

const no = (reason: IneligibleReason): Eligibility => ({ eligible: false, reason });

const within = (spans: Rules['periods'], timeMs: number): boolean =>
  spans === undefined || spans.some(({ fromMs, toMs }) => fromMs <= timeMs && timeMs < toMs);

/**
 * Judges one order. It takes no clock: an order is judged by its own time, so a redelivery has the same result at any time. The
 * checks go in the order of INELIGIBLE_REASONS, and the first that applies is the reason. A member's limits are not checked
 * here, because they count wins. They are checked when a winning ticket claims its prize.
 */
export const eligibility = (order: JudgedOrder, member: JudgedMember, rules: Rules): Eligibility => {
  const { timeMs } = order;
  if (timeMs < rules.startsAtMs || timeMs >= rules.endsAtMs) return no('outside-campaign');
  if (order.late) return no('slot-closed');
  if (isGivenBack(rules, order)) return no('refunded');
  if (member.blocked) return no('blocked-member');
  if (!rules.channels.has(order.channel)) return no('wrong-channel');
  if (rules.stores && (order.storeId === null || !rules.stores.has(order.storeId))) return no('wrong-store');
  if (!within(rules.periods, timeMs)) return no('outside-period');
  if (!within(rules.dailyHours, timeOfDayMs(rules, timeMs))) return no('outside-hours');
  if (order.paidFen < rules.minimumPaidFen) return no('below-minimum');
  if (rules.tiers && (member.tier === null || !rules.tiers.has(member.tier))) return no('wrong-tier');
  if (rules.definition.firstOrderOnly === true && !member.firstOrder) return no('not-first-order');
  return ELIGIBLE;
};
