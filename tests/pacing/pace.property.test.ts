import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Prices } from '#domain/campaigns/prices.ts';
import type { Sale } from '#domain/pacing/curve.ts';
import { type Outlook, paced, type Reading } from '#domain/pacing/pace.ts';
import { seededRandom } from '../support/random.ts';

const MINUTE_MS = 60_000;
const KEY = 'engine/platform';
const COUPON_FEN = 1_000;

/** A sale of two hours. Minute 0 is the end of its first hour. */
const SALE: Sale = { startsAtMs: -60 * MINUTE_MS, endsAtMs: 60 * MINUTE_MS };

const COUPONS_FEN = { [KEY]: COUPON_FEN };

/** No demand was observed. */
const SILENCE: Outlook = { observedUntilMs: SALE.startsAtMs, observed: {}, audience: {} };

const reading = (minute: number, remainingFen: number): Reading => ({
  atMs: minute * MINUTE_MS,
  remainingFen: { [KEY]: remainingFen },
  observedShare: 0,
  courses: {},
});

const priceAfter = (price: number, spentFen: number, hadFen = 60_000_000): number =>
  paced(
    { [KEY]: price },
    { before: reading(0, hadFen), now: reading(1, hadFen - spentFen) },
    { sale: SALE, couponFen: COUPONS_FEN, outlook: SILENCE },
  ).prices[KEY]!;

/** A sale of `minutes` in which members come with offers of random efficiency; returns what was spent up to each minute. */
const spentIn = (minutes: number, budgetFen: number, demandAt: (minute: number) => number, seed: number) => {
  const random = seededRandom(seed);
  const sale: Sale = { startsAtMs: 0, endsAtMs: minutes * MINUTE_MS };
  let prices: Prices = { [KEY]: 0.05 };
  let leftFen = budgetFen;
  let before = reading(0, leftFen);
  const spentFen: number[] = [];
  for (let minute = 1; minute <= minutes; minute++) {
    for (let arrival = 0; arrival < demandAt(minute); arrival++) {
      const efficiency = random() ** 2;
      if (efficiency > prices[KEY]! && leftFen >= COUPON_FEN) leftFen -= COUPON_FEN;
    }
    const now = reading(minute, leftFen);
    ({ prices, reading: before } = paced(
      prices,
      { before, now },
      { sale, couponFen: COUPONS_FEN, outlook: SILENCE },
    ));
    spentFen.push(budgetFen - leftFen);
  }
  return spentFen;
};

describe('a price without observed demand', () => {
  it('rises if more than planned was spent, falls if less was, and stays if spending followed the plan', () => {
    const planned = 1_000_000;
    expect(priceAfter(0.5, 2 * planned)).toBeGreaterThan(0.5);
    expect(priceAfter(0.5, 0)).toBeLessThan(0.5);
    expect(priceAfter(0.5, planned)).toBeCloseTo(0.5, 12);
  });

  it('stays positive, falls by at most a factor of e^0.25 and rises by at most e^0.75, whatever was spent', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e3, noNaN: true }),
        fc.integer({ min: -60_000_000, max: 60_000_000 }),
        (price, spentFen) => {
          const next = priceAfter(price, spentFen);
          expect(next).toBeGreaterThan(0);
          expect(Math.log(next / price)).toBeGreaterThanOrEqual(-0.25 - 1e-12);
          expect(Math.log(next / price)).toBeLessThanOrEqual(0.75 + 1e-12);
        },
      ),
    );
  });

  it('moves less if one coupon a minute is planned than if many are', () => {
    const few = Math.log(priceAfter(0.5, 5_000, 60 * COUPON_FEN) / 0.5);
    const many = Math.log(priceAfter(0.5, 5_000_000, 60 * 1_000 * COUPON_FEN) / 0.5);
    expect(few).toBeGreaterThan(0);
    expect(few).toBeLessThan(many);
  });

  it('moves fast at first, ever slower until a tenth of the sale has passed, and fast again near the end', () => {
    const sale: Sale = { startsAtMs: 0, endsAtMs: 1_440 * MINUTE_MS };
    const movedAt = (minute: number): number => {
      const planned = 1_000 * COUPON_FEN;
      const hadFen = planned * (1_440 - minute);
      const [before, now] = [reading(minute, hadFen), reading(minute + 1, hadFen - 2 * planned)];
      return Math.log(
        paced({ [KEY]: 1 }, { before, now }, { sale, couponFen: COUPONS_FEN, outlook: SILENCE }).prices[KEY]!,
      );
    };
    expect(movedAt(0)).toBeGreaterThan(10 * movedAt(100));
    expect(movedAt(100)).toBeGreaterThan(movedAt(400));
    expect(movedAt(700)).toBeCloseTo(movedAt(400), 12);
    expect(movedAt(1_430)).toBeGreaterThan(10 * movedAt(700));
  });

  it('does not move if no time has passed, if there is no reading, or after the end', () => {
    const prices = { [KEY]: 0.5, 'engine/other': 0.7 };
    const pricesThen = (before: Reading, now: Reading): Prices =>
      paced(prices, { before, now }, { sale: SALE, couponFen: COUPONS_FEN, outlook: SILENCE }).prices;
    expect(pricesThen(reading(1, 5), reading(1, 3))).toEqual(prices);
    expect(pricesThen(reading(61, 5), reading(62, 3))).toEqual(prices);
    expect(pricesThen(reading(1, 500), reading(2, 3))['engine/other']).toBe(0.7);
  });
});

describe('a sale of a day', () => {
  const MINUTES = 1_440;
  const budgetFen = 20_000_000;

  it.each([1, 2, 3])('with steady demand spends its budget as planned, nearly all of it (%i)', (seed) => {
    const spentFen = spentIn(MINUTES, budgetFen, () => 60, seed);
    for (let minute = 120; minute < MINUTES; minute += 60) {
      const plannedFen = (budgetFen * (minute + 1)) / MINUTES;
      expect(Math.abs(spentFen[minute]! - plannedFen) / budgetFen).toBeLessThan(0.03);
    }
    expect(spentFen.at(-1)! / budgetFen).toBeGreaterThan(0.99);
    expect(spentFen.at(-1)!).toBeLessThanOrEqual(budgetFen);
  });

  it('with demand that swings threefold spends its budget by the end, and never more than that', () => {
    const spentFen = spentIn(MINUTES, budgetFen, (minute) => 60 + 30 * Math.sin(minute / 180), 4);
    expect(spentFen.at(-1)! / budgetFen).toBeGreaterThan(0.98);
    expect(spentFen.at(-1)!).toBeLessThanOrEqual(budgetFen);
  });
});
