/** How the entries of a slot ended, for the metrics: one event for each outcome, however many entries there are. */
import { contributionOf, HyperLogLog } from '#domain/metrics/hyperloglog.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { DrawOutcome } from '../rules/reasons.ts';
import { type SlotRules, slotAt } from '../rules/rules.ts';
import { isRefusal, outcomeLabel } from './report.ts';
import { FREE_ORDER_SOURCE } from './win.ts';

export type TallyState = { count: number; amountFen: number; contributions: number[] };

/** Entries that ended alike: how many, what they were awarded, and a sketch of their members. */
export class OutcomeTally {
  #count = 0;
  #amountFen = 0;
  readonly #members = new HyperLogLog();

  add(memberId: string, awardFen = 0): void {
    this.#count += 1;
    this.#amountFen += awardFen;
    this.#members.add(contributionOf(memberId));
  }

  merge({ count, amountFen, contributions }: TallyState): void {
    this.#count += count;
    this.#amountFen += amountFen;
    for (const contribution of contributions) this.#members.add(contribution);
  }

  state(): TallyState {
    return {
      count: this.#count,
      amountFen: this.#amountFen,
      contributions: [...this.#members.contributions()],
    };
  }
}

/**
 * One event for each outcome of a drawn slot, for all entries that ended so. A drawn slot never changes, so its events are the
 * same when they are republished. Their time is the slot's last millisecond, because the slot's last window is the one that takes
 * late events until the latest time.
 *
 * A sketch is at most 32,768 contributions, or 131 KB as differences in JSON, and at most six outcomes have one: the events
 * of a slot fit the 1 MiB of a message.
 */
export const slotMetrics = (
  rules: SlotRules,
  slot: number,
  tallies: Iterable<readonly [outcome: DrawOutcome, tally: OutcomeTally]>,
): MetricEvent[] => {
  const { campaignId } = rules;
  const timeMs = slotAt(rules, slot).endsAtMs - 1;
  return Array.from(tallies, ([outcome, tally]): MetricEvent => {
    const label = outcomeLabel(outcome);
    const { count, amountFen, contributions } = tally.state();
    return {
      id: eventIdOf(`${FREE_ORDER_SOURCE}/${campaignId}/slots`, `${slot}/${label}`),
      timeMs,
      label,
      brand: '',
      amountFen,
      member: '',
      count,
      // Refused entries took no part, so their members are not counted.
      contributions: isRefusal(outcome) ? [] : contributions,
    };
  });
};
