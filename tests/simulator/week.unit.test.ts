import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';
import { SaleWeek, WEEK_END_MS, WEEK_MS, type WeekOrder } from '#simulator/week.ts';
import { pullIn, rateAt, worldOf } from '#simulator/worlds.ts';

const OFFER = {
  offerId: 'ten',
  pool: 'platform',
  thresholdFen: 2_000,
  discountFen: 1_000,
  scope: 'all' as const,
  validHours: 12,
};
const MEMBERS = 400;

/** A week in which every order brings a coupon. `expected` is how many of them should be used, and `given` are their names. */
const played = (seed: number): { orders: WeekOrder[]; expected: number; given: string[] } => {
  const week = new SaleWeek(seed, MEMBERS);
  const orders: WeekOrder[] = [];
  const given: string[] = [];
  let expected = 0;
  for (let order = week.next(WEEK_END_MS); order !== undefined; order = week.next(WEEK_END_MS)) {
    orders.push(order);
    const name = `coupon-${given.length}`;
    given.push(name);
    expected += week.give(name, OFFER, order.member, order.timeMs);
  }
  return { orders, expected, given };
};

describe('a simulated week', () => {
  it('is the same for the same seed, and different for another seed', () => {
    const [one, same, other] = [played(3), played(3), played(4)];
    expect(one).toEqual(same);
    expect(one.orders.length).not.toBe(other.orders.length);
  });

  it('has orders within the week, in the order of time', () => {
    const times = played(5).orders.map(({ timeMs }) => timeMs);
    expect(times.length).toBeGreaterThan(100);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(WEEK_MS);
    expect(times.at(-1)).toBeLessThan(WEEK_END_MS);
  });

  it('has each coupon used at most once, by its member and before it expires, and about as many used as expected', () => {
    const { orders, expected, given } = played(6);
    const uses = orders.filter(({ coupon }) => coupon !== undefined);
    expect(new Set(uses.map(({ coupon }) => coupon)).size).toBe(uses.length);
    for (const { coupon, member, timeMs } of uses) {
      const source = orders[given.indexOf(coupon!)]!;
      expect(source.member).toBe(member);
      expect(timeMs).toBeGreaterThan(source.timeMs);
      expect(timeMs).toBeLessThan(source.timeMs + OFFER.validHours * HOUR_MS);
    }
    expect(Math.abs(uses.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
  });

  it('gives a coupon a lower chance of use if its threshold is higher, or if its member has another coupon', () => {
    const week = new SaleWeek(6, MEMBERS);
    const member = week.customers.findIndex(({ perDay }) => perDay > week.world.perDay);
    const alone = week.chanceOf(OFFER, member, WEEK_MS);
    expect(week.chanceOf({ ...OFFER, thresholdFen: 20_000 }, member, WEEK_MS)).toBeLessThan(alone);
    expect(week.give('first', OFFER, member, WEEK_MS)).toBe(alone);
    expect(week.chanceOf(OFFER, member, WEEK_MS)).toBeLessThan(alone);
    expect(alone).toBeLessThan(1);
  });

  it('has earlier orders of members who are not new, and of nobody else', () => {
    const { customers, history } = new SaleWeek(7, MEMBERS);
    expect(history.length).toBeGreaterThan(MEMBERS);
    for (const { member, timeMs } of history) {
      expect(customers[member]!.isNew).toBe(false);
      expect(timeMs).toBeLessThan(WEEK_MS);
    }
  });
});

describe('worlds', () => {
  const worlds = Array.from({ length: 50 }, (_, seed) => worldOf(seed));

  it('differ in which members react to coupons: a trait may raise or lower the effect', () => {
    for (const weight of ['pullPerHabit', 'pullPerNear', 'pullPerBasket', 'pullOfNewcomers'] as const) {
      const signs = worlds.map((world) => Math.sign(world[weight]));
      expect(new Set(signs)).toEqual(new Set([-1, 1]));
    }
  });

  it('have up to 80 % newcomers', () => {
    const shares = worlds.map(({ newcomerShare }) => newcomerShare);
    expect(Math.max(...shares)).toBeGreaterThan(0.7);
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.8);
    expect(Math.min(...shares)).toBeLessThan(0.1);
  });

  it('have an order rate that differs from day to day and is at most twice the usual rate', () => {
    for (const world of worlds) {
      const rates = Array.from({ length: 7 * 24 }, (_, hour) => rateAt(world, WEEK_MS + hour * HOUR_MS));
      expect(Math.max(...rates)).toBeLessThanOrEqual(2);
      expect(Math.min(...rates)).toBeGreaterThan(0);
      const days = Array.from({ length: 7 }, (_, day) => rateAt(world, WEEK_MS + day * DAY_MS));
      expect(new Set(days).size).toBe(7);
    }
  });

  it('have members who react more to larger discounts', () => {
    for (const [seed, world] of worlds.entries()) {
      const [customer] = new SaleWeek(seed, 1).customers;
      const small = pullIn(world, customer!, OFFER);
      expect(pullIn(world, customer!, { ...OFFER, discountFen: 1_500 })).toBeGreaterThan(small);
    }
  });
});
