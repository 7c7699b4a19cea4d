import { type Arm, type Assignment, armOf, comparesArms } from '#domain/campaigns/arms.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { eventIdOf } from '#platform/hash.ts';

/**
 * The first word of the label under which a comparison of arms counts what it leaves out: orders and refunds that name an alias
 * and come after its link, and the coupons that they bring. The second word is what is left out, the third the arm. An alias is
 * assigned to an arm only before its link, so the orders that an arm counts are those of its assigned members.
 */
export const LEFT_OUT = 'left-out';

const SOURCE = '/zhihui/left-out';

/**
 * The event that counts, for an arm of a campaign that compares arms, what the comparison leaves out: the amount of the given
 * event. `head` is the second word of the label.
 */
export const leftOutOf = (
  { id, timeMs, amountFen }: Pick<MetricEvent, 'id' | 'timeMs' | 'amountFen'>,
  head: string,
  arm: Arm,
): MetricEvent => ({
  id: eventIdOf(SOURCE, `${id}/${head}`),
  timeMs,
  label: `${LEFT_OUT}/${head}/${arm}`,
  brand: '',
  amountFen,
  member: '',
});

/** The event that leaves an order or a refund out, in the arm of the alias that it names; none if no arms are compared. */
export const leftOutOrder = (
  assignment: Assignment,
  campaignId: string,
  order: { id: string; timeMs: number; amountFen: number; member: string; kind: 'paid' | 'refunded' },
): MetricEvent[] => {
  if (!comparesArms(assignment)) return [];
  const { id, kind, member } = order;
  return [leftOutOf({ ...order, id: `${id}/${campaignId}` }, kind, armOf(assignment, member))];
};
