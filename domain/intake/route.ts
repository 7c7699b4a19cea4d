import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { memberEventOf } from '#domain/members/member-event.ts';
import {
  type EventOf,
  type EventType,
  type PipelineEvent,
  type PresaleStarted,
  parseBody,
  parseEvent,
} from '#events/contract.ts';
import type { RoutingContext } from './place-order.ts';
import { type Origin, type Reject, rejectOf } from './rejects.ts';
import { type OrderRoute, type RoutedMemberEvent, type RoutedMetric, routeOrder } from './route-order.ts';

/** A message as it came in: `sentMs` is when its producer sent it, or when its events were first received. */
export type Delivery = { messageId: string; body: string; sentMs: number };

/** Orders of one message without an open campaign that may still get one; `sentMs` as of its first delivery. */
export type WaitingOrders = { events: unknown[]; sentMs: number };

/** Where a batch's events go. */
export type Routed = {
  presales: PresaleStarted[];
  metrics: RoutedMetric[];
  /** What concerns members, with the campaigns with coupons that it belongs to. */
  coupons: RoutedMemberEvent[];
  /** Orders that may be free, or are given back, with the campaigns with free orders that they belong to. */
  freeOrders: RoutedMemberEvent[];
  waiting: WaitingOrders[];
  rejects: Reject[];
};

/** Where one event goes; a field that is left out: not there. */
type EventRoute = OrderRoute & { presale?: PresaleStarted };

/** The one place that says what becomes of an event of each type. */
const ROUTERS: {
  readonly [Type in EventType]: (event: EventOf<Type>, context: RoutingContext) => EventRoute;
} = {
  'presale.started': (event) => ({ presale: event }),
  'order.paid': routeOrder,
  'order.refunded': routeOrder,
  'member.updated': (event) => ({ coupon: { campaigns: [], event: memberEventOf(event) } }),
};

const routeEvent = <Type extends EventType>(event: EventOf<Type>, context: RoutingContext): EventRoute =>
  ROUTERS[event.type as Type](event, context);

const originOf = ({ body, messageId, sentMs }: Delivery, index: number): Origin => ({
  body,
  place: `${messageId}#${index}`,
  sentMs,
});

/** Adds where the events of one message go. */
const routeDelivery = (routed: Routed, delivery: Delivery, context: RoutingContext): void => {
  const parsed = parseBody(delivery.body);
  if (!parsed.ok) {
    routed.rejects.push(rejectOf(parsed.rejection, delivery.body, originOf(delivery, 0)));
    return;
  }
  const waiting: unknown[] = [];
  for (const [index, value] of parsed.events.entries()) {
    const result = parseEvent(value, context.nowMs);
    const to: EventRoute = result.ok
      ? routeEvent<PipelineEvent['type']>(result.event, context)
      : { rejection: result.rejection };
    if (to.presale !== undefined) routed.presales.push(to.presale);
    if (to.metrics !== undefined) routed.metrics.push(...to.metrics);
    if (to.coupon !== undefined) routed.coupons.push(to.coupon);
    if (to.freeOrder !== undefined) routed.freeOrders.push(to.freeOrder);
    if (to.waits) waiting.push(value);
    if (to.rejection !== undefined) {
      routed.rejects.push(rejectOf(to.rejection, value, originOf(delivery, index)));
    }
  }
  if (waiting.length > 0) routed.waiting.push({ events: waiting, sentMs: delivery.sentMs });
};

/**
 * Decides where each event of a batch goes. A bad event is rejected alone; other events in its message and in the batch are
 * unaffected. An order that no campaign of `campaigns` spans waits until `waitMs` after its message was sent, because the
 * first seconds of a sale must not depend on which message came first.
 */
export const route = (
  deliveries: readonly Delivery[],
  campaigns: readonly OpenCampaign[],
  nowMs: number,
  waitMs: number,
): Routed => {
  const routed: Routed = { presales: [], metrics: [], coupons: [], freeOrders: [], waiting: [], rejects: [] };
  for (const delivery of deliveries) {
    routeDelivery(routed, delivery, { campaigns, nowMs, mayWait: nowMs < delivery.sentMs + waitMs });
  }
  return routed;
};

/** Whether events found no campaign, so that the list of open campaigns is worth reading again. */
export const missesCampaign = ({ waiting, rejects }: Routed): boolean =>
  waiting.length > 0 || rejects.some(({ reason }) => reason === 'no-open-campaign');
