import { describe, expect, it } from 'vitest';
import { type Decision, type DecisionInput, decide } from '#domain/coupons/decide.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { explorationOf, exploredChoice } from '#domain/coupons/explore.ts';
import { priorModel } from '#domain/coupons/model.ts';
import { type CouponOutcome, decodeOutcome, encodeOutcome } from '#domain/coupons/outcome.ts';
import { locate } from '#domain/coupons/redeem.ts';
import { firstOrderSlot, withNextSlot } from '#domain/coupons/slots.ts';
import { LEAST_VALIDITY_MS } from '#domain/grants/grant.ts';
import { emptyProfile, featuresOf, observe, type ProfileEvent } from '#domain/members/profile.ts';
import { couponIdBy, formerCouponId, idKeyIn } from '../support/coupon-ids.ts';
import { coupons, offer, START_MS } from './factories.ts';

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
  campaignId: 'sale',
  coupons: coupons({ offers, epsilon: 0 }),
  sale: { startsAtMs: START_MS, endsAtMs: START_MS + DAY_MS },
  eventId: 'AAAAAAAAAAAAAAAA',
  timeMs: START_MS,
  reachedMs: START_MS,
  member: 'm1',
  tier: '',
  arm: 'engine',
  features: bought([3, 30, 200]),
  prices: {},
  isBelowLimit: true,
  remainders: new Map(),
  halt: undefined,
  ...changes,
});

const answer = (changes: Partial<DecisionInput> = {}): string => {
  const decision: Decision = decide(input(changes), PRIOR);
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

  it('uses only the price of its own arm', () => {
    expect(answer({ prices: { 'baseline/platform': 10 } })).toBe('large');
  });

  it.each([
    ['control', { arm: 'control' }],
    ['limit-reached', { isBelowLimit: false }],
    ['not-eligible', { coupons: coupons({ offers: [offer({ tiers: ['88vip'] })] }) }],
    ['budget-empty', { remainders: new Map([['engine/platform', 499]]) }],
    ['small', { remainders: new Map([['engine/platform', 1_499]]) }],
    ['already-expired', { reachedMs: START_MS + DAY_MS - LEAST_VALIDITY_MS }],
    ['large', { reachedMs: START_MS + DAY_MS - LEAST_VALIDITY_MS - 1 }],
    ['paused', { halt: 'paused' }],
    ['closed', { halt: 'closed' }],
    ['budget-empty', { halt: 'closed', remainders: new Map([['engine/platform', 499]]) }],
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
  ] as const)('gives this offer, or this reason for none: %s', (expected, changes) => {
    expect(answer(changes as Partial<DecisionInput>)).toBe(expected);
  });

  it('carries its reason: arm, propensity, price, the features of the model and its scores', () => {
    const decision = decide(input({ prices: { 'engine/platform': 0.01 } }), PRIOR);
    if (decision.kind !== 'give') throw new Error('expected a coupon');
    expect(decision.reason).toMatchObject({ arm: 'engine', price: 0.01, features: expect.any(Array) });
    expect(decision.reason.scores).toHaveLength(1 + offers.length);
    expect(decision.reason.propensity).toBeGreaterThan(0);
    expect(JSON.stringify(decision.reason).length).toBeLessThan(400);
  });
});

describe('the prior', () => {
  const p = (features: ReturnType<typeof bought>) => priorModel(features, offers, 'order').pConvertNone;

  it('expects orders of recent and frequent buyers, and almost none of strangers', () => {
    expect(p(bought([1, 10, 20]))).toBeGreaterThan(p(bought([1])));
    expect(p(bought([1]))).toBeGreaterThan(p(bought([300])));
    expect(p(bought([300]))).toBeGreaterThan(p(bought([])));
    expect(p(bought([]))).toBeGreaterThan(0);
  });

  it('expects more of a deeper discount, and less of a threshold out of reach', () => {
    const [small, large] = priorModel(bought([10]), offers, 'order').offers;
    expect(large!.uplift).toBeGreaterThan(small!.uplift);
    const far = offer({ thresholdFen: 500_000, discountFen: 100_000 });
    const near = offer({ thresholdFen: 5_000, discountFen: 1_000 });
    const [outOfReach, inReach] = priorModel(bought([10]), [far, near], 'order').offers;
    expect(outOfReach!.uplift).toBeLessThan(inReach!.uplift / 10);
  });

  it('prefers near coupons for those who order near', () => {
    const both = [offer({ scope: 'far' }), offer({ scope: 'near' }), offer({ scope: 'all' })];
    const [far, near, all] = priorModel(bought([1, 2, 3, 4], { channel: 'near' }), both, 'order').offers;
    expect(near!.uplift).toBeGreaterThan(far!.uplift * 4);
    expect(all!.uplift).toBeCloseTo(near!.uplift + far!.uplift, 12);
  });
});

describe('exploring', () => {
  const ROUNDS = 20_000;
  const ids = ['a', 'b', 'c'];
  /** How often each choice is made, as a share of the rounds, and the probability that was logged for it. */
  const shares = (epsilon: number, among: readonly string[], best: number) => {
    const counts = new Map<number, number>();
    const logged = new Map<number, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const { chosen, propensity } = exploredChoice(explorationOf({ epsilon }, String(round)), among, best);
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1 / ROUNDS);
      logged.set(chosen, propensity);
    }
    return { counts, logged };
  };

  it.each([
    [0.4, ids, 1],
    [0.4, ['a', 'c'], -1],
    [1, ids, 0],
    [0, ids, 2],
  ] as const)('logs the probability of its choice: epsilon %d among %j, best %d', (epsilon, among, best) => {
    const { counts, logged } = shares(epsilon, among, best);
    for (const [chosen, propensity] of logged) {
      expect(Math.abs(counts.get(chosen)! - propensity)).toBeLessThan(0.015);
    }
    const choices = [-1, ...among.keys()];
    const sum = choices.reduce((total, chosen) => total + (logged.get(chosen) ?? 0), 0);
    expect(sum).toBeCloseTo(1, 9);
  });

  it('takes the next choice if the first is gone, and changes no other decision', () => {
    for (let round = 0; round < 500; round++) {
      const exploration = explorationOf({ epsilon: 1 }, String(round));
      const all = exploredChoice(exploration, ids, 0).chosen;
      const without = exploredChoice(exploration, ['a', 'c'], 0).chosen;
      if (all === -1) expect(without).toBe(-1);
      else if (ids[all] !== 'b') expect(['a', 'c'][without]).toBe(ids[all]);
    }
  });

  it('happens in three decisions of a hundred by default', () => {
    let explored = 0;
    for (let round = 0; round < ROUNDS; round++) {
      if (exploredChoice(explorationOf({}, String(round)), ids, 0).isExplored) explored++;
    }
    expect(explored / ROUNDS).toBeCloseTo(0.03, 2);
  });

  it('does not count an offer whose pool is empty among the choices when it logs a probability', () => {
    const pools = coupons({
      budgets: [
        { pool: 'platform', totalFen: 1_000_000, presaleShare: 0 },
        { pool: 'brand', totalFen: 1_000_000, presaleShare: 0 },
      ],
      offers: [offer({ offerId: 'small', discountFen: 500 }), offer({ offerId: 'rich', pool: 'brand' })],
      epsilon: 0.5,
    });
    let given = 0;
    for (let round = 0; round < 2_000; round++) {
      const changes = { coupons: pools, eventId: String(round), remainders: new Map([['engine/brand', 0]]) };
      const decision = decide(input(changes), PRIOR);
      const isGiven = decision.kind === 'give';
      expect(decision.propensity).toBeCloseTo(isGiven ? 0.75 : 0.25, 9);
      if (isGiven) given++;
    }
    expect(given / 2_000).toBeCloseTo(0.75, 1);
  });
});

describe('an outcome', () => {
  it('is the same after encoding and decoding, for any number of campaigns', () => {
    const ids = Array.from({ length: 30 }, (_, i) => `c${i}`);
    const outcomes: CouponOutcome[] = [
      { coupon: 'none', decisions: [] },
      { coupon: 'refused-unknown', decisions: [{ campaignId: 'c1', result: 'budget-empty' }] },
      {
        coupon: 'touched',
        decisions: ids.map((campaignId) => ({ campaignId, result: 'explored' as const })),
      },
      { coupon: 'too-many-lines', decisions: [] },
    ];
    for (const outcome of outcomes) expect(decodeOutcome(encodeOutcome(outcome), ids)).toEqual(outcome);
  });

  it('remembers the probability of giving nothing, for any number of offers', () => {
    for (const offers of [0, 1, 7, 8, 9, 100]) {
      for (const isBest of [true, false]) {
        const chance = { offers, isBest };
        const decided = { campaignId: 'c1', result: 'not-worth-its-price', chance } as const;
        const outcome: CouponOutcome = {
          coupon: 'none',
          decisions: [{ campaignId: 'c0', result: 'explored' }, decided],
        };
        expect(decodeOutcome(encodeOutcome(outcome), ['c0', 'c1'])).toEqual(outcome);
        const codes = encodeOutcome(outcome).ofCampaigns.map(({ code }) => code);
        expect(codes.every((code) => code < 16)).toBe(true);
      }
    }
  });

  it('has no decision for a campaign that opened later, wherever it is in the list', () => {
    const remembered = encodeOutcome({ coupon: 'none', decisions: [{ campaignId: 'old', result: 'given' }] });
    expect(decodeOutcome(remembered, ['new', 'old']).decisions).toEqual([
      { campaignId: 'old', result: 'given' },
    ]);
  });
});

describe('a coupon on an order', () => {
  const section = coupons({ perMemberLimit: 2 });

  it('is found by its id alone, or is refused as unknown or foreign', () => {
    const sale = { coupons: section, idKey: idKeyIn('sale') };
    const keyedId = (campaignId: string, member: string, slot: number): string =>
      couponIdBy('order', campaignId, member, slot);
    for (const idOf of [keyedId, formerCouponId]) {
      const id = idOf('sale', 'm1', 1);
      expect(locate(id, 'm1', sale)).toEqual({ campaignId: 'sale', slot: '1' });
      expect(locate(id, 'm2', sale)).toBe('foreign');
      expect(locate(id, 'm1', undefined)).toBe('unknown');
      expect(locate(idOf('sale', 'm1', 2), 'm1', sale)).toBe('unknown');
    }
    expect(locate('gift', 'm1', sale)).toBe('unknown');
  });

  it('is unknown if its id is keyed but its campaign gives coupons with the former ids, which have no key', () => {
    const former = { coupons: section, idKey: undefined };
    expect(locate(couponIdBy('order', 'sale', 'm1', 1), 'm1', former)).toBe('unknown');
    expect(locate(formerCouponId('sale', 'm1', 1), 'm1', former)).toEqual({ campaignId: 'sale', slot: '1' });
  });
});

describe('slots', () => {
  it('of orders begin after the slot of the presale, if there is a presale', () => {
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
