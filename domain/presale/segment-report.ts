import { ASSIGNED } from '#domain/experiment/assigned.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { audienceCallsLabel } from '#domain/metrics/model-calls.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { AudienceTallies } from './audience-tallies.ts';
import { type Pass, type PresaleSegment, type Segment, segmentItem } from './segment.ts';

const SOURCE = '/zhihui/audience';

const eventOf = (
  settings: CampaignSettings,
  segment: Segment,
  label: string,
  count: number,
): MetricEvent => ({
  id: eventIdOf(SOURCE, `${segment.campaignId}/${segmentItem(segment, 'plan')}/${label}`),
  timeMs: settings.startsAtMs,
  label,
  brand: '',
  amountFen: 0,
  member: '',
  count,
});

/**
 * The metric events of a finished pass over a segment: how often the model was asked in it and, for the first pass, how many
 * members there are in each arm (`assigned/<arm>`). They depend only on what the first pass counted, which no longer changes,
 * so publishing them again changes nothing. The later passes ask the model about the same members once more. Members who became
 * known between the passes are not counted.
 */
export const segmentEvents = (
  { settings, presale: { coupons }, segment }: PresaleSegment,
  pass: Pass,
  { asked, askedOfOrders, assigned }: AudienceTallies,
): MetricEvent[] => {
  const members = pass === 'plan' ? asked + askedOfOrders : asked;
  const counts: [label: string, count: number][] = [
    [audienceCallsLabel(pass), members * (coupons.offers.length + 1)],
  ];
  if (pass === 'plan') {
    for (const [arm, count] of Object.entries(assigned)) counts.push([`${ASSIGNED}/${arm}`, count]);
  }
  return counts.flatMap(([label, count]) => (count === 0 ? [] : [eventOf(settings, segment, label, count)]));
};
