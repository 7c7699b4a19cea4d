import { armOf } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { isNewcomer, newcomerEvents } from '#domain/experiment/assigned.ts';
import type { Grant } from '#domain/grants/grant.ts';
import { type CouponHappening, couponMetric, issuedMetric } from '#domain/grants/grant-events.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Member } from '#domain/members/members-table.ts';
import type { Profile } from '#domain/members/profile.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { CALLS_WITHOUT_DEMAND, demandLabel } from '#domain/metrics/model-calls.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { CouponCampaign } from './campaigns.ts';
import { type CouponResult, type Outcome, refusalOf } from './outcome.ts';
import type { Scored } from './scored.ts';

const SOURCE = '/zhihui/decisions';

/** What came of an order, and the grants and the coupon that it came to. */
export type Report = {
  order: OrderEvent;
  /** The member and its profile, before the order or any time later; undefined where the order is long past. */
  known?: { member: Member; profile: Profile };
  outcome: Outcome;
  /** The campaigns of the order's message, in its order. */
  campaigns: readonly CouponCampaign[];
  /** What was given for the order. */
  grants: readonly Grant[];
  /** What the model saw, by the place of the campaign; none of an order that is told of again. */
  scored?: readonly (Scored | undefined)[];
  /** The coupon that was redeemed or given back, and its campaign. */
  coupon?: { grant: Grant; settings: CampaignSettings } | undefined;
};

export type Happening = { settings: CampaignSettings; event: MetricEvent };

const happeningOf = (settings: CampaignSettings, order: OrderEvent, label: string): Happening => ({
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
 * What the model saw for an order. It is told with the decision that was written and never after, so at most once: a worker
 * that dies between the two, or whose write's answer is lost, takes it along. It is a statistic for the price of the next
 * minutes, which the money that is left corrects, and no money hangs on it.
 */
const scoredHappening = (
  { settings, coupons }: CouponCampaign,
  order: OrderEvent,
  { calls, edge }: Scored,
): Happening => {
  const label = edge
    ? demandLabel(budgetKeyOf('engine', coupons.budgets[edge.pool]!.pool), edge.bucket)
    : CALLS_WITHOUT_DEMAND;
  const { event } = happeningOf(settings, order, label);
  return { settings, event: { ...event, amountFen: edge?.fen ?? 0, count: calls } };
};

/**
 * What is counted of a coupon. Whichever way an order and its refunds arrive, the coupon is counted as redeemed once, as
 * returned once all is paid back, and as expired where that was too late: at the event that completes it, by whose id and time
 * a redelivery tells it again. So redeemed less returned is the number of coupons that are redeemed, at every moment.
 */
const HAPPENINGS: Readonly<Partial<Record<CouponResult, readonly CouponHappening[]>>> = {
  redeemed: ['redeemed'],
  returned: ['returned'],
  freed: ['returned', 'expired'],
  'redeemed-returned': ['redeemed', 'returned'],
  'redeemed-freed': ['redeemed', 'returned', 'expired'],
  lapsed: ['expired'],
};

/** What the metrics are told of an order's outcome: a function of the order and of what is remembered of it. */
export const happeningsOf = ({
  order,
  known,
  outcome,
  campaigns,
  grants,
  scored,
  coupon,
}: Report): Happening[] => {
  const happenings: Happening[] = [];
  for (const [i, campaign] of campaigns.entries()) {
    const { settings, coupons } = campaign;
    if (known !== undefined && isNewcomer(known.member, known.profile, order, settings)) {
      for (const event of newcomerEvents(settings, coupons, order.member, order.timeMs))
        happenings.push({ settings, event });
    }
    const decision = outcome.decisions[i] ?? 'none';
    if (decision !== 'none' && decision !== 'given') {
      const label = `coupon-withheld/${armOf(coupons, order.member)}/${decision}`;
      happenings.push(happeningOf(settings, order, label));
    }
    const seen = scored?.[i];
    if (seen !== undefined) happenings.push(scoredHappening(campaign, order, seen));
    const refusal = refusalOf(outcome.coupon);
    if (refusal !== undefined) happenings.push(happeningOf(settings, order, `coupon-refused/${refusal}`));
    for (const grant of grants) {
      if (grant.campaignId === settings.campaignId) happenings.push({ settings, event: issuedMetric(grant) });
    }
  }
  if (coupon === undefined) return happenings;
  const { grant, settings } = coupon;
  const note = (happening: CouponHappening): void => {
    happenings.push({ settings, event: couponMetric(happening, grant, order.timeMs, order.id) });
  };
  for (const happening of HAPPENINGS[outcome.coupon] ?? []) note(happening);
  return happenings;
};
