import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '#platform/duration.ts';
import { SCALE_MIN } from '#simulator/announced.ts';
import { SALE_END_MS, SALE_MS } from '#simulator/calendar.ts';
import { SALE, saleCoupons } from '#simulator/campaigns.ts';
import type { Due, ReceivedCoupon } from '#simulator/hour.ts';
import { headlineOf } from '#simulator/ledger.ts';
import { seededRandom } from '#simulator/random.ts';
import { type Simulation, simulate } from '#simulator/simulator.ts';

/** How a pipeline might give coupons: to what share of members and orders, of which offers (as bits), and how late at most. */
type Giving = { seed: number; presaleShare: number; orderShare: number; offers: number; lateMs: number };

const giving: fc.Arbitrary<Giving> = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  presaleShare: fc.double({ min: 0, max: 1, noNaN: true }),
  orderShare: fc.double({ min: 0, max: 1, noNaN: true }),
  offers: fc.integer({ min: 1, max: 15 }),
  lateMs: fc.integer({ min: 0, max: 900_000 }),
});

const OFFERS = saleCoupons(SCALE_MIN).offers.map(({ offerId }) => offerId);
const STEP_MS = 60_000;

/** Plays an hour against a pipeline that gives coupons at random, and returns every event of the hour. */
const play = ({ members, hour }: Simulation, how: Giving): Due[] => {
  const random = seededRandom(how.seed);
  const offers = OFFERS.filter((_, i) => (how.offers >> i) & 1);
  let given = 0;
  const coupon = (memberId: string, slot: string): ReceivedCoupon => ({
    grantId: `${SALE}.${slot}.${String(given++).padStart(12, '0')}`,
    campaignId: SALE,
    memberId,
    offerId: offers[Math.floor(random() * offers.length)]!,
    budget: random() < 0.7 ? 'engine/platform' : 'baseline/platform',
  });
  const presale = members.filter(({ isTopTier }) => isTopTier && random() < how.presaleShare);
  hour.tell(
    presale.map(({ member }) => coupon(member, '00')),
    SALE_MS - STEP_MS,
  );
  const events: Due[] = [];
  for (let elapsedMs = STEP_MS; elapsedMs <= HOUR_MS; elapsedMs += STEP_MS) {
    const due = hour.due(SALE_MS + elapsedMs);
    events.push(...due);
    const buyers = due.flatMap(({ text, alone }) =>
      alone || random() >= how.orderShare ? [] : [JSON.parse(text).data.memberId as string],
    );
    hour.tell(
      buyers.map((member) => coupon(member, '01')),
      SALE_MS + elapsedMs + Math.floor(random() * how.lateMs),
    );
  }
  return events;
};

describe('a simulated hour, whatever coupons are given', () => {
  it('ends with 35 brands at or above the line, 1,802 that doubled, and as many participants as planned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), giving, (seed, how) => {
        const simulation = simulate(seed, SCALE_MIN);
        play(simulation, how);
        const { hour, history, size } = simulation;
        expect(headlineOf(hour.ledger, history.lastYear, size.lineFen)).toMatchObject({
          brandsAtLine: 35,
          brandsDoubled: 1_802,
          participants: size.participants,
        });
        for (const { brand, plannedFen, ceilingFen } of hour.brands) {
          const netFen = hour.ledger.netFen.get(brand) ?? 0;
          expect(netFen).toBeGreaterThanOrEqual(plannedFen);
          expect(netFen).toBeLessThanOrEqual(ceilingFen);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('has a ledger that is the sum of its events', () => {
    fc.assert(
      fc.property(giving, (how) => {
        const simulation = simulate(5, SCALE_MIN);
        const sums = { orders: 0, refunds: 0, grossFen: 0, refundedFen: 0 };
        for (const { text, alone } of play(simulation, how)) {
          if (alone) continue;
          const { type, data } = JSON.parse(text);
          sums[type === 'order.paid' ? 'orders' : 'refunds'] += 1;
          sums[type === 'order.paid' ? 'grossFen' : 'refundedFen'] += data.amountFen;
        }
        expect(simulation.hour.ledger).toMatchObject(sums);
      }),
      { numRuns: 5 },
    );
  });

  it('uses each coupon at most once, and only on an order that reaches the lowest threshold', () => {
    const simulation = simulate(8, SCALE_MIN);
    const events = play(simulation, { seed: 1, presaleShare: 0.8, orderShare: 0.5, offers: 15, lateMs: 0 });
    const thresholds = saleCoupons(SCALE_MIN).offers.map(({ thresholdFen }) => thresholdFen);
    const used = events
      .filter(({ alone }) => !alone)
      .map(({ text }) => JSON.parse(text))
      .filter(({ type, data }) => type === 'order.paid' && data.couponId !== undefined)
      .map(({ data }) => data as { couponId: string; amountFen: number });
    expect(used.length).toBeGreaterThan(1_000);
    expect(new Set(used.map(({ couponId }) => couponId)).size).toBe(used.length);
    for (const { amountFen } of used) expect(amountFen).toBeGreaterThanOrEqual(Math.min(...thresholds));
  });

  it('is the same for the same seed and the same coupons, and different for another seed', () => {
    const how = { seed: 4, presaleShare: 0.5, orderShare: 0.3, offers: 7, lateMs: 0 };
    const texts = (seed: number): string =>
      play(simulate(seed, SCALE_MIN), how)
        .map(({ text }) => text)
        .join('\n');
    expect(texts(6)).toBe(texts(6));
    expect(texts(6)).not.toBe(texts(9));
  });

  it('gets about as many more orders from coupons as their true effects predict', () => {
    const simulation = simulate(2, SCALE_MIN);
    play(simulation, { seed: 2, presaleShare: 0.9, orderShare: 0, offers: 15, lateMs: 0 });
    const { effects, ledger } = simulation.hour;
    const expected = effects.reduce((sum, { orders }) => sum + orders, 0);
    const before = simulate(2, SCALE_MIN);
    before.hour.due(SALE_END_MS);
    const brought = ledger.orders - before.hour.ledger.orders;
    // The orders brought are a sum of independent trials, so their number is within four standard deviations of its expectation.
    const variance = effects.reduce((sum, { orders: p }) => sum + p * (1 - p), 0);
    expect(Math.abs(brought - expected)).toBeLessThan(4 * Math.sqrt(variance));
    expect(expected).toBeGreaterThan(100);
  });
});
