/** Decides which receivers get an order: the metrics, the coupon function and the draws. */
import { armOf } from '#domain/campaigns/arms.ts';
import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { REFUND_HORIZON_MS } from '#domain/campaigns/refund-horizon.ts';
import { parseCouponId } from '#domain/grants/coupon-id.ts';
import { type MemberEvent, memberEventOf } from '#domain/members/member-event.ts';
import { type MetricEvent, PAID, REFUNDED } from '#domain/metrics/metric-event.ts';
import { type CampaignSettings, plannedEndOf, type Rejection } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import { type Order, type Placement, placeOrder, type RoutingContext } from './place-order.ts';

/** An event for the metrics of one campaign. */
export type RoutedMetric = { settings: CampaignSettings; event: MetricEvent & { sentMs: number } };
/** An event of a member, with the ids of the campaigns that it belongs to. */
export type RoutedMemberEvent = { campaigns: string[]; event: MemberEvent };

/** Where one order goes. A destination whose field is missing does not get the order. */
export type OrderRoute = {
  metrics?: RoutedMetric[];
  coupon?: RoutedMemberEvent;
  freeOrder?: RoutedMemberEvent;
  /** Set if the order comes back later, because a campaign that spans it may still open. */
  waits?: true;
  /** Set if the order names a coupon of a campaign that is not known here: the campaign may have been opened just now. */
  misses?: true;
  rejection?: Rejection;
};

/** An order as a campaign counts it. If the campaign compares arms, the label ends in the member's arm: `paid/near/control`. */
const metricEventOf = (
  order: Order,
  { assignment }: OpenCampaign,
  sentMs: number,
): RoutedMetric['event'] => ({
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
  sentMs,
  ...(order.data.storeId === undefined ? {} : { store: order.data.storeId }),
});

const toMembersOf = (campaigns: readonly OpenCampaign[], order: Order): RoutedMemberEvent => ({
  campaigns: campaigns.map(({ settings }) => settings.campaignId),
  event: memberEventOf(order),
});

/**
 * The campaigns whose draw an order concerns. A paid order concerns those that count it, up to the end with which they were
 * opened: an extension does not prolong a draw. Most refunds come after the sale. So a refund goes to every draw until the
 * refund horizon, or the campaign's own if that is longer, has passed since the campaign's end, whatever the refund's own time
 * is. The draw then looks for the refunded order.
 */
const campaignsWithDraw = (
  { type, time }: Order,
  placement: Placement,
  { campaigns, nowMs }: RoutingContext,
): OpenCampaign[] => {
  switch (type) {
    case 'order.paid':
      return placement.kind === 'campaigns'
        ? placement.campaigns.filter(
            ({ hasFreeOrders, settings }) => hasFreeOrders && Date.parse(time) < plannedEndOf(settings),
          )
        : [];
    case 'order.refunded':
      return campaigns.filter(
        ({ hasFreeOrders, settings: { endsAtMs, horizonMs } }) =>
          hasFreeOrders && nowMs < endsAtMs + Math.max(horizonMs, REFUND_HORIZON_MS),
      );
    default:
      return type satisfies never;
  }
};

/**
 * Whether an order names a coupon of a campaign that was opened and has begun. The campaign may be over: a coupon may outlive
 * its sale, and is then redeemed, refused or returned as during the sale.
 */
const namesCoupon = ({ data, time }: Order, campaigns: readonly OpenCampaign[]): boolean => {
  const coupon = data.couponId === undefined ? undefined : parseCouponId(data.couponId);
  return campaigns.some(
    ({ hasCoupons, settings }) =>
      hasCoupons && settings.campaignId === coupon?.campaignId && settings.startsAtMs <= Date.parse(time),
  );
};

const missesCampaignOfCoupon = ({ data }: Order, campaigns: readonly OpenCampaign[]): boolean => {
  const coupon = data.couponId === undefined ? undefined : parseCouponId(data.couponId);
  return coupon !== undefined && !campaigns.some(({ settings }) => settings.campaignId === coupon.campaignId);
};

/**
 * Counts an order in its campaigns. The order goes to the coupon function too if it names a coupon, or if one of the campaigns
 * needs it in the member's profile.
 */
const routeCounted = (
  order: Order,
  campaigns: readonly OpenCampaign[],
  { usesCoupon, sentMs }: { usesCoupon: boolean; sentMs: number },
): OrderRoute => {
  const metrics = campaigns.map((campaign) => ({
    settings: campaign.settings,
    event: metricEventOf(order, campaign, sentMs),
  }));
  const withCoupons = campaigns.filter(({ hasCoupons }) => hasCoupons);
  // Counting costs a fiftieth of a profile's write, so an order goes into the profile only if something needs it there.
  const isKept = withCoupons.length > 0 || usesCoupon || campaigns.some((one) => one.asksFirstOrders);
  return isKept ? { metrics, coupon: toMembersOf(withCoupons, order) } : { metrics };
};

const destinationsOf = (order: Order, context: RoutingContext): OrderRoute => {
  const placement = placeOrder(order, context);
  const withDraw = campaignsWithDraw(order, placement, context);
  const usesCoupon = namesCoupon(order, context.campaigns);
  const toDraw: OrderRoute = withDraw.length === 0 ? {} : { freeOrder: toMembersOf(withDraw, order) };
  const toCoupon: OrderRoute = usesCoupon ? { coupon: toMembersOf([], order) } : {};
  switch (placement.kind) {
    case 'campaigns':
      return {
        ...toDraw,
        ...routeCounted(order, placement.campaigns, { usesCoupon, sentMs: context.sentMs }),
      };
    // Draws of known campaigns get the order at its first delivery. The coupon function gets it once the campaign that may still
    // open is known, because that campaign may have coupons.
    case 'waits':
      return context.hasWaited ? { waits: true } : { ...toDraw, waits: true };
    case 'outside':
      return usesCoupon || withDraw.length > 0
        ? { ...toDraw, ...toCoupon }
        : { rejection: placement.rejection };
    case 'too-late':
      return { ...toDraw, ...toCoupon, rejection: placement.rejection };
    default:
      return placement satisfies never;
  }
};

/**
 * Decides where an order goes. The metrics, the coupon function and the draws each get it now, get it later, or do not get it,
 * independently of each other. An order is rejected only if no campaign counts it and nobody else takes it, or if it is too
 * late to be counted.
 */
export const routeOrder = (order: Order, context: RoutingContext): OrderRoute => {
  const route = destinationsOf(order, context);
  return missesCampaignOfCoupon(order, context.campaigns) ? { ...route, misses: true } : route;
};
