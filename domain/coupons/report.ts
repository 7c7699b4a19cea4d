/** The metric events of an order that was decided on. */
import { armOf, comparesArms } from '#domain/campaigns/arms.ts';
import { budgetKeyOf } from '#domain/campaigns/budget.ts';
import { isNewcomer, newcomerEvents } from '#domain/experiment/assigned.ts';
import { leftOutOf, leftOutOrder } from '#domain/experiment/left-out.ts';
import { EFFECTS, termsIn } from '#domain/grants/coupon-account.ts';
import type { Grant } from '#domain/grants/grant.ts';
import {
  armOfGrant,
  type CouponMetricKind,
  couponMetric,
  isOfAlias,
  issuedMetric,
} from '#domain/grants/grant-events.ts';
import { roundedFeature } from '#domain/members/feature-summary.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { isErasedName, type Member } from '#domain/members/members-table.ts';
import type { Profile } from '#domain/members/profile.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { CALLS_WITHOUT_DEMAND, demandLabel } from '#domain/metrics/model-calls.ts';
import type { CampaignSettings } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { CouponCampaign } from './campaigns.ts';
import { type Chance, propensityOf } from './explore.ts';
import type { CampaignDecision } from './outcome.ts';
import type { RefusalReason } from './redeem.ts';
import type { Scored } from './scored.ts';

const SOURCE = '/zhihui/decisions';

/** The parts of a campaign that decide what is published. */
type ReportedCampaign = Pick<CouponCampaign, 'settings' | 'coupons'>;

/** A coupon that an event concerned, and what the event did to it, as bits: see `EFFECTS` and `termsIn`. */
export type ReportedCoupon = ReportedCampaign & { grant: Grant; effects: number };

/**
 * The outcome of an order, with the grants and the coupons that it concerns: everything that is published
 * about it.
 */
export type CouponReport = {
  order: OrderEvent;
  /** The member and its profile as they were read: before the order, or at any time after it. */
  found?: { member: Member; profile: Profile };
  decisions: readonly CampaignDecision[];
  /** A coupon that was refused by its id alone, or a line for which there was no room, and the campaign that counts it. */
  refusal?: { reason: RefusalReason; settings: CampaignSettings | undefined } | undefined;
  /** The campaigns that the order's message lists, in the same sequence. */
  campaigns: readonly CouponCampaign[];
  /** The coupons that were issued for the order. */
  grants: readonly Grant[];
  /** What the model saw, by campaign. Left out for a republished order. */
  scored?: ReadonlyMap<string, Scored>;
  coupons: readonly ReportedCoupon[];
  /** Whether the order names an alias and came after its link, so that the experiment leaves it out. */
  isLeftOut: boolean;
  /** Set if the member was erased. */
  isErased?: true;
};

/** A metric event and the campaign that counts it. */
export type CampaignMetricEvent = { settings: CampaignSettings; event: MetricEvent };

const orderMetricEvent = (
  settings: CampaignSettings,
  order: OrderEvent,
  label: string,
  kind = label.slice(0, label.indexOf('/')),
): CampaignMetricEvent => ({
  settings,
  event: {
    id: eventIdOf(SOURCE, `${order.id}/${settings.campaignId}/${kind}`),
    timeMs: order.timeMs,
    label,
    brand: '',
    amountFen: 0,
    member: '',
  },
});

/**
 * What the model saw for an order. It is published at most once, after the decision is written. A worker that crashes in
 * between, or does not receive the answer to its write, never publishes it. That is acceptable: it only feeds the price of the
 * next minutes, which is corrected by the money that remains, and no budget depends on it.
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

/** A grant as it is counted: if its member was erased, under the id in the order, which is hashed and not stored. */
const counted = (grant: Grant, { member }: OrderEvent): Grant =>
  isErasedName(grant.member) ? { ...grant, member } : grant;

/** A coupon's metric event, and the one that leaves it out of the comparison of arms if an alias's order brought the coupon. */
const withLeftOut = (
  { settings, coupons }: ReportedCampaign,
  grant: Grant,
  kind: CouponMetricKind,
  event: MetricEvent,
): CampaignMetricEvent[] => {
  const isCompared = comparesArms(coupons) && isOfAlias(grant);
  return [event, ...(isCompared ? [leftOutOf(event, `coupon-${kind}`, armOfGrant(grant))] : [])].map(
    (one) => ({ settings, event: one }),
  );
};

const EFFECT_KINDS: readonly (readonly [effect: number, kind: CouponMetricKind])[] = [
  [EFFECTS.redeemed, 'redeemed'],
  [EFFECTS.returned, 'returned'],
  [EFFECTS.overdraft, 'overdraft'],
  [EFFECTS.overdraftReturned, 'overdraft-returned'],
  [EFFECTS.fell, 'expired'],
];

/**
 * What is counted of a coupon. Each effect is counted under the id and time of the event that shows it, so a redelivery counts
 * nothing twice. "Redeemed" less "returned" is the number of redeemed coupons at any moment, in whatever order the events arrive.
 * A use that breaks a term is counted under that term. If later lines of the order meet the term after all, that is counted too.
 */
const couponMetricEvents = (
  { grant, settings, coupons, effects }: ReportedCoupon,
  order: OrderEvent,
): CampaignMetricEvent[] => {
  const events = EFFECT_KINDS.filter(([effect]) => (effects & effect) !== 0).flatMap(([, kind]) =>
    withLeftOut(
      { settings, coupons },
      grant,
      kind,
      couponMetric(kind, counted(grant, order), order.timeMs, order.id),
    ),
  );
  const { broken, mended } = termsIn(effects);
  const termEvent = (label: string): CampaignMetricEvent => {
    const { event } = orderMetricEvent(settings, order, label, `${label}/${grant.id}`);
    return { settings, event: { ...event, amountFen: grant.faceFen } };
  };
  if (broken !== undefined) events.push(termEvent(`coupon-redeemed-against-terms/${broken}`));
  if (mended !== undefined) events.push(termEvent(`coupon-redeemed-within-terms-after-all/${mended}`));
  if ((effects & EFFECTS.refusedUsed) !== 0)
    events.push(orderMetricEvent(settings, order, 'coupon-refused/used'));
  if ((effects & EFFECTS.refusedExpired) !== 0)
    events.push(orderMetricEvent(settings, order, 'coupon-refused/expired'));
  return events;
};

/** "Too late to decide" has an id of its own, so it never replaces the count of a decision that was made before. */
const decisionMetricEvent = (
  { settings, coupons }: CouponCampaign,
  order: OrderEvent,
  result: CampaignDecision['result'],
): CampaignMetricEvent => {
  const label = `coupon-withheld/${armOf(coupons, order.member)}/${result}`;
  return result === 'too-late-to-decide'
    ? orderMetricEvent(settings, order, label, result)
    : orderMetricEvent(settings, order, label);
};

/**
 * Counts a choice of no coupon by its probability, such as `coupon-nothing/engine/0.9775`. For a coupon that was given, the
 * probability is in its grant.
 */
const chanceMetricEvent = (
  { settings, coupons }: CouponCampaign,
  order: OrderEvent,
  chance: Chance,
): CampaignMetricEvent => {
  const propensity = roundedFeature(propensityOf(chance, coupons.epsilon));
  return orderMetricEvent(settings, order, `coupon-nothing/${armOf(coupons, order.member)}/${propensity}`);
};

/** The metric events of an order: a function of the order and of its remembered outcome. */
export const metricEventsOf = (report: CouponReport): CampaignMetricEvent[] => {
  const { order, found, decisions, refusal, campaigns, grants, scored, coupons, isLeftOut } = report;
  const metricEvents: CampaignMetricEvent[] = [];
  for (const campaign of campaigns) {
    const { settings } = campaign;
    if (found !== undefined && !isLeftOut && isNewcomer(found.member, found.profile, order, settings)) {
      for (const event of newcomerEvents(settings, campaign.coupons, order.member, order.timeMs))
        metricEvents.push({ settings, event });
    }
    const { campaignId } = settings;
    if (isLeftOut)
      for (const event of leftOutOrder(campaign.coupons, campaignId, order))
        metricEvents.push({ settings, event });
    const decision = decisions.find((one) => one.campaignId === campaignId);
    if (decision !== undefined && decision.result !== 'given')
      metricEvents.push(decisionMetricEvent(campaign, order, decision.result));
    if (decision?.chance !== undefined)
      metricEvents.push(chanceMetricEvent(campaign, order, decision.chance));
    const seen = scored?.get(campaignId);
    if (seen !== undefined) metricEvents.push(scoredMetricEvent(campaign, order, seen));
    for (const grant of grants) {
      if (grant.campaignId === campaignId)
        metricEvents.push(...withLeftOut(campaign, grant, 'issued', issuedMetric(counted(grant, order))));
    }
  }
  // A coupon of an unknown campaign is counted only in the first of the order's campaigns.
  const counting = refusal?.settings ?? campaigns[0]?.settings;
  if (refusal !== undefined && counting !== undefined)
    metricEvents.push(orderMetricEvent(counting, order, `coupon-refused/${refusal.reason}`));
  return [...metricEvents, ...coupons.flatMap((coupon) => couponMetricEvents(coupon, order))];
};
