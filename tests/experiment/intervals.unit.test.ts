import { describe, expect, it } from 'vitest';
import { type ArmSum, differenceOf, FEWEST_ORDERS } from '#domain/experiment/difference.ts';
import { FEWEST_REDEEMED, liftOf } from '#domain/experiment/lift.ts';
import { squaresOf } from '#domain/experiment/squares.ts';

const CONFIDENCE = 0.95;

describe('the lift in conversion', () => {
  const engine = { issued: 10_000, redeemed: 2_324 };
  const baseline = { issued: 10_000, redeemed: 2_000 };

  it('is the ratio of the conversions minus 1, with an interval that is symmetric on a logarithmic scale', () => {
    const lift = liftOf(engine, baseline, CONFIDENCE)!;
    expect(lift.estimate).toBeCloseTo(0.162, 12);
    expect((1 + lift.low) * (1 + lift.high)).toBeCloseTo(1.162 ** 2, 12);
    // A standard error is sqrt(0.7676 / 2324 + 0.8 / 2000). Half the interval is 3.04 of them where the
    // boundary is lowest, and a little more here, because the evidence (the clock in `boundary.ts`) exceeds
    // the number of events that the boundary is tuned for.
    expect(Math.log((1 + lift.high) / 1.162)).toBeCloseTo(3.05 * 0.02702, 3);
  });

  it('becomes its inverse if the arms are exchanged', () => {
    const one = liftOf(engine, baseline, CONFIDENCE)!;
    const other = liftOf(baseline, engine, CONFIDENCE)!;
    expect((1 + one.low) * (1 + other.high)).toBeCloseTo(1, 12);
    expect((1 + one.high) * (1 + other.low)).toBeCloseTo(1, 12);
  });

  it.each([
    ['few redeemed by the baseline', engine, { issued: 10_000, redeemed: FEWEST_REDEEMED - 1 }],
    ['few redeemed by the engine', { issued: 100, redeemed: FEWEST_REDEEMED - 1 }, baseline],
    ['none issued', engine, { issued: 0, redeemed: 0 }],
    ['more redeemed than issued so far', { issued: 100, redeemed: 101 }, baseline],
  ])('is unknown with %s', (_, one, other) => {
    expect(liftOf(one, other, CONFIDENCE)).toBeUndefined();
  });
});

describe('the difference between arms', () => {
  const ordersOf = (eligible: number, members: number, each: number): ArmSum => ({
    eligible,
    orders: members * each,
    sum: members * each,
    squares: members * each ** 2,
  });

  it('is the difference of the exact means, and its interval is as wide above as below', () => {
    const { estimate, low, high } = differenceOf(
      ordersOf(40_000, 4_000, 1),
      ordersOf(10_000, 900, 1),
      CONFIDENCE,
    )!;
    expect(estimate).toBeCloseTo(0.01, 12);
    expect(estimate - low).toBeCloseTo(high - estimate, 12);
    // The evidence (the clock in `boundary.ts`) is the 900 orders of the small arm, and the 4,000 of the
    // large arm, which count for 1/16 each.
    expect(high - estimate).toBeCloseTo(3.04 * Math.sqrt(4_000 / 40_000 ** 2 + 900 / 10_000 ** 2), 4);
  });

  it('is less certain if few members make the orders', () => {
    const width = (members: number, each: number): number => {
      const { low, high } = differenceOf(
        ordersOf(10_000, members, each),
        ordersOf(10_000, members, each),
        CONFIDENCE,
      )!;
      return high - low;
    };
    expect(width(100, 10) / width(1_000, 1)).toBeCloseTo(Math.sqrt(10), 10);
  });

  it('is unknown for few orders, or before the audience is known', () => {
    const many = ordersOf(1_000, 100, 1);
    expect(differenceOf(many, ordersOf(1_000, FEWEST_ORDERS - 1, 1), CONFIDENCE)).toBeUndefined();
    expect(differenceOf(many, ordersOf(1_000, FEWEST_ORDERS, 1), CONFIDENCE)).toBeDefined();
    expect(differenceOf({ ...many, eligible: 0 }, many, CONFIDENCE)).toBeUndefined();
  });
});

describe('the squares of a figure', () => {
  const members = [
    { orders: 1, netFen: 500 },
    { orders: 3, netFen: 0 },
    { orders: 2, netFen: 1_500 },
  ];

  it('are exact if every member is sampled', () => {
    expect(squaresOf(members, 'orders', 6)).toBe(14);
    expect(squaresOf(members, 'netFen', 2_000)).toBe(2_500_000);
  });

  it('grow with the exact sum if only some members are sampled', () => {
    expect(squaresOf(members, 'orders', 60)).toBe(140);
  });

  it('are unknown without members, or if everything is refunded', () => {
    expect(squaresOf([], 'orders', 0)).toBeUndefined();
    expect(squaresOf([{ orders: 1, netFen: 0 }], 'netFen', 0)).toBeUndefined();
  });
});
