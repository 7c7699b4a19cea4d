import { describe, expect, it } from 'vitest';
import { type Decision, type DecisionInput, decide } from '#domain/coupons/decide.ts';
import { priorModel } from '#domain/coupons/model.ts';
import { noiseOf } from '#domain/coupons/noise.ts';
import {
  type CouponOutcome,
  decodeOutcome,
  encodeOutcome,
  MAX_DECISIONS,
  refusalOf,
} from '#domain/coupons/outcome.ts';
import { propensityOf } from '#domain/coupons/propensity.ts';
import { giveBack, locate, redeem } from '#domain/coupons/redeem.ts';
import { firstOrderSlot, withNextSlot } from '#domain/coupons/slots.ts';
import { normalCdf } from '#domain/experiment/normal.ts';
import { couponIdOf } from '#domain/grants/coupon-id.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import { emptyProfile, featuresOf, observe, type ProfileEvent } from '#domain/members/profile.ts';
import { seededRandom } from '../support/random.ts';
import { coupons, offer, order, START_MS } from './factories.ts';

const DAY_MS = 86_400_000;

const bought = (daysAgo: number[], changes: Partial<ProfileEvent> = {}) =>
  featuresOf(
    daysAgo
      .map(
        (days): ProfileEvent => ({
          id: 'AAAAAAAAAAAAAAAA',
          timeMs: START_MS - days * DAY_MS,
          kind: 'paid',
          channel: 'far',
          amountFen: 10_000,
          ...changes,
        }),
      )
      .reduce(observe, emptyProfile()),
    START_MS,
  );

const offers = [
  offer({ offerId: 'small', thresholdFen: 5_000, discountFen: 500 }),
  offer({ offerId: 'large', thresholdFen: 5_000, discountFen: 1_500 }),
];

const input = (changes: Partial<DecisionInput> = {}): DecisionInput => ({
  coupons: coupons({ offers }),
  eventId: 'AAAAAAAAAAAAAAAA',
  member: 'm1',
  tier: '',
  arm: 'engine',
  features: bought([3, 30, 200]),
  prices: {},
  noise: [0, 0],
  isBelowLimit: true,
  remainders: new Map(),
  ...changes,
});

const answer = (changes: Partial<DecisionInput> = {}): string => {
  const decision: Decision = decide(input(changes), priorModel);
  return decision.kind === 'give' ? decision.offer.offerId : decision.reason;
};

describe('a decision', () => {
  it('gives the larger coupon while money is free, a smaller one as its price rises, and none at a high price', () => {
    const prices = [0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 10];
    const given = prices.map((price) => answer({ prices: { 'engine/platform': price } }));
    expect(given[0]).toBe('large');
    expect(given.at(-1)).toBe('not-worth-its-price');
    expect(given).toContain('small');
    const rank = ['large', 'small', 'not-worth-its-price'];
    expect(given.map((one) => rank.indexOf(one))).toEqual(given.map((one) => rank.indexOf(one)).sort());
  });

  it('goes by the price of the arm alone', () => {
    expect(answer({ prices: { 'baseline/platform': 10 } })).toBe('large');
  });

  it.each([
    ['control', { arm: 'control' }],
    ['limit-reached', { isBelowLimit: false }],
    ['not-eligible', { coupons: coupons({ offers: [offer({ tiers: ['88vip'] })] }), noise: [0] }],
    ['budget-empty', { remainders: new Map([['engine/platform', 499]]) }],
    ['small', { remainders: new Map([['engine/platform', 1_499]]) }],
    ['not-eligible', { arm: 'baseline' }],
    ['small', { arm: 'baseline', coupons: coupons({ offers, baselineOffer: 'small' }) }],
    [
      'budget-empty',
      {
        arm: 'baseline',
        coupons: coupons({ offers, baselineOffer: 'small' }),
        remainders: new Map([['baseline/platform', 499]]),
      },
    ],
  ] as const)('is %s where it must be', (expected, changes) => {
    expect(answer(changes as Partial<DecisionInput>)).toBe(expected);
  });

  it('carries its reason: arm, propensity, price, the features of the model and its scores', () => {
    const decision = decide(input({ prices: { 'engine/platform': 0.01 } }), priorModel);
    if (decision.kind !== 'give') throw new Error('expected a coupon');
    expect(decision.reason).toMatchObject({ arm: 'engine', price: 0.01, features: expect.any(Array) });
    expect(decision.reason.scores).toHaveLength(1 + offers.length);
    expect(decision.reason.propensity).toBeGreaterThan(0);
    expect(JSON.stringify(decision.reason).length).toBeLessThan(400);
  });
});

describe('the prior', () => {
  const p = (features: ReturnType<typeof bought>) => priorModel(features, offers).pConvertNone;

  it('expects those who bought lately and often, and next to nothing of strangers', () => {
    expect(p(bought([1, 10, 20]))).toBeGreaterThan(p(bought([1])));
    expect(p(bought([1]))).toBeGreaterThan(p(bought([300])));
    expect(p(bought([300]))).toBeGreaterThan(p(bought([])));
    expect(p(bought([]))).toBeGreaterThan(0);
  });

  it('expects more of a deeper discount, and less of a threshold out of reach', () => {
    const [small, large] = priorModel(bought([10]), offers).offers;
    expect(large!.uplift).toBeGreaterThan(small!.uplift);
    const far = offer({ thresholdFen: 500_000, discountFen: 100_000 });
    const near = offer({ thresholdFen: 5_000, discountFen: 1_000 });
    const [outOfReach, inReach] = priorModel(bought([10]), [far, near]).offers;
    expect(outOfReach!.uplift).toBeLessThan(inReach!.uplift / 10);
  });

  it('prefers near coupons for those who order near', () => {
    const both = [offer({ scope: 'far' }), offer({ scope: 'near' }), offer({ scope: 'all' })];
    const [far, near, all] = priorModel(bought([1, 2, 3, 4], { channel: 'near' }), both).offers;
    expect(near!.uplift).toBeGreaterThan(far!.uplift * 4);
    expect(all!.uplift).toBeCloseTo(near!.uplift + far!.uplift, 12);
  });
});

describe('the propensity', () => {
  const worths = [
    { mean: 10, sigma: 4 },
    { mean: 8, sigma: 6 },
    { mean: -3, sigma: 5 },
    { mean: 1, sigma: 0 },
  ];

  it('of all choices adds up to one', () => {
    const ofNone = worths.reduce((product, { mean, sigma }) => product * normalCdf(-mean / sigma), 1);
    const sum = worths.reduce((total, _, i) => total + propensityOf(worths, i), ofNone);
    expect(sum).toBeCloseTo(1, 2);
  });

  it('is how often the choice is made', () => {
    const rounds = 40_000;
    const random = seededRandom(5);
    const wins = worths.map(() => 0);
    for (let round = 0; round < rounds; round++) {
      const noise = noiseOf(worths.length, String(random()));
      const drawn = worths.map(({ mean, sigma }, i) => mean + sigma * noise[i]!);
      const best = drawn.indexOf(Math.max(...drawn));
      if (drawn[best]! > 0) wins[best]!++;
    }
    for (const [i, won] of wins.entries()) expect(won / rounds).toBeCloseTo(propensityOf(worths, i), 1.8);
  });

  it('knows the normal distribution', () => {
    for (const [z, expected] of [
      [0, 0.5],
      [1, 0.841_344_7],
      [-1.96, 0.024_997_9],
      [3, 0.998_650_1],
    ] as const) {
      expect(normalCdf(z)).toBeCloseTo(expected, 6);
    }
  });
});

describe('noise', () => {
  it('is the same for the same texts, and standard normal', () => {
    expect(noiseOf(9, 'a', 'b')).toEqual(noiseOf(9, 'a', 'b'));
    expect(noiseOf(3, 'a')).not.toEqual(noiseOf(3, 'b'));
    const many = noiseOf(20_000, 'many');
    const mean = many.reduce((sum, z) => sum + z, 0) / many.length;
    const variance = many.reduce((sum, z) => sum + z * z, 0) / many.length;
    expect(mean).toBeCloseTo(0, 1.5);
    expect(variance).toBeCloseTo(1, 1.2);
  });
});

describe('an outcome', () => {
  it('survives being remembered in 16 bits', () => {
    const outcomes: CouponOutcome[] = [
      { coupon: 'none', decisions: [] },
      { coupon: 'refused-wrong-scope', decisions: ['budget-empty', 'given', 'none', 'not-worth-its-price'] },
      { coupon: 'freed', decisions: ['control'] },
      { coupon: 'lapsed', decisions: [] },
    ];
    for (const outcome of outcomes) {
      const bits = encodeOutcome(outcome);
      expect(bits).toBeLessThan(2 ** 16);
      const decisions = [...outcome.decisions, ...Array(MAX_DECISIONS).fill('none')].slice(0, MAX_DECISIONS);
      expect(decodeOutcome(bits)).toEqual({ ...outcome, decisions });
    }
    expect(refusalOf('refused-used')).toBe('used');
    expect(refusalOf('redeemed')).toBeUndefined();
  });
});

describe('a coupon on an order', () => {
  const section = coupons({ perMemberLimit: 2 });
  const budget = { campaignId: 'sale', key: 'engine/platform', shards: 1 };
  const account = { paidFen: 0, refundedFen: 0, refundedMs: 0 };
  const grant: StoredGrant = {
    ...couponGrant({
      campaignId: 'sale',
      member: 'm1',
      slot: 1,
      offer: offer(),
      arm: 'engine',
      trigger: 't',
      grantedMs: START_MS,
      reason: {},
    }),
    state: 'live',
    changes: 0,
  };
  const used: StoredGrant = {
    ...grant,
    state: 'redeemed',
    changes: 1,
    redemption: { orderId: 'o1', paidFen: 20_000, refundedFen: 0, refundedMs: 0, earlier: [] },
  };

  it('is found by its id alone, or is refused as unknown or foreign', () => {
    const of = (id: string, member = 'm1') =>
      locate(id, member, (name) => (name === 'sale' ? section : undefined));
    expect(of(couponIdOf('sale', 'm1', 1))).toEqual({ campaignId: 'sale', slot: '1' });
    expect(of(couponIdOf('sale', 'm1', 2))).toBe('unknown');
    expect(of(couponIdOf('other', 'm1', 1))).toBe('unknown');
    expect(of(couponIdOf('sale', 'm1', 1), 'm2')).toBe('foreign');
    expect(of('gift')).toBe('unknown');
  });

  it.each([
    ['unknown', undefined, {}],
    ['expired', grant, { timeMs: grant.expiresMs }],
    ['expired', { ...grant, state: 'expired' as const }, {}],
    ['used', used, { orderId: 'o2' }],
    ['below-threshold', grant, { amountFen: 4_999 }],
  ])('is refused as %s', (reason, stored, changes) => {
    expect(redeem({ grant: stored, offer: offer(), budget }, order(changes), account)).toEqual({
      kind: 'refused',
      reason,
    });
  });

  it('is refused out of its scope', () => {
    const near = { channel: 'near', storeId: 's1' } as const;
    const isTaken = (scope: Parameters<typeof offer>[0], changes: Parameters<typeof order>[0]) =>
      redeem({ grant, offer: offer(scope), budget }, order(changes), account).kind === 'change';
    expect(isTaken({ scope: 'far' }, {})).toBe(true);
    expect(isTaken({ scope: 'far' }, near)).toBe(false);
    expect(isTaken({ scope: 'near' }, near)).toBe(true);
    expect(isTaken({ scope: 'near' }, {})).toBe(false);
    expect(isTaken({ scope: 'brands', brands: ['lotus'] }, {})).toBe(true);
    expect(isTaken({ scope: 'brands', brands: ['peony'] }, {})).toBe(false);
  });

  it('is used once by an order that comes as an event a brand', () => {
    expect(redeem({ grant: used, offer: offer(), budget }, order({ amountFen: 300 }), account)).toMatchObject(
      {
        change: { state: 'redeemed', redemption: { paidFen: 20_300 } },
      },
    );
  });

  it('is returned once all is refunded, and expires where that is too late', () => {
    const back = (amountFen: number, timeMs = START_MS) =>
      giveBack(used, order({ kind: 'refunded', amountFen, timeMs }), budget).state;
    expect(back(19_999)).toBe('redeemed');
    expect(back(20_000)).toBe('live');
    expect(back(20_000, grant.expiresMs)).toBe('expired');
  });
});

describe('slots', () => {
  it('keep the first one for a presale only where there is one', () => {
    expect(firstOrderSlot(coupons())).toBe(0);
    const budgets = [{ pool: 'platform', totalFen: 1, presaleShare: 0.01 }];
    expect(firstOrderSlot(coupons({ budgets }))).toBe(1);
  });

  it('are counted for the latest campaigns only', () => {
    let counters: Record<string, number> = {};
    for (let i = 0; i < 20; i++) counters = withNextSlot(counters, `c${i}`, i);
    expect(Object.keys(counters)).toEqual(['c12', 'c13', 'c14', 'c15', 'c16', 'c17', 'c18', 'c19']);
    expect(withNextSlot(counters, 'c12', 3)).toMatchObject({ c12: 3, c19: 19 });
  });
});
