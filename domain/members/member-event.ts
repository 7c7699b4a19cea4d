/** The events of members as the coupon and free-order functions get them, and the messages that carry them. */
import type { MemberLinked, MemberUpdated, OrderPaid, OrderRefunded } from '#events/contract.ts';
import { digestOf, eventIdOf } from '#platform/hash.ts';

/**
 * The trace that an event belongs to, if its producer named one. It is passed on beside the event: it is not stored, and no
 * decision, id or hash depends on it.
 */
type Traced = { traceparent?: string };

/** A paid or refunded order, as the coupon and the free-order functions see it. '' stands for a missing field. */
export type OrderEvent = Traced & {
  kind: 'paid' | 'refunded';
  /** See `eventIdOf`. */
  id: string;
  timeMs: number;
  member: string;
  orderId: string;
  brand: string;
  channel: 'far' | 'near';
  storeId: string;
  amountFen: number;
  couponId: string;
  /** What discounts took off, in fen; absent if the event does not say. */
  discountFen?: number;
  /**
   * A hash of the event's source, see {@link sourceHashOf}; absent in messages of an older version. Two shops may use the same
   * order id.
   */
  source?: string;
};

export type TierEvent = Traced & {
  kind: 'tier';
  id: string;
  timeMs: number;
  member: string;
  /** '' for none. */
  tier: string;
};

/** Says that `member` is an alias of the member `to`. `event` is the event as the producer sent it, in case it is refused. */
export type LinkEvent = Traced & {
  kind: 'linked';
  id: string;
  timeMs: number;
  member: string;
  to: string;
  event: MemberLinked;
};

/** What a member did, or how a member changed. */
export type MemberEvent = OrderEvent | TierEvent | LinkEvent;

/** A member event as a JSON array, which takes a third of the bytes of the object. */
export type MemberEventTuple =
  | [
      kind: 'paid' | 'refunded',
      id: string,
      timeMs: number,
      member: string,
      orderId: string,
      brand: string,
      channel: 'far' | 'near',
      storeId: string,
      amountFen: number,
      couponId: string,
      source?: string,
      discountFen?: number,
    ]
  | [kind: 'tier', id: string, timeMs: number, member: string, tier: string]
  | [kind: 'linked', id: string, timeMs: number, member: string, to: string, event: MemberLinked];

/** A message on the coupon queue: events, and the open campaigns with coupons that all of them belong to. */
export type CouponMessage = {
  campaigns: string[];
  events: MemberEventTuple[];
  /** The trace of each event, '' for none; entries may be missing at the end. May be absent if no event has a trace. */
  traceparents?: string[];
};

/** A message on the free-order queue: orders, and the campaigns with free orders that all of them belong to. */
export type FreeOrderMessage = CouponMessage;

/** The two halves of a message's events; the message itself if it has one event. */
export const halvesOf = ({ campaigns, events, traceparents }: CouponMessage): CouponMessage[] => {
  const part = (from: number, to: number): CouponMessage => ({
    campaigns,
    events: events.slice(from, to),
    ...(traceparents === undefined ? {} : { traceparents: traceparents.slice(from, to) }),
  });
  const { length } = events;
  const half = Math.ceil(length / 2);
  return length < 2 ? [part(0, length)] : [part(0, half), part(half, length)];
};

/** A message's parts: one for each of several campaigns, else its two halves; the message itself if it cannot be divided. */
export const partsOf = (message: FreeOrderMessage): FreeOrderMessage[] =>
  message.campaigns.length > 1
    ? message.campaigns.map(
        (campaign): FreeOrderMessage => ({
          campaigns: [campaign],
          events: message.events,
          ...(message.traceparents === undefined ? {} : { traceparents: message.traceparents }),
        }),
      )
    : halvesOf(message);

const SOURCE_HASH_CHARS = 4;

/** 24 bits of a source's hash, as text: enough to distinguish the few shops that share an order id for one member. */
export const sourceHashOf = (source: string): string =>
  digestOf('source', source).toString('base64url').slice(0, SOURCE_HASH_CHARS);

export const linkEventOf = (event: MemberLinked): LinkEvent => ({
  kind: 'linked',
  id: eventIdOf(event.source, event.id),
  timeMs: Date.parse(event.time),
  member: event.data.aliasId,
  to: event.data.memberId,
  event,
});

export const memberEventOf = (event: OrderPaid | OrderRefunded | MemberUpdated): OrderEvent | TierEvent => {
  const common = {
    id: eventIdOf(event.source, event.id),
    timeMs: Date.parse(event.time),
    member: event.data.memberId,
  };
  if (event.type === 'member.updated') return { kind: 'tier', ...common, tier: event.data.tier ?? '' };
  const { orderId, brandId, channel, storeId, amountFen, couponId } = event.data;
  const discountFen = event.type === 'order.paid' ? event.data.discountFen : undefined;
  return {
    kind: event.type === 'order.paid' ? 'paid' : 'refunded',
    ...common,
    orderId,
    brand: brandId,
    channel,
    storeId: storeId ?? '',
    amountFen,
    couponId: couponId ?? '',
    source: sourceHashOf(event.source),
    ...(discountFen === undefined ? {} : { discountFen }),
  };
};

/** The event if it is an order's; undefined for other events. */
export const orderEventOf = (event: MemberEvent): OrderEvent | undefined => {
  switch (event.kind) {
    case 'paid':
    case 'refunded':
      return event;
    case 'tier':
    case 'linked':
      return undefined;
    default:
      return event satisfies never;
  }
};

export const toMemberTuple = (event: MemberEvent): MemberEventTuple => {
  const { id, timeMs, member } = event;
  switch (event.kind) {
    case 'tier':
      return [event.kind, id, timeMs, member, event.tier];
    case 'linked':
      return [event.kind, id, timeMs, member, event.to, event.event];
    case 'paid':
    case 'refunded': {
      const { kind, orderId, brand, channel, storeId, amountFen, couponId, source, discountFen } = event;
      return [
        kind,
        id,
        timeMs,
        member,
        orderId,
        brand,
        channel,
        storeId,
        amountFen,
        couponId,
        ...(source === undefined ? [] : ([source] as const)),
        ...(source === undefined || discountFen === undefined ? [] : ([discountFen] as const)),
      ] as MemberEventTuple;
    }
    default:
      return event satisfies never;
  }
};

export const fromMemberTuple = (tuple: MemberEventTuple): MemberEvent => {
  switch (tuple[0]) {
    case 'tier': {
      const [kind, id, timeMs, member, tier] = tuple;
      return { kind, id, timeMs, member, tier };
    }
    case 'linked': {
      const [kind, id, timeMs, member, to, event] = tuple;
      return { kind, id, timeMs, member, to, event };
    }
    case 'paid':
    case 'refunded': {
      const [
        kind,
        id,
        timeMs,
        member,
        orderId,
        brand,
        channel,
        storeId,
        amountFen,
        couponId,
        source,
        discountFen,
      ] = tuple;
      return {
        kind,
        id,
        timeMs,
        member,
        orderId,
        brand,
        channel,
        storeId,
        amountFen,
        couponId,
        ...(source === undefined ? {} : { source }),
        ...(discountFen === undefined ? {} : { discountFen }),
      };
    }
    default:
      return tuple satisfies never;
  }
};

/** The events of a message, each with its trace if the message has it. */
export const memberEventsIn = ({ events, traceparents = [] }: CouponMessage): MemberEvent[] =>
  events.map((tuple, i) => {
    const event = fromMemberTuple(tuple);
    const traceparent = traceparents[i] ?? '';
    return traceparent === '' ? event : { ...event, traceparent };
  });
