/** The first hour of a simulated sale, whose members react to the coupons that they get. */
import type { Offer } from '#events/sections/coupons.ts';
import type { Size } from './announced.ts';
import { type Brand, planBrands } from './brands.ts';
import { SALE_END_MS, SALE_MS } from './calendar.ts';
import { SALE, saleCoupons } from './campaigns.ts';
import { chanceOf, randomBelow, shuffled } from './chance.ts';
import { orderText } from './event.ts';
import { emptyLedger, enterOrder, enterRefund, type Ledger, Rooms } from './ledger.ts';
import { type Malformed, malformedOf } from './malformed.ts';
import type { Taste } from './members.ts';
import { basketOf, type Purchase, purchasesOf } from './purchases.ts';
import { channelFor, opensTo, pullOf, REACTION_MS } from './reaction.ts';
import { participatingStore, quietStore } from './stores.ts';
import type { Effect } from './truth.ts';

/** A coupon as its member learns of it from the outbox. */
export type ReceivedCoupon = {
  grantId: string;
  campaignId: string;
  memberId: string;
  offerId: string;
  /** Such as `engine/platform`. */
  budget: string;
};

/** An event that is due, or a malformed body. If `alone` is set, the text is a whole message. */
export type Due = { text: string; alone: boolean };

/** An order of the hour: a purchase that the member makes anyway, or one that a coupon causes. */
type Order = {
  orderId: string;
  member: number;
  timeMs: number;
  channel: 'far' | 'near';
  brand: number;
  storeId: string | undefined;
  amountFen: number;
  couponId: string | undefined;
  refundMs: number | undefined;
  /** Whether it is at a store that takes part in the free-order promotion. */
  takesPart: boolean;
  /** Whether the member would add to it to reach a coupon's threshold. */
  reaches: boolean;
  isSent: boolean;
};

type Action =
  | { kind: 'order'; timeMs: number; order: Order }
  | { kind: 'refund'; timeMs: number; order: Order }
  | { kind: 'malformed'; timeMs: number; malformed: Malformed };

/** A member may add to a purchase to reach a coupon's threshold of at most this many times the purchase's amount. */
const REACHED_RATIO = 1.6;
/** Of the tries to find a brand for an order that a coupon causes, this share is among the stars, which have the most room. */
const TO_STARS = 0.7;
const TRIES = 4;
/**
 * Matches the id of a presale's coupon: its slot, 00, comes before the hash of its member. In a keyed id, the
 * hash of its cause follows.
 */
const PRESALE_SLOT = /\.00\.(?:[\w-]{12}|[\w-]{16}\.[\w-]{8})$/;

const isPresales = ({ grantId }: Pick<ReceivedCoupon, 'grantId'>): boolean => PRESALE_SLOT.test(grantId);
const STEP_MS = 1_000;

/** Actions by the second in which they are due. Any number of them may be added at any time. */
class Agenda {
  readonly #seconds: Action[][] = Array.from({ length: (SALE_END_MS - SALE_MS) / STEP_MS }, () => []);
  #next = 0;

  add(action: Action): void {
    const second = Math.floor((action.timeMs - SALE_MS) / STEP_MS);
    this.#seconds[Math.max(second, this.#next)]?.push(action);
  }

  /** The actions of all seconds that are over by a time, in the order of their times. */
  take(nowMs: number): Action[] {
    const until = Math.min(this.#seconds.length, Math.floor((nowMs - SALE_MS) / STEP_MS));
    const due: Action[] = [];
    for (; this.#next < until; this.#next++) {
      due.push(...this.#seconds[this.#next]!.sort((a, b) => a.timeMs - b.timeMs));
      this.#seconds[this.#next] = [];
    }
    return due;
  }

  get isOver(): boolean {
    return this.#next === this.#seconds.length;
  }
}

/**
 * A simulated first hour, in a closed loop: members buy what they would have bought anyway, and what coupons make them buy. It
 * gets the time and the coupons, and returns events; it has no clock. The same seed and scale, with the same coupons at the
 * same times, give the same events.
 *
 * The numbers of stars, of doubled brands and of free-order participants are as announced, whichever coupons are given. Purchases
 * without coupons bring every brand to its planned net amount (`brands.ts`). An order that a coupon causes goes to a brand with
 * room below its ceiling. There is always such a brand, because a star that has doubled has no ceiling. Only chosen members buy
 * at stores that take part in the free-order promotion.
 */
export class SaleHour {
  readonly ledger: Ledger = emptyLedger();
  readonly effects: Effect[] = [];
  readonly brands: readonly Brand[];
  readonly #members: readonly Taste[];
  readonly #places = new Map<string, number>();
  readonly #offers: ReadonlyMap<string, Offer>;
  readonly #seed: number;
  readonly #size: Size;
  readonly #rooms: Rooms;
  readonly #agenda = new Agenda();
  readonly #ordersOf = new Map<number, Order[]>();
  readonly #known = new Set<string>();
  readonly #participants: ReadonlySet<number>;
  readonly #stars: readonly number[];
  readonly #largest: number;
  #brought = 0;
  #malformed = 0;

  constructor(seed: number, scale: number, size: Size, members: readonly Taste[]) {
    this.#seed = seed;
    this.#size = size;
    this.#members = members;
    for (const [place, { member }] of members.entries()) this.#places.set(member, place);
    this.#offers = new Map(saleCoupons(scale).offers.map((offer) => [offer.offerId, offer]));
    const purchases = purchasesOf(seed, members, size.lineFen);
    const { brands, brandOf } = planBrands(seed, scale, purchases, size.lineFen);
    this.brands = brands;
    this.#rooms = new Rooms(brands);
    this.#stars = brands.flatMap(({ isStar }, at) => (isStar ? [at] : []));
    this.#largest = brands.findIndex(({ ceilingFen }) => ceilingFen === Number.POSITIVE_INFINITY);
    this.#participants = chosenParticipants(seed, purchases, size.participants);
    for (const [i, purchase] of purchases.entries()) this.#plan(purchase, i, brandOf[i]!);
    for (const malformed of malformedOf(seed)) {
      this.#agenda.add({ kind: 'malformed', timeMs: malformed.timeMs, malformed });
    }
  }

  /** The number of malformed bodies sent so far. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Whether everything has been sent. */
  get isOver(): boolean {
    return this.#agenda.isOver;
  }

  /** Gives members their coupons. A coupon that was given before changes nothing, and neither does one of another campaign. */
  tell(coupons: readonly ReceivedCoupon[], nowMs: number): void {
    for (const coupon of coupons) {
      const offer = this.#offers.get(coupon.offerId);
      const member = this.#places.get(coupon.memberId);
      if (coupon.campaignId !== SALE || offer === undefined || member === undefined) continue;
      if (this.#known.has(coupon.grantId)) continue;
      this.#known.add(coupon.grantId);
      const effect = this.#react(coupon, offer, member, Math.max(nowMs, SALE_MS));
      this.effects.push({
        arm: coupon.budget.split('/', 1)[0]!,
        offer: offer.offerId,
        isPresale: isPresales(coupon),
        ...effect,
      });
    }
  }

  /** The events that are due by a time. They are entered in the ledger as they are returned. */
  due(nowMs: number): Due[] {
    return this.#agenda.take(nowMs).map((action) => this.#send(action));
  }

  #plan(purchase: Purchase, i: number, brand: number): void {
    const { member, timeMs, channel, amountFen, refundMs, reaches } = purchase;
    const takesPart = channel === 'near' && this.#participants.has(member);
    const storeId = channel === 'far' ? undefined : takesPart ? participatingStore(i) : quietStore(i);
    const order: Order = {
      orderId: `2026-${i}`,
      member,
      timeMs,
      channel,
      brand,
      storeId,
      amountFen,
      couponId: undefined,
      refundMs,
      takesPart,
      reaches,
      isSent: false,
    };
    const known = this.#ordersOf.get(member);
    if (known === undefined) this.#ordersOf.set(member, [order]);
    else known.push(order);
    this.#agenda.add({ kind: 'order', timeMs, order });
    if (refundMs !== undefined) this.#agenda.add({ kind: 'refund', timeMs: refundMs, order });
  }

  #send(action: Action): Due {
    switch (action.kind) {
      case 'order': {
        const { order } = action;
        order.isSent = true;
        const fields = this.#fieldsOf(order);
        enterOrder(this.ledger, { ...fields, takesPart: order.takesPart });
        return { text: orderText('paid', fields, order.timeMs), alone: false };
      }
      case 'refund': {
        const fields = this.#fieldsOf(action.order);
        enterRefund(this.ledger, fields);
        return { text: orderText('refunded', fields, action.timeMs), alone: false };
      }
      case 'malformed':
        this.#malformed += 1;
        return { text: action.malformed.body, alone: true };
      default:
        return action satisfies never;
    }
  }

  #fieldsOf({ member, brand, ...order }: Order) {
    return { ...order, member: this.#members[member]!.member, brand: this.brands[brand]!.brand };
  }

  /** Decides what a coupon makes its member do, and returns the coupon's expected effect. */
  #react(
    { grantId }: ReceivedCoupon,
    offer: Offer,
    member: number,
    nowMs: number,
  ): Omit<Effect, 'arm' | 'offer' | 'isPresale'> {
    const fitting = this.#fitting(offer, member);
    if (fitting !== undefined) {
      const raisedFen = Math.max(0, offer.thresholdFen - fitting.amountFen);
      fitting.amountFen += raisedFen;
      fitting.couponId = grantId;
      const isKept = fitting.refundMs === undefined;
      return { conversion: isKept ? 1 : 0, orders: 0, netFen: isKept ? raisedFen : 0 };
    }
    const taste = this.#members[member]!;
    const isFirst = isPresales({ grantId });
    // The presale's coupon and a later one use different streams of random numbers, so neither depends on when the other comes.
    const random = chanceOf(this.#seed, isFirst ? 'reactions' : 'laterReactions', member);
    const conversion = pullOf(taste, offer, isFirst, SALE_END_MS - nowMs);
    const channel = channelFor(offer, random() < taste.nearShare);
    const basketFen = basketOf(taste, channel, this.#size.lineFen, random);
    const amountFen = Math.max(offer.thresholdFen, basketFen);
    const effect = { conversion, orders: conversion, netFen: conversion * amountFen };
    if (random() >= conversion) return effect;
    // How long a member hesitates is distributed exponentially, and limited to the rest of the hour.
    const leftMs = SALE_END_MS - nowMs;
    const share = random() * (1 - Math.exp(-leftMs / REACTION_MS));
    const timeMs = Math.min(SALE_END_MS - 1, nowMs + Math.ceil(-REACTION_MS * Math.log(1 - share)));
    const brand = this.#brandWithRoom(amountFen, random);
    const order: Order = {
      orderId: `2026-c${this.#brought++}`,
      member,
      timeMs,
      channel,
      brand,
      storeId: channel === 'near' ? quietStore(member) : undefined,
      amountFen,
      couponId: grantId,
      refundMs: undefined,
      takesPart: false,
      reaches: false,
      isSent: false,
    };
    this.#agenda.add({ kind: 'order', timeMs, order });
    return effect;
  }

  /** The member's next purchase on which a coupon can be used, as it is or once the member adds something. */
  #fitting(offer: Offer, member: number): Order | undefined {
    return this.#ordersOf.get(member)?.find((order) => {
      if (order.isSent || order.couponId !== undefined || !opensTo(offer, order.channel)) return false;
      if (order.amountFen >= offer.thresholdFen) return true;
      const isNear = order.amountFen * REACHED_RATIO >= offer.thresholdFen;
      return order.reaches && isNear && this.#rooms.take(order.brand, offer.thresholdFen - order.amountFen);
    });
  }

  #brandWithRoom(fen: number, random: () => number): number {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const at =
        random() < TO_STARS
          ? this.#stars[randomBelow(random, this.#stars.length)]!
          : randomBelow(random, this.brands.length);
      if (this.#rooms.take(at, fen)) return at;
    }
    return this.#largest;
  }
}

/** Chooses, among the members with a near purchase, those who take part in the free-order promotion. */
const chosenParticipants = (seed: number, purchases: readonly Purchase[], count: number): Set<number> => {
  const near = new Set(purchases.filter(({ channel }) => channel === 'near').map(({ member }) => member));
  if (near.size < count)
    throw new Error(`scale: expected at least ${count} members who buy near, got ${near.size}`);
  return new Set(shuffled([...near], chanceOf(seed, 'participants')).slice(0, count));
};
