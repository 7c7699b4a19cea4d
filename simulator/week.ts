import type { Offer } from '#events/sections/coupons.ts';
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';
import { chanceOf, exponential, logNormal, type Random } from './chance.ts';
import { BASKET_SIGMA, type Channel, opensTo, useChance } from './use-chance.ts';
import { type Customer, customersOf, pullIn, rateAt, type World, worldOf } from './worlds.ts';

/**
 * A simulated sale of a week, in one of the worlds of `worlds.ts`. It is a closed loop: members buy what they would have bought
 * anyway, and what the coupons that they get make them buy.
 */

export const WEEK_DAYS = 7;
/** When the week begins: a Monday. */
export const WEEK_MS = Date.UTC(2026, 5, 1);
export const WEEK_END_MS = WEEK_MS + WEEK_DAYS * DAY_MS;

/** An order of the week or of the time before it. */
export type WeekOrder = {
  id: string;
  member: number;
  timeMs: number;
  channel: Channel;
  amountFen: number;
  /** The coupon that it uses, as it was named when it was given. */
  coupon: string | undefined;
};

const HISTORY_DAYS = 365;
const AMOUNT_FEN_MIN = 500;
/** The mean time from a coupon to the order that it causes, as a share of the time in which the coupon can be used. */
const THINKING_SHARE = 0.3;

const basketOf = ({ farBasketFen, nearBasketFen }: Customer, channel: Channel, random: Random): number =>
  Math.max(
    AMOUNT_FEN_MIN,
    Math.round(logNormal(random, channel === 'near' ? nearBasketFen : farBasketFen, BASKET_SIGMA)),
  );

const channelOf = ({ nearShare }: Customer, random: Random): Channel =>
  random() < nearShare ? 'near' : 'far';

const endOf = ({ validHours }: Offer, nowMs: number): number =>
  Math.min(WEEK_END_MS, nowMs + validHours * HOUR_MS);

export class SaleWeek {
  readonly world: World;
  readonly customers: readonly Customer[];
  /** What was bought in the year before, in the order of time. */
  readonly history: readonly WeekOrder[];
  readonly #seed: number;
  readonly #natural: WeekOrder[][];
  readonly #queue: WeekOrder[];
  /** The coupons that each member got. */
  readonly #held: { endMs: number; usedMs: number }[][];
  #next = 0;
  #brought = 0;
  #reactions = 0;

  constructor(seed: number, members: number) {
    this.#seed = seed;
    this.world = worldOf(seed);
    this.customers = customersOf(seed, this.world, members);
    this.#held = this.customers.map(() => []);
    const random = chanceOf(seed, 'purchases');
    const bought = (member: number, timeMs: number, id: string): WeekOrder => {
      const customer = this.customers[member]!;
      const channel = channelOf(customer, random);
      return {
        id,
        member,
        timeMs,
        channel,
        amountFen: basketOf(customer, channel, random),
        coupon: undefined,
      };
    };
    this.history = this.customers
      .flatMap((customer, member) => {
        if (customer.isNew) return [];
        const orders: WeekOrder[] = [];
        let timeMs = WEEK_MS - exponential(random, DAY_MS / customer.perDay);
        for (
          ;
          timeMs > WEEK_MS - HISTORY_DAYS * DAY_MS;
          timeMs -= exponential(random, DAY_MS / customer.perDay)
        )
          orders.push(bought(member, Math.floor(timeMs), `before-${member}-${orders.length}`));
        return orders;
      })
      .sort((a, b) => a.timeMs - b.timeMs);
    this.#natural = this.customers.map((customer, member) => {
      const orders: WeekOrder[] = [];
      // Thinning: candidates come at the highest rate; each is kept with the probability (rate at its time) / (highest rate).
      const most = 2 * customer.perDay;
      for (let timeMs = WEEK_MS; ; ) {
        timeMs += exponential(random, DAY_MS / most);
        if (timeMs >= WEEK_END_MS) return orders;
        if (random() * most < customer.perDay * rateAt(this.world, timeMs))
          orders.push(bought(member, Math.floor(timeMs), `week-${member}-${orders.length}`));
      }
    });
    this.#queue = this.#natural.flat().sort((a, b) => a.timeMs - b.timeMs);
  }

  /** The next order up to a time; undefined if there is none. A coupon that is given for an order may cause a later order. */
  next(untilMs: number): WeekOrder | undefined {
    const order = this.#queue[this.#next];
    if (order === undefined || order.timeMs > untilMs) return undefined;
    this.#next++;
    return order;
  }

  /**
   * Gives a coupon to a member at a time, and decides whether and when it is used. Returns the probability, before that decision,
   * that it is used.
   */
  give(name: string, offer: Offer, member: number, nowMs: number): number {
    const chance = this.chanceOf(offer, member, nowMs);
    const endMs = endOf(offer, nowMs);
    const usedMs = this.#use(name, offer, member, { nowMs, endMs });
    this.#held[member]!.push({ endMs, usedMs });
    return chance;
  }

  /** How likely a coupon is to be used, if a member gets it now. */
  chanceOf(offer: Offer, member: number, nowMs: number): number {
    const held = this.#held[member]!;
    const others = held.filter(({ endMs, usedMs }) => endMs > nowMs && usedMs > nowMs).length;
    const time = { fromMs: nowMs, endMs: endOf(offer, nowMs), others };
    return useChance(this.world, this.customers[member]!, offer, time);
  }

  /** When a coupon is used; Infinity if never. */
  #use(
    name: string,
    offer: Offer,
    member: number,
    { nowMs, endMs }: { nowMs: number; endMs: number },
  ): number {
    const fitting = this.#natural[member]!.find(
      ({ timeMs, coupon, channel, amountFen }) =>
        timeMs > nowMs &&
        timeMs < endMs &&
        coupon === undefined &&
        opensTo(offer, channel) &&
        amountFen >= offer.thresholdFen,
    );
    if (fitting !== undefined) {
      fitting.coupon = name;
      return fitting.timeMs;
    }
    const customer = this.customers[member]!;
    const random = chanceOf(this.#seed, 'reactions', this.#reactions++);
    const share = (endMs - nowMs) / (offer.validHours * HOUR_MS);
    if (random() >= share * pullIn(this.world, customer, offer)) return Number.POSITIVE_INFINITY;
    const timeMs = Math.floor(
      Math.min(endMs - 1, nowMs + 1 + exponential(random, THINKING_SHARE * (endMs - nowMs))),
    );
    const channel =
      offer.scope === 'all' ? channelOf(customer, random) : offer.scope === 'near' ? 'near' : 'far';
    this.#insert({
      id: `brought-${this.#brought++}`,
      member,
      timeMs,
      channel,
      amountFen: Math.max(offer.thresholdFen, basketOf(customer, channel, random)),
      coupon: name,
    });
    return timeMs;
  }

  #insert(order: WeekOrder): void {
    let low = this.#next;
    let high = this.#queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#queue[middle]!.timeMs <= order.timeMs) low = middle + 1;
      else high = middle;
    }
    this.#queue.splice(low, 0, order);
  }
}
