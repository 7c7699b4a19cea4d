import { armOf } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { isNewcomer, newcomerEvents } from '#domain/experiment/assigned.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { type CouponMetricKind, couponMetric, issuedMetric } from '#domain/grants/grant-events.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import type { Profile } from '#domain/members/profile.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { CALLS_WITHOUT_DEMAND, demandLabel } from '#domain/metrics/model-calls.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { CouponCampaign } from './campaigns.ts';
import { type CouponOutcome, type CouponResult, refusalOf } from './outcome.ts';
import type { Scored } from './scored.ts';

const SOURCE = '/zhihui/decisions';

/** The outcome of an order, with the grants and the coupon that it concerns: everything that is published of it. */
export type CouponReport = {
  order: OrderEvent;
  /** The member and its profile as they were found, before the order or any time later. */
  found?: { member: Member; profile: Profile };
  outcome: CouponOutcome;
  /** The campaigns of the order's message, in its order. */
  campaigns: readonly CouponCampaign[];
  /** The coupons that were issued for the order. */
  grants: readonly Grant[];
  /** What the model saw, by the place of the campaign; none for a republished order. */
  scored?: readonly (Scored | undefined)[];
  /** The coupon that was redeemed or given back, and its campaign. */
  coupon?: { grant: Grant; settings: CampaignSettings } | undefined;
};

/** A metric event and the campaign that counts it. */
export type CampaignMetricEvent = { settings: CampaignSettings; event: MetricEvent };

const orderMetricEvent = (
  settings: CampaignSettings,
  order: OrderEvent,
  label: string,
): CampaignMetricEvent => ({
  settings,
  event: {
    id: eventIdOf(SOURCE, `${order.id}/${settings.campaignId}/${label.slice(0, label.indexOf('/'))}`),
    timeMs: order.timeMs,
    label,
    brand: '',
    amountFen: 0,
    member: '',
  },
});

/**
 * What the model saw for an order. It is published at most once, after the decision was written: a worker that crashes in
 * between, or whose write's answer is lost, never publishes it. It is a statistic for the price of the next minutes, which the
 * remaining money corrects, and no money depends on it.
 */
const scoredMetricEvent = (
  { settings, coupons }: CouponCampaign,
  order: OrderEvent,
  { calls, edge }: Scored,
): CampaignMetricEvent => {
  const label = edge
    ? demandLabel(budgetKeyOf('engine', coupons.budgets[edge.pool]!.pool), edge.bucket)
    : CALLS_WITHOUT_DEMAND;
  const { event } = orderMetricEvent(settings, order, label);
  return { settings, event: { ...event, amountFen: edge?.fen ?? 0, count: calls } };
};

/**
 * What is counted of a coupon. In whichever order an order and its refunds arrive, the coupon is counted as redeemed once, as
 * returned once all is refunded, and as expired where that was too late. Each is counted at the event that completes it, under
 * that event's id and time, so a redelivery counts nothing twice. Redeemed less returned is therefore the number of redeemed
 * coupons at every moment.
 */
const METRIC_KINDS: Readonly<Partial<Record<CouponResult, readonly CouponMetricKind[]>>> = {
  redeemed: ['redeemed'],
  returned: ['returned'],
  freed: ['returned', 'expired'],
  'redeemed-returned': ['redeemed', 'returned'],
  'redeemed-freed': ['redeemed', 'returned', 'expired'],
  lapsed: ['expired'],
};

/** The metric events of an order: a function of the order and of its remembered outcome. */
export const metricEventsOf = ({
  order,
  found,
  outcome,
  campaigns,
  grants,
  scored,
  coupon,
}: CouponReport): CampaignMetricEvent[] => {
  const metricEvents: CampaignMetricEvent[] = [];
  for (const [i, campaign] of campaigns.entries()) {
    const { settings, coupons } = campaign;
    if (found !== undefined && isNewcomer(found.member, found.profile, order, settings)) {
      for (const event of newcomerEvents(settings, coupons, order.member, order.timeMs))
        metricEvents.push({ settings, event });
    }
    const decision = outcome.decisions[i] ?? 'none';
    if (decision !== 'none' && decision !== 'given') {
      const label = `coupon-withheld/${armOf(coupons, order.member)}/${decision}`;
      metricEvents.push(orderMetricEvent(settings, order, label));
    }
    const seen = scored?.[i];
    if (seen !== undefined) metricEvents.push(scoredMetricEvent(campaign, order, seen));
    const refusal = refusalOf(outcome.coupon);
    if (refusal !== undefined)
      metricEvents.push(orderMetricEvent(settings, order, `coupon-refused/${refusal}`));
    for (const grant of grants) {
      if (grant.campaignId === settings.campaignId)
        metricEvents.push({ settings, event: issuedMetric(grant) });
    }
  }
  if (coupon === undefined) return metricEvents;
  const { grant, settings } = coupon;
  for (const kind of METRIC_KINDS[outcome.coupon] ?? []) {
    metricEvents.push({ settings, event: couponMetric(kind, grant, order.timeMs, order.id) });
  }
  return metricEvents;
};
