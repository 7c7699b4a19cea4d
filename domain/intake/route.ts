/** Decides where each event of a batch goes. */
import type { OpenCampaign } from '#domain/campaigns/campaigns-table.ts';
import { linkEventOf, memberEventOf } from '#domain/members/member-event.ts';
import {
  type CampaignCommand,
  type EventOf,
  type EventType,
  type MemberErased,
  type PipelineEvent,
  type PresaleStarted,
  parseBody,
  parseEvent,
  type Rejection,
} from '#events/contract.ts';
import { PLACE_ATTRIBUTE, withoutPlace } from '#events/place.ts';
import { TRACEPARENT_ATTRIBUTE, traceparentOf } from '#events/traceparent.ts';
import { refusalOf, type Senders } from './admission.ts';
import type { Delivery } from './delivery.ts';
import type { RoutingContext } from './place-order.ts';
import { type Origin, type Reject, rejectOf } from './rejects.ts';
import { type OrderRoute, type RoutedMemberEvent, type RoutedMetric, routeOrder } from './route-order.ts';

/** Orders of one message whose campaign may still open. `sentMs` is when the message was first sent. */
export type WaitingOrders = { events: unknown[]; sentMs: number };

/** What the presale function is told to do. */
type Command = (PresaleStarted | CampaignCommand | MemberErased) & { traceparent?: string };

/** Where a batch's events go. */
export type Routed = {
  /** The events that open campaigns or change open ones, and those that erase members. */
  commands: Command[];
  metrics: RoutedMetric[];
  /** Events of members, with the ids of the campaigns with coupons that they belong to. */
  coupons: RoutedMemberEvent[];
  /** Orders that may win, and refunds, with the ids of the campaigns with free orders that they belong to. */
  freeOrders: RoutedMemberEvent[];
  waiting: WaitingOrders[];
  /** Whether an order names a coupon of a campaign that is not known. */
  missesCouponsCampaign: boolean;
  rejects: Reject[];
  /** The traces of all events, refused ones too. */
  traceparents: string[];
  /** Messages that could not be routed. None of their events went anywhere. */
  failures: { messageId: string; cause: unknown }[];
};

/** What the routing of a batch depends on. */
export type RouteOptions = {
  campaigns: readonly OpenCampaign[];
  nowMs: number;
  /** How long after it was sent an order may wait for a campaign to open. */
  waitMs: number;
  senders?: Senders;
  /** Whether an event's place in a replayed file counts as the time of its sending. */
  readsPlaces?: boolean;
};

/** Where one event goes: to the destinations whose fields are set. */
type EventRoute = OrderRoute & { command?: Command };

/** The one place that says where events of each type go. */
const ROUTERS: {
  readonly [Type in EventType]: (event: EventOf<Type>, context: RoutingContext) => EventRoute;
} = {
  'presale.started': (event) => ({ command: event }),
  'campaign.paused': (event) => ({ command: event }),
  'campaign.resumed': (event) => ({ command: event }),
  'campaign.capped': (event) => ({ command: event }),
  'campaign.closed': (event) => ({ command: event }),
  'campaign.extended': (event) => ({ command: event }),
  'order.paid': routeOrder,
  'order.refunded': routeOrder,
  'member.updated': (event) => ({ coupon: { campaigns: [], event: memberEventOf(event) } }),
  'member.linked': (event) => ({ coupon: { campaigns: [], event: linkEventOf(event) } }),
  'member.erased': (event) => ({ command: event }),
};

const routeEvent = <Type extends EventType>(event: EventOf<Type>, context: RoutingContext): EventRoute =>
  ROUTERS[event.type as Type](event, context);

/** A larger event waits without the fields that the pipeline does not read, so that waiting orders fit their messages. */
const MAX_WAITING_BYTES = 20_000;

const waitingForm = (value: unknown, event: PipelineEvent, place: number | undefined): unknown => {
  const traceparent = traceparentOf(value);
  const trace = traceparent === undefined ? {} : { [TRACEPARENT_ATTRIBUTE]: traceparent };
  const form = JSON.stringify(value).length > MAX_WAITING_BYTES ? { ...event, ...trace } : value;
  return place === undefined ? form : { [PLACE_ATTRIBUTE]: place, ...(form as object) };
};

/** A member event that is passed on with its trace. */
const traced = (routed: RoutedMemberEvent, traceparent: string | undefined): RoutedMemberEvent =>
  traceparent === undefined ? routed : { ...routed, event: { ...routed.event, traceparent } };

const originOf = ({ body, messageId, sentMs }: Delivery, index: number): Origin => ({
  body,
  place: `${messageId}#${index}`,
  sentMs,
});

const emptyRouted = (): Routed => ({
  commands: [],
  metrics: [],
  coupons: [],
  freeOrders: [],
  waiting: [],
  missesCouponsCampaign: false,
  rejects: [],
  traceparents: [],
  failures: [],
});

const contentOf = ({ waited, body }: Delivery): ReturnType<typeof parseBody> =>
  waited === undefined ? parseBody(body) : { ok: true, events: [...waited] };

/** Where the events of one message go. */
const routeDelivery = (
  delivery: Delivery,
  context: RoutingContext,
  { senders, readsPlaces }: Required<Pick<RouteOptions, 'senders' | 'readsPlaces'>>,
): Routed => {
  const routed = emptyRouted();
  const reject = (rejection: Rejection, refused: unknown, index: number): void => {
    routed.rejects.push(rejectOf(rejection, refused, originOf(delivery, index)));
  };
  const parsed = contentOf(delivery);
  if (!parsed.ok) {
    reject(parsed.rejection, delivery.body, 0);
    return routed;
  }
  const waiting: unknown[] = [];
  for (const [index, given] of parsed.events.entries()) {
    const { value, place }: ReturnType<typeof withoutPlace> = readsPlaces
      ? withoutPlace(given)
      : { value: given };
    const traceparent = traceparentOf(value);
    if (traceparent !== undefined) routed.traceparents.push(traceparent);
    const result = parseEvent(value, context.nowMs);
    const refusal = result.ok ? refusalOf(result.event, delivery, senders) : result.rejection;
    if (refusal !== undefined || !result.ok) {
      if (refusal !== undefined) reject(refusal, value, index);
      continue;
    }
    const sent = place === undefined ? context : { ...context, sentMs: place };
    const to = routeEvent<PipelineEvent['type']>(result.event, sent);
    if (to.command !== undefined)
      routed.commands.push(traceparent === undefined ? to.command : { ...to.command, traceparent });
    if (to.metrics !== undefined) routed.metrics.push(...to.metrics);
    if (to.coupon !== undefined) routed.coupons.push(traced(to.coupon, traceparent));
    if (to.freeOrder !== undefined) routed.freeOrders.push(traced(to.freeOrder, traceparent));
    if (to.misses) routed.missesCouponsCampaign = true;
    if (to.waits) waiting.push(waitingForm(value, result.event, place));
    if (to.rejection !== undefined) reject(to.rejection, value, index);
  }
  if (waiting.length > 0) routed.waiting.push({ events: waiting, sentMs: delivery.sentMs });
  return routed;
};

const append = <Item>(to: Item[], items: readonly Item[]): void => {
  for (const item of items) to.push(item);
};

/**
 * Decides where each event of a batch goes. A bad event is rejected alone; other events in its message and in the batch are
 * unaffected. A message that cannot be routed does not affect the others. An order that no campaign of `campaigns` spans waits
 * until `waitMs` after its message was first sent, because in the first seconds of a sale an order may arrive before its
 * campaign.
 */
export const route = (
  deliveries: readonly Delivery[],
  { campaigns, nowMs, waitMs, senders = {}, readsPlaces = false }: RouteOptions,
): Routed => {
  const all = emptyRouted();
  for (const delivery of deliveries) {
    const mayWait = nowMs < delivery.sentMs + waitMs;
    const context = {
      campaigns,
      nowMs,
      sentMs: delivery.sentMs,
      mayWait,
      hasWaited: delivery.door === 'waiting',
    };
    try {
      const routed = routeDelivery(delivery, context, { senders, readsPlaces });
      append(all.commands, routed.commands);
      append(all.metrics, routed.metrics);
      append(all.coupons, routed.coupons);
      append(all.freeOrders, routed.freeOrders);
      append(all.waiting, routed.waiting);
      all.missesCouponsCampaign ||= routed.missesCouponsCampaign;
      append(all.rejects, routed.rejects);
      append(all.traceparents, routed.traceparents);
    } catch (cause) {
      all.failures.push({ messageId: delivery.messageId, cause });
    }
  }
  return all;
};

/**
 * Whether some event found no campaign, or names a coupon whose campaign is not known. If so, it is worth reading the list of
 * open campaigns again.
 */
export const missesCampaign = ({ waiting, rejects, missesCouponsCampaign }: Routed): boolean =>
  missesCouponsCampaign || waiting.length > 0 || rejects.some(({ reason }) => reason === 'no-open-campaign');
