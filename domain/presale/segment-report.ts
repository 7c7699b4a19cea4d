import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { audienceCallsLabel } from '#domain/metrics/model-calls.ts';
import type { CampaignSettings } from '#events/contract.ts';
import type { Coupons } from '#events/sections/coupons.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type Pass, progressKey, type Segment } from './segment.ts';
import type { Tallies } from './tally.ts';

/** The first word under which members are told to whom a campaign could give something; the second is their arm. */
export const ELIGIBLE = 'eligible';

const SOURCE = '/zhihui/audience';

const eventOf = (
  settings: CampaignSettings,
  segment: Segment,
  label: string,
  count: number,
): MetricEvent => ({
  id: eventIdOf(SOURCE, `${segment.campaignId}/${progressKey(segment, 'plan').item}/${label}`),
  timeMs: settings.startsAtMs,
  label,
  brand: '',
  amountFen: 0,
  member: '',
  count,
});

/**
 * What the metrics are told of a pass over a segment that is done: how often the model was asked in it and, of the first pass,
 * how many members of each arm could be given something, `eligible/<arm>`. It is a function of what the first pass counted,
 * which no longer changes, so it may be told any number of times. The second pass asks about the same members once more;
 * those who came between the two are not counted.
 */
export const segmentEvents = (
  settings: CampaignSettings,
  coupons: Coupons,
  segment: Segment,
  pass: Pass,
  { asked, askedOfOrders, eligible }: Tallies,
): MetricEvent[] => {
  const members = pass === 'plan' ? asked + askedOfOrders : asked;
  const counts: [label: string, count: number][] = [
    [audienceCallsLabel(pass), members * (coupons.offers.length + 1)],
  ];
  if (pass === 'plan') {
    for (const [arm, count] of Object.entries(eligible)) counts.push([`${ELIGIBLE}/${arm}`, count]);
  }
  return counts.flatMap(([label, count]) => (count === 0 ? [] : [eventOf(settings, segment, label, count)]));
};
