import { armOf } from '#domain/campaigns/arms.ts';
import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import { type MemberEvent, memberEventOf } from '#domain/members/member-event.ts';
import { isSealed, windowStartOf } from '#domain/metrics/levels.ts';
import { type MetricEvent, PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import {
  type CampaignSettings,
  formatTime,
  type OrderPaid,
  type OrderRefunded,
  type PresaleStarted,
  parseBody,
  parseEvent,
  type Rejection,
  rejection,
} from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type Origin, type Reject, rejectOf } from './rejects.ts';

/** A message as it came in: `sentMs` is when its producer sent it, or when its events were first received. */
export type Delivery = { messageId: string; body: string; sentMs: number };

/** Where a batch's events go. */
export type Routed = {
  presales: PresaleStarted[];
  metrics: { settings: CampaignSettings; event: MetricEvent }[];
  /** What concerns members, with the ids of the campaigns with coupons that it belongs to. */
  coupons: { campaigns: string[]; event: MemberEvent }[];
  /** Orders that may be free, or are given back, with the ids of the campaigns with free orders that they belong to. */
  freeOrders: { campaigns: string[]; event: MemberEvent }[];
  /** Orders without an open campaign that may still get one, a list for each time of first receipt. */
  waiting: { events: unknown[]; sentMs: number }[];
  rejects: Reject[];
};

type Order = OrderPaid | OrderRefunded;

/** An order as a campaign counts it. Where arms are compared, the label ends in the member's: `paid/near/control`. */
const metricEventOf = (order: Order, { assignment }: OpenCampaign): MetricEvent => ({
  id: eventIdOf(order.source, order.id),
  timeMs: Date.parse(order.time),
  label: [
    order.type === 'order.paid' ? PAID : REFUNDED,
    order.data.channel,
    ...(assignment === undefined ? [] : [armOf(assignment, order.data.memberId)]),
  ].join('/'),
  brand: order.data.brandId,
  amountFen: order.data.amountFen,
  member: order.data.memberId,
});

type Placement =
  | { kind: 'campaigns'; campaigns: OpenCampaign[] }
  | { kind: 'waits' }
  | { kind: 'rejected'; rejection: Rejection };

/** Finds the campaigns whose span holds an order's time and that still take it. */
const placeOrder = (
  order: Order,
  campaigns: readonly OpenCampaign[],
  nowMs: number,
  mayWait: boolean,
): Placement => {
  const timeMs = Date.parse(order.time);
  const spanning = campaigns.filter(
    ({ settings: { startsAtMs, endsAtMs } }) => startsAtMs <= timeMs && timeMs < endsAtMs,
  );
  if (spanning.length === 0) {
    if (mayWait) return { kind: 'waits' };
    return {
      kind: 'rejected',
      rejection: rejection(
        'no-open-campaign',
        'time',
        'a time within a campaign that was opened',
        order.time,
      ),
    };
  }
  const taking = spanning.filter(
    ({ settings }) => !isSealed(settings, windowStartOf(settings, timeMs), nowMs),
  );
  if (taking.length === 0) {
    const horizonMs = Math.max(...spanning.map(({ settings }) => settings.horizonMs));
    const earliest = formatTime(nowMs - horizonMs);
    return {
      kind: 'rejected',
      rejection: rejection(
        'beyond-horizon',
        'time',
        `a time after ${earliest}, the horizon of ${spanning.map(({ settings }) => settings.campaignId).join(', ')}`,
        order.time,
      ),
    };
  }
  return { kind: 'campaigns', campaigns: taking };
};

const idsOf = (campaigns: readonly OpenCampaign[]): string[] =>
  campaigns.map(({ settings }) => settings.campaignId);

/**
 * The campaigns whose draw an order concerns. It is given back more often after the sale than in it, so that a refund
 * concerns them until the horizon of their last window is over.
 */
const drawingOf = (
  { type, time }: Order,
  placement: Placement,
  campaigns: readonly OpenCampaign[],
  nowMs: number,
): OpenCampaign[] => {
  if (type === 'order.paid') {
    return placement.kind === 'campaigns'
      ? placement.campaigns.filter(({ hasFreeOrders }) => hasFreeOrders)
      : [];
  }
  return campaigns.filter(
    ({ hasFreeOrders, settings }) =>
      hasFreeOrders &&
      settings.startsAtMs <= Date.parse(time) &&
      !isSealed(settings, windowStartOf(settings, settings.endsAtMs - 1), nowMs),
  );
};

/**
 * Whether an order names a coupon of a campaign that was opened, be it still on or not: a coupon may outlive its sale, and
 * is then redeemed, refused or given back as before.
 */
const namesCoupon = ({ data, time }: Order, campaigns: readonly OpenCampaign[]): boolean => {
  const coupon = data.couponId === undefined ? undefined : parseCouponId(data.couponId);
  return campaigns.some(
    ({ hasCoupons, settings }) =>
      hasCoupons && settings.campaignId === coupon?.campaignId && settings.startsAtMs <= Date.parse(time),
  );
};

const originOf = ({ body, messageId, sentMs }: Delivery, index: number): Origin => ({
  body,
  place: `${messageId}#${index}`,
  sentMs,
});

/**
 * Decides where each event of a batch goes. An event that is bad is rejected alone; its neighbours in the message and in
 * the batch are none the worse for it. An order that no campaign of `campaigns` spans waits until `waitMs` after its
 * message was sent, because the first seconds of a sale must not depend on which message came first.
 */
export const route = (
  deliveries: readonly Delivery[],
  campaigns: readonly OpenCampaign[],
  nowMs: number,
  waitMs: number,
): Routed => {
  const routed: Routed = { presales: [], metrics: [], coupons: [], freeOrders: [], waiting: [], rejects: [] };
  for (const delivery of deliveries) {
    const mayWait = nowMs < delivery.sentMs + waitMs;
    const parsed = parseBody(delivery.body);
    if (!parsed.ok) {
      routed.rejects.push(rejectOf(parsed.rejection, delivery.body, originOf(delivery, 0)));
      continue;
    }
    const waiting: unknown[] = [];
    for (const [index, value] of parsed.events.entries()) {
      const reject = (cause: Rejection) =>
        routed.rejects.push(rejectOf(cause, value, originOf(delivery, index)));
      const result = parseEvent(value, nowMs);
      if (!result.ok) {
        reject(result.rejection);
        continue;
      }
      const { event } = result;
      switch (event.type) {
        case 'presale.started':
          routed.presales.push(event);
          break;
        case 'order.paid':
        case 'order.refunded': {
          const placement = placeOrder(event, campaigns, nowMs, mayWait);
          const drawing = drawingOf(event, placement, campaigns, nowMs);
          if (drawing.length > 0) {
            routed.freeOrders.push({ campaigns: idsOf(drawing), event: memberEventOf(event) });
          }
          const usesCoupon = namesCoupon(event, campaigns);
          // An order that is given back after the sale concerns its draw and nothing else, so it neither waits nor fails; one
          // that names a coupon does not fail.
          if (placement.kind === 'rejected') {
            const isAfterSale = placement.rejection.reason === 'no-open-campaign';
            if (usesCoupon && isAfterSale)
              routed.coupons.push({ campaigns: [], event: memberEventOf(event) });
            else if (drawing.length === 0) reject(placement.rejection);
          } else if (placement.kind === 'waits') {
            if (drawing.length === 0) waiting.push(value);
          } else {
            for (const campaign of placement.campaigns) {
              routed.metrics.push({ settings: campaign.settings, event: metricEventOf(event, campaign) });
            }
            // An order of campaigns without coupons is not remembered of its member: it is counted, which costs a fiftieth.
            const withCoupons = placement.campaigns.filter(({ hasCoupons }) => hasCoupons);
            if (
              withCoupons.length > 0 ||
              usesCoupon ||
              placement.campaigns.some(({ asksFirstOrders }) => asksFirstOrders)
            ) {
              routed.coupons.push({ campaigns: idsOf(withCoupons), event: memberEventOf(event) });
            }
          }
          break;
        }
        case 'member.updated':
          routed.coupons.push({ campaigns: [], event: memberEventOf(event) });
          break;
        default:
          event satisfies never;
      }
    }
    if (waiting.length > 0) routed.waiting.push({ events: waiting, sentMs: delivery.sentMs });
  }
  return routed;
};
