import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Demand, demandFen, histogramOf } from '#domain/allocation/demand.ts';
import { demandLabel } from '#domain/metrics/model-calls.ts';
import { type CurvePoint, curveOf, type Sale, shareAt } from '#domain/pacing/curve.ts';
import { forecastOf, NOTHING_WATCHED, type Watch, watched } from '#domain/pacing/forecast.ts';
import { observedDemandOf } from '#domain/pacing/read-outlook.ts';
import { coupons } from '../coupons/factories.ts';

const HOUR_MS = 3_600_000;
const SALE: Sale = { startsAtMs: 0, endsAtMs: 24 * HOUR_MS };

const demands: fc.Arbitrary<Demand> = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 580, max: 660 }), fc.integer({ min: 1_000, max: 1_000_000 })),
  { minLength: 1, maxLength: 40, selector: ([bucket]) => bucket },
);

const scaled = (demand: Demand, factor: number): Demand =>
  demand.map(([bucket, fen]) => [bucket, Math.round(fen * factor)]);

/** Watches a sale up to a share of its plan. The same demand is observed in each hundredth of the plan. */
const steady = (demand: Demand, share: number): Watch => {
  let watch = NOTHING_WATCHED;
  for (let part = 1; part <= share * 100; part++) {
    watch = watched(watch, scaled(demand, part), (part - 1) / 100, part / 100);
  }
  return watch;
};

describe('the observed demand', () => {
  it('adds up to all that was observed, and gives the true pace while the demand is steady', () => {
    fc.assert(
      fc.property(demands, (demand) => {
        const watch = steady(demand, 0.5);
        expect(demandFen(watch.total)).toBe(50 * demandFen(demand));
        expect(watch.paceFen / watch.paceShare / (100 * demandFen(demand))).toBeCloseTo(1, 9);
        expect(demandFen(watch.recent) / watch.recentShare / (100 * demandFen(demand))).toBeCloseTo(1, 2);
      }),
    );
  });

  it('is added up from the figures, and counts orders as model calls divided by calls per order', () => {
    const observed = observedDemandOf(
      [
        [demandLabel('engine/platform', 601), { count: 4, fen: 700 }],
        [demandLabel('engine/platform', 600), { count: 2, fen: 500 }],
        ['model-calls/coupon/none', { count: 6, fen: 0 }],
        ['paid/far', { count: 9, fen: 9 }],
      ],
      coupons(),
    );
    expect(observed).toEqual({
      'engine/platform': {
        orders: 3,
        demand: [
          [600, 500],
          [601, 700],
        ],
      },
    });
  });
});

describe('a forecast', () => {
  const priceFor = (watch: Watch, remainingFen: number, audience?: Demand): number =>
    forecastOf(watch, { share: 0.5, observedShare: 0.5, remainingFen, audience })!.price;

  it('halfway through a sale has the price above which the coming demand costs exactly the money left', () => {
    fc.assert(
      fc.property(demands, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (demand, part) => {
        const toComeFen = 0.95 * 50 * demandFen(demand);
        const price = priceFor(steady(demand, 0.5), part * toComeFen);
        const boughtFen = histogramOf(scaled(demand, 0.95 * 50)).costAbove(price);
        expect(boughtFen / toComeFen).toBeCloseTo(part, 2);
      }),
    );
  });

  it('has the price at which all coming stretches together spend what remains, if values fall with the time left', () => {
    fc.assert(
      fc.property(demands, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (demand, part) => {
        const shares = Array.from({ length: 24 }, (_, slot) => 1 - (slot + 0.5) / 24);
        const timeLeft = { now: 1, slots: shares.map((share) => ({ weight: 1 / 24, share })) };
        const toComeFen = 0.95 * 50 * demandFen(demand);
        const remainingFen = part * toComeFen;
        const watch = steady(demand, 0.5);
        const forecast = forecastOf(watch, {
          share: 0.5,
          observedShare: 0.5,
          remainingFen,
          audience: undefined,
          timeLeft,
        });
        const histogram = histogramOf(scaled(demand, 0.95 * 50));
        const bought = shares.map((share) => histogram.costAbove(forecast!.price / share) / 24);
        expect(bought.reduce((sum, fen) => sum + fen, 0) / toComeFen).toBeCloseTo(part, 1);
        expect(forecast!.price).toBeLessThan(priceFor(watch, remainingFen));
        expect(forecast!.spendFen).toBeGreaterThan(0);
      }),
    );
  });

  it('has no higher price if more money is left', () => {
    fc.assert(
      fc.property(demands, fc.double({ min: 0.1, max: 0.8, noNaN: true }), (demand, part) => {
        const watch = steady(demand, 0.5);
        const fen = part * 50 * demandFen(demand);
        expect(priceFor(watch, 1.2 * fen)).toBeLessThanOrEqual(priceFor(watch, fen));
      }),
    );
  });

  it('takes its mix from the audience and its size from the observed demand', () => {
    const came: Demand = [[600, 10_000]];
    const audience: Demand = [
      [600, 7],
      [640, 7],
    ];
    const price = priceFor(steady(came, 0.5), 0.25 * 0.95 * 50 * 10_000, audience);
    const dear = histogramOf(audience);
    expect(price).toBeGreaterThan(dear.lowOf(640));
    expect(price).toBeLessThan(dear.lowOf(641));
  });

  it('is undefined before any demand was observed', () => {
    const input = { share: 0.1, observedShare: 0.1, remainingFen: 1_000, audience: undefined };
    expect(forecastOf(NOTHING_WATCHED, input)).toBeUndefined();
  });
});

describe('a planned curve', () => {
  const points: CurvePoint[] = Array.from({ length: 24 }, (_, hour) => ({
    startMs: hour * HOUR_MS,
    orders: hour === 0 || hour === 20 ? 10_000 : 100,
  }));

  it('rises from 0 to 1, and steeply where an earlier sale had most of its orders', () => {
    const curve = curveOf(points, HOUR_MS, SALE)!;
    const sale = { ...SALE, startsAtMs: 100 * HOUR_MS, endsAtMs: 124 * HOUR_MS, curve };
    const shares = Array.from({ length: 25 }, (_, hour) => shareAt(sale, (100 + hour) * HOUR_MS));
    expect(shares[0]).toBe(0);
    expect(shares[24]).toBeCloseTo(1, 12);
    for (let hour = 1; hour <= 24; hour++) expect(shares[hour]).toBeGreaterThan(shares[hour - 1]!);
    expect(shares[1]! - shares[0]!).toBeCloseTo(0.95 * (10_000 / 22_200) + 0.05 / 24, 9);
    expect(shares[21]! - shares[20]!).toBeCloseTo(shares[1]!, 9);
  });

  it('is stretched to a sale of another length', () => {
    const curve = curveOf(points, HOUR_MS, SALE)!;
    const short = { startsAtMs: 0, endsAtMs: 2 * HOUR_MS, curve };
    expect(shareAt(short, HOUR_MS)).toBeCloseTo(shareAt({ ...SALE, curve }, 12 * HOUR_MS), 12);
  });

  it('is undefined for too few orders, and a sale is then paced evenly', () => {
    expect(curveOf([{ startMs: 0, orders: 999 }], HOUR_MS, SALE)).toBeUndefined();
    expect(shareAt(SALE, 6 * HOUR_MS)).toBe(0.25);
    expect([shareAt(SALE, -1), shareAt(SALE, 25 * HOUR_MS)]).toEqual([0, 1]);
  });
});
