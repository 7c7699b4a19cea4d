import fc from 'fast-check';
import { contributionOf } from '#domain/metrics/hyperloglog.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';

export const START_MS = Date.parse('2026-11-10T12:00:00.000Z');

export const settings = (changes: Partial<CampaignSettings> = {}): CampaignSettings => ({
  campaignId: 'sale',
  startsAtMs: START_MS,
  endsAtMs: START_MS + 3_600_000,
  windowMs: 10_000,
  shards: 1,
  horizonMs: 7 * 86_400_000,
  ...changes,
});

export const paid = (changes: Partial<MetricEvent> & { order?: string } = {}): MetricEvent => {
  const { order = 'o1', ...rest } = changes;
  return {
    id: eventIdOf('test', order),
    timeMs: START_MS,
    label: 'paid/far',
    brand: 'lotus',
    amountFen: 1999,
    member: 'm1',
    ...rest,
  };
};

/** Events of few orders, brands and members, so that duplicates and conflicts are frequent. */
export const metricEvents = (spanMs = 3_600_000, maxLength = 60) =>
  fc.array(
    fc
      .record({
        order: fc.integer({ min: 0, max: 30 }),
        timeMs: fc.integer({ min: START_MS, max: START_MS + spanMs - 1 }),
        label: fc.constantFrom(
          'paid/far',
          'paid/near',
          'paid/near/engine',
          'refunded/far',
          'refunded/far/control',
        ),
        brand: fc.constantFrom('lotus', '莲花', 'jade', ''),
        amountFen: fc.integer({ min: 1, max: 10_000_000_000 }),
        member: fc.constantFrom('m1', 'm2', 'm3', ''),
        sentMs: fc.constantFrom(START_MS, START_MS + 1_000, START_MS + 9_000_000, 1),
        store: fc.option(fc.constantFrom('s1', 's2', 's3', '门店'), { freq: 8, nil: undefined }),
        many: fc.option(
          fc.record({
            count: fc.integer({ min: 2, max: 1_000_000 }),
            contributions: fc
              .uniqueArray(fc.constantFrom('m1', 'm2', 'm3', 'm4').map(contributionOf))
              .map((list) => list.sort((a, b) => a - b)),
          }),
          { freq: 8 },
        ),
      })
      .map(({ order, many, store, ...rest }) => {
        const isNear = rest.label.includes('/near');
        return paid({
          order: `o${order}`,
          ...rest,
          ...many,
          ...(isNear && store !== undefined ? { store } : {}),
        });
      }),
    { maxLength },
  );
