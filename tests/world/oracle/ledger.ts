import { createHash } from 'node:crypto';
import { isBad } from './contract-check.ts';

/** An order, or a refund of one, as a producer sent it. */
export type SentOrder = {
  readonly kind: 'paid' | 'refunded';
  /** The first 96 bits of SHA-256 over source and id, which identify the event in the pipeline. */
  readonly eventId: string;
  readonly timeMs: number;
  readonly sentMs: number;
  readonly order: string;
  readonly member: string;
  readonly brand: string;
  readonly channel: 'far' | 'near';
  readonly store: string | undefined;
  readonly fen: number;
  readonly coupon: string | undefined;
};

export type SentTier = {
  readonly eventId: string;
  readonly timeMs: number;
  readonly sentMs: number;
  readonly member: string;
  readonly tier: string;
};

export type SentLink = { readonly eventId: string; readonly alias: string; readonly member: string };

/** A campaign as its opening event defined it. */
export type SentDefinition = { readonly sentMs: number; readonly definition: Definition };

/** The end that a `campaign.extended` event asked for. */
export type SentExtension = { readonly sentMs: number; readonly endsMs: number };

export type Definition = {
  readonly campaignId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly metrics?: { windowSeconds?: number; horizonHours?: number };
  readonly coupons?: {
    budgets: { pool: string; totalFen: number; presaleShare: number }[];
    offers: {
      offerId: string;
      pool: string;
      thresholdFen: number;
      discountFen: number;
      scope: string;
      brands?: string[];
    }[];
    perMemberLimit: number;
    settlementHours?: number;
    arms?: { engine: number; baseline: number; control: number };
  };
  readonly freeOrders?: {
    mode: 'instant' | 'slot';
    odds?: { win: number; in: number };
    slotSeconds?: number;
    prizes?: number;
    graceSeconds?: number;
    beacon?: { delaySeconds?: number; recordedRound?: number };
    channels: string[];
    stores?: string[];
    minimumPaidFen?: number;
    tiers?: string[];
    firstOrderOnly?: boolean;
    perMember?: number;
    perMemberPerDay?: number;
    blockedMembers?: string[];
    dayOffsetMinutes?: number;
    capFen: number;
    quota: number;
    budgetFen: number;
  };
};

/** Something that intake must not accept. */
export type SentBad = {
  readonly sentMs: number;
  readonly body: string;
  readonly index: number;
  readonly value: unknown;
};

const ID_BYTES = 12;

export const eventIdOf = (source: string, id: string): string =>
  createHash('sha256').update(`${source}\0${id}`).digest().subarray(0, ID_BYTES).toString('base64url');

type Event = { type: string; source: string; id: string; time: string; data: Record<string, unknown> };

const add = <Value>(map: Map<string, Value[]>, key: string, value: Value): void => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

/** An order is identified by member and number, because several shops may use the same numbers. */
export const orderKey = (member: string, order: string): string => `${member}\n${order}`;

/** The oracle's record of everything that producers sent. An event that is sent again with the same content is kept once. */
export class Ledger {
  /** By the event's id, every content that was sent under it, the earliest first. */
  readonly orders = new Map<string, SentOrder[]>();
  readonly byOrder = new Map<string, SentOrder[]>();
  readonly byCoupon = new Map<string, SentOrder[]>();
  readonly byMember = new Map<string, SentOrder[]>();
  readonly tiers = new Map<string, SentTier[]>();
  readonly links: SentLink[] = [];
  /** The members whose erasure was asked for. */
  readonly erasures = new Set<string>();
  readonly definitions = new Map<string, SentDefinition[]>();
  readonly extensions = new Map<string, SentExtension[]>();
  readonly bad: SentBad[] = [];
  /** How many messages were sent. */
  messages = 0;
  readonly #contents = new Set<string>();

  /** Notes a message's body when it is sent. */
  note(body: string, sentMs: number): void {
    this.messages++;
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      this.bad.push({ sentMs, body, index: 0, value: body });
      return;
    }
    if (!Array.isArray(value)) this.#noteEvent(value, { sentMs, body, index: 0 });
    else if (value.length === 0) this.bad.push({ sentMs, body, index: 0, value });
    else for (const [index, event] of value.entries()) this.#noteEvent(event, { sentMs, body, index });
  }

  #noteEvent(value: unknown, origin: { sentMs: number; body: string; index: number }): void {
    if (isBad(value, origin.sentMs)) {
      this.bad.push({ ...origin, value });
      return;
    }
    const event = value as Event;
    const content = JSON.stringify([event.type, event.source, event.id, event.time, event.data]);
    if (this.#contents.has(content)) return;
    this.#contents.add(content);
    const { data } = event;
    const { sentMs } = origin;
    const timeMs = Date.parse(event.time);
    const eventId = eventIdOf(event.source, event.id);
    switch (event.type) {
      case 'presale.started':
        add(this.definitions, String(data.campaignId), { sentMs, definition: data as unknown as Definition });
        break;
      case 'member.updated': {
        const member = String(data.memberId);
        add(this.tiers, member, { eventId, timeMs, sentMs, member, tier: String(data.tier ?? '') });
        break;
      }
      case 'member.linked':
        this.links.push({ eventId, alias: String(data.aliasId), member: String(data.memberId) });
        break;
      case 'member.erased':
        this.erasures.add(String(data.memberId));
        break;
      case 'campaign.extended':
        add(this.extensions, String(data.campaignId), { sentMs, endsMs: Date.parse(String(data.endsAt)) });
        break;
      case 'campaign.paused':
      case 'campaign.resumed':
      case 'campaign.capped':
      case 'campaign.closed':
        // Nothing is noted: the oracle reads pauses and ceilings from the items of the campaigns table.
        break;
      default:
        this.#noteOrder({
          kind: event.type === 'order.paid' ? 'paid' : 'refunded',
          eventId,
          timeMs,
          sentMs,
          order: String(data.orderId),
          member: String(data.memberId),
          brand: String(data.brandId),
          channel: data.channel as 'far' | 'near',
          store: data.storeId as string | undefined,
          fen: Number(data.amountFen),
          coupon: data.couponId as string | undefined,
        });
    }
  }

  #noteOrder(order: SentOrder): void {
    add(this.orders, order.eventId, order);
    add(this.byOrder, orderKey(order.member, order.order), order);
    add(this.byMember, order.member, order);
    if (order.coupon !== undefined) add(this.byCoupon, order.coupon, order);
  }

  /** How many events were sent, each content counted once, plus everything bad, counted each time that it was sent. */
  get events(): number {
    return this.#contents.size + this.bad.length;
  }

  /** The id of every member whom an acceptable event is about. */
  memberIds(): Set<string> {
    return new Set([
      ...this.byMember.keys(),
      ...this.tiers.keys(),
      ...this.erasures,
      ...this.links.flatMap(({ alias, member }) => [alias, member]),
    ]);
  }

  /** The events of a member's order that were sent. */
  ofOrder(member: string, order: string): readonly SentOrder[] {
    return this.byOrder.get(orderKey(member, order)) ?? [];
  }
}

/** The events of one kind, each once. If one id was sent with several contents, only the first is kept. */
export const distinctOf = (sent: readonly SentOrder[], kind: SentOrder['kind']): SentOrder[] => [
  ...new Map(
    sent
      .filter((one) => one.kind === kind)
      .toReversed()
      .map((one) => [one.eventId, one]),
  ).values(),
];

export const fenOf = (sent: readonly SentOrder[]): number => sent.reduce((sum, { fen }) => sum + fen, 0);
