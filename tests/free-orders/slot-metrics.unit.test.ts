import { expect, it } from 'vitest';
import { slotMetrics as metricsOf, OutcomeTally } from '#domain/free-orders/draw/slot-metrics.ts';
import type { DrawOutcome } from '#domain/free-orders/rules/reasons.ts';
import { contributionOf } from '#domain/metrics/hyperloglog.ts';
import { toTuple } from '#domain/metrics/metric-event.ts';
import { rulesWith, STARTS_AT_MS, slotRules } from './factory.ts';

const SLOT_MS = 900_000;
const MAX_MESSAGE_BYTES = 1_000_000;
const RULES = rulesWith(slotRules({ slotSeconds: SLOT_MS / 1_000 }));

type Ended = { memberId: string; outcome: DrawOutcome; awardFen: number };

const ended = (number: number, outcome: DrawOutcome, awardFen = 0): Ended => ({
  memberId: `member-${number >> 1}`,
  outcome,
  awardFen,
});

const slotMetrics = (rules: typeof RULES, slot: number, entries: readonly Ended[]) => {
  const tallies = new Map<DrawOutcome, OutcomeTally>();
  for (const { memberId, outcome, awardFen } of entries) {
    const tally = tallies.get(outcome) ?? new OutcomeTally();
    tally.add(memberId, awardFen);
    tallies.set(outcome, tally);
  }
  return metricsOf(rules, slot, tallies);
};

const entryOutcomes = [
  ended(1, 'won', 700),
  ended(2, 'not-drawn'),
  ended(3, 'not-drawn'),
  ended(4, 'won', 300),
  ended(5, 'not-drawn'),
  ended(6, 'refunded'),
];
const contributions = (...members: string[]): number[] => members.map(contributionOf).sort((a, b) => a - b);

it('a slot has one metric event for each outcome, with the count, the cost and the members', () => {
  const metricEvents = slotMetrics(RULES, 1, entryOutcomes);
  expect(new Set(metricEvents.map(({ id }) => id)).size).toBe(3);
  expect(
    metricEvents.map(({ label, amountFen, count, contributions: members }) => [
      label,
      amountFen,
      count,
      members,
    ]),
  ).toEqual([
    ['free-order/won', 1_000, 2, contributions('member-0', 'member-2')],
    ['free-order/not-drawn', 0, 3, contributions('member-1', 'member-2')],
    ['free-refused/refunded', 0, 1, []],
  ]);
});

it('metric events lie within the slot and do not depend on the order of the entries', () => {
  const sorted = (metricEvents: ReturnType<typeof slotMetrics>) =>
    metricEvents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const metricEvents = slotMetrics(RULES, 1, entryOutcomes);
  expect(sorted(slotMetrics(RULES, 1, entryOutcomes.toReversed()))).toEqual(sorted(metricEvents));
  for (const { timeMs } of metricEvents) expect(timeMs).toBe(STARTS_AT_MS + 2 * SLOT_MS - 1);
});

it('another slot and another campaign have other event ids', () => {
  const ids = [
    slotMetrics(RULES, 1, entryOutcomes),
    slotMetrics(RULES, 2, entryOutcomes),
    slotMetrics({ ...RULES, campaignId: 'other' }, 1, entryOutcomes),
  ]
    .flat()
    .map(({ id }) => id);
  expect(new Set(ids).size).toBe(9);
});

it('the metric events of a slot fit one message, even if all their sketches are full', () => {
  const outcomes = [
    'won',
    'not-drawn',
    'member-day-limit',
    'member-campaign-limit',
    'quota-exhausted',
    'budget-exhausted',
  ] as const;
  const many = Array.from({ length: 200_000 }, (_, number) => ended(number * 2, 'won'));
  const [full] = slotMetrics(RULES, 1, many);
  expect(full!.contributions!.length).toBeGreaterThan(16_300);
  const bytes = Buffer.byteLength(JSON.stringify(toTuple(full!)));
  expect(outcomes.length * bytes).toBeLessThan(MAX_MESSAGE_BYTES);
});
