/** How the entries of a slot ended, for the metrics: one event for each outcome, however many entries there are. */
import { contributionOf, HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type SlotRules, slotAt } from '../rules/rules.ts';
import { type EntryOutcome, isRefusal, outcomeLabel } from './report.ts';
import { FREE_ORDER_SOURCE } from './win.ts';

/**
 * One event for all entries of a drawn slot with the same outcome. A drawn slot never changes, so its events are the same when
 * they are republished. Their time is the slot's last millisecond, so that any window of the slot that is still open counts them.
 *
 * A sketch is at most 32,768 contributions, or 131 KB as differences in JSON, and at most six outcomes have one: the events
 * of a slot fit the 1 MiB of a message.
 */
export const slotMetrics = (
  rules: SlotRules,
  slot: number,
  entryOutcomes: readonly EntryOutcome[],
): MetricEvent[] => {
  const { campaignId } = rules;
  const timeMs = slotAt(rules, slot).endsAtMs - 1;
  return [...Map.groupBy(entryOutcomes, ({ outcome }) => outcome)].map(([outcome, alike]): MetricEvent => {
    const label = outcomeLabel(outcome);
    const members = new HyperLogLog();
    if (!isRefusal(outcome)) for (const { order } of alike) members.add(contributionOf(order.memberId));
    return {
      id: eventIdOf(`${FREE_ORDER_SOURCE}/${campaignId}/slots`, `${slot}/${label}`),
      timeMs,
      label,
      brand: '',
      amountFen: alike.reduce((sum, { awardFen }) => sum + awardFen, 0),
      member: '',
      count: alike.length,
      contributions: [...members.contributions()],
    };
  });
};
