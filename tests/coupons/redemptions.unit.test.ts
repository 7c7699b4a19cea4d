import { describe, expect, it } from 'vitest';
import { type DecisionInput, decide } from '#domain/coupons/decide.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { evaluate } from '#domain/coupons/evaluate.ts';
import { type Model, priorModel } from '#domain/coupons/model.ts';
import { poolTimeLeftShare, timeLeftShare } from '#domain/coupons/time-left.ts';
import { emptyProfile, featuresOf, observe } from '#domain/members/profile.ts';
import { coupons, offer, START_MS } from './factories.ts';

const HOUR_MS = 3_600_000;
const SALE = { startsAtMs: START_MS, endsAtMs: START_MS + 10 * HOUR_MS };
const at = (hours: number) => ({ ...SALE, atMs: START_MS + hours * HOUR_MS });

const features = featuresOf(
  observe(emptyProfile(), {
    id: 'AAAAAAAAAAAAAAAA',
    timeMs: START_MS - 30 * 24 * HOUR_MS,
    kind: 'paid',
    channel: 'far',
    amountFen: 10_000,
  }),
  START_MS,
);
const offers = [
  offer({ offerId: 'long', thresholdFen: 5_000, discountFen: 500, validHours: 24 }),
  offer({ offerId: 'short', thresholdFen: 5_000, discountFen: 500, validHours: 2 }),
];
const redemptions = coupons({ offers, epsilon: 0, objective: 'redemptions' });

const valuesAt = (hours: number, section = redemptions, model: Model = priorModel): number[] =>
  evaluate({ coupons: section, features, tier: '', occasion: 'order', moment: at(hours) }, model).options.map(
    ({ value }) => value,
  );

describe('what a coupon still brings in the time that is left', () => {
  it('is everything while the coupon has its whole validity or the whole sale ahead, and then falls until the end', () => {
    const [long, short] = offers.map((one) => (hours: number) => timeLeftShare(one, at(hours)));
    expect([long!(0), short!(0), short!(8)]).toEqual([1, 1, 1]);
    for (const share of [long!, short!]) {
      const shares = [8.1, 8.5, 9, 9.5, 9.9, 9.99].map(share);
      expect(shares).toEqual(shares.toSorted((a, b) => b - a));
      expect(shares.every((one) => one > 0 && one < 1)).toBe(true);
    }
    expect(short!(9)).toBeGreaterThan(long!(9));
  });

  it('is never 0, not even after the sale, so that demand can be stated as if the share were 1', () => {
    for (const hours of [10, 11, 1_000]) expect(timeLeftShare(offers[0]!, at(hours))).toBeGreaterThan(0);
  });

  it('is the mean over the offers of a pool, and 1 for a pool without offers', () => {
    const mean = (timeLeftShare(offers[0]!, at(9)) + timeLeftShare(offers[1]!, at(9))) / 2;
    expect(poolTimeLeftShare(offers, 'platform', at(9))).toBe(mean);
    expect(poolTimeLeftShare(offers, 'brand', at(9))).toBe(1);
  });
});

describe('the objective of redemptions', () => {
  it('values a coupon by how likely it is to be used, by the incremental share, and by the time that is left', () => {
    const model: Model = (...input) => {
      const scores = priorModel(...input);
      const [first, second] = scores.offers;
      return {
        ...scores,
        incrementalShare: 0.5,
        offers: [
          { ...first!, pUsed: 0.4 },
          { ...second!, pUsed: 0.1 },
        ],
      };
    };
    expect(valuesAt(0, redemptions, model)).toEqual([0.2, 0.05]);
    const late = valuesAt(9, redemptions, model);
    expect(late[0]).toBeCloseTo(0.2 * timeLeftShare(offers[0]!, at(9)), 12);
    expect(late[1]).toBeCloseTo(0.05 * timeLeftShare(offers[1]!, at(9)), 12);
  });

  it.each(['conversions', 'incremental-gmv'] as const)(
    'is the only one whose values depend on the time: those of %s do not',
    (objective) => {
      const section = coupons({ offers, epsilon: 0, objective });
      expect(valuesAt(9.9, section)).toEqual(valuesAt(0, section));
    },
  );

  it('expects a coupon to be used by members who react to it and by members who order anyway', () => {
    const { offers: scores } = priorModel(features, offers, 'order');
    for (const { pUsed, uplift } of scores) expect(pUsed).toBeGreaterThan(uplift);
  });

  const decisionAt = (hours: number, price: number) => {
    const input: DecisionInput = {
      campaignId: 'sale',
      coupons: coupons({ offers: [offers[0]!], epsilon: 0, objective: 'redemptions' }),
      sale: SALE,
      eventId: 'AAAAAAAAAAAAAAAA',
      timeMs: at(hours).atMs,
      reachedMs: at(hours).atMs,
      member: 'm1',
      tier: '',
      arm: 'engine',
      features,
      prices: { 'engine/platform': price },
      isBelowLimit: true,
      halt: undefined,
      remainders: new Map(),
    };
    return decide(input, PRIOR);
  };

  it('withholds near the end what it gave at the beginning at the same price', () => {
    const [value] = valuesAt(0);
    const price = (0.9 * value!) / 500;
    expect(decisionAt(0, price).kind).toBe('give');
    expect(decisionAt(9.5, price).kind).toBe('withhold');
  });

  it('states the same demand at any time, as if all time were left', () => {
    const edges = [0, 5, 9, 9.9].map((hours) => decisionAt(hours, 0).scored?.edge?.bucket);
    expect(new Set(edges).size).toBe(1);
    expect(edges[0]).toBeDefined();
  });
});
