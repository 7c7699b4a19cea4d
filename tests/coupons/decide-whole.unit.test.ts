import { describe, expect, it } from 'vitest';
import {
  choiceOf,
  type Decision,
  type DecisionInput,
  decide,
  type GrantReason,
} from '#domain/coupons/decide.ts';
import { PRIOR } from '#domain/coupons/deciding-model.ts';
import { type Model, priorModel } from '#domain/coupons/model.ts';
import { timeLeftShare } from '#domain/coupons/time-left.ts';
import { LEAST_VALIDITY_MS } from '#domain/grants/grant.ts';
import { emptyProfile, featuresOf, observe } from '#domain/members/profile.ts';
import { coupons, offer, START_MS } from './factories.ts';

const HOUR_MS = 3_600_000;
/** A 24-hour coupon for an order at the start is given only before this time: later, too little of its validity is left. */
const ENDS_MS = START_MS + 24 * HOUR_MS - LEAST_VALIDITY_MS;

const features = featuresOf(
  observe(emptyProfile(), {
    ...{ id: 'AAAAAAAAAAAAAAAA', timeMs: START_MS - 72 * HOUR_MS },
    ...{ kind: 'paid', channel: 'far', amountFen: 10_000 },
  }),
  START_MS,
);
const SMALL = offer({ offerId: 'small', thresholdFen: 5_000, discountFen: 500 });
const LARGE = offer({ offerId: 'large', thresholdFen: 5_000, discountFen: 1_500 });
const BASELINE = {
  arm: 'baseline',
  coupons: coupons({ offers: [SMALL, LARGE], baselineOffer: 'small' }),
} as const;

const decided = (changes: Partial<DecisionInput> = {}, model = PRIOR): Decision =>
  decide(
    {
      campaignId: 'sale',
      coupons: coupons({ offers: [SMALL, LARGE], epsilon: 0 }),
      sale: { startsAtMs: START_MS, endsAtMs: START_MS + 10 * HOUR_MS },
      eventId: 'AAAAAAAAAAAAAAAA',
      timeMs: START_MS,
      reachedMs: START_MS,
      member: 'm1',
      tier: '',
      arm: 'engine',
      features,
      prices: {},
      isBelowLimit: true,
      remainders: new Map(),
      halt: undefined,
      ...changes,
    },
    model,
  );
const reasonOf = (changes: Partial<DecisionInput>) => {
  const decision = decided(changes);
  return decision.kind === 'give' ? decision.offer.offerId : decision.reason;
};

describe('the decision of a rule', () => {
  it('is certain, and asks no model', () => {
    const withheld = { kind: 'withhold', propensity: 1 };
    expect(decided({ arm: 'control' })).toEqual({ ...withheld, arm: 'control', reason: 'control' });
    expect(decided({ isBelowLimit: false })).toEqual({ ...withheld, arm: 'engine', reason: 'limit-reached' });
    expect(decided({ ...BASELINE, halt: 'paused' })).toEqual({
      ...withheld,
      arm: 'baseline',
      reason: 'paused',
    });
    expect(decided(BASELINE)).toEqual({
      ...{ kind: 'give', arm: 'baseline', offer: SMALL, propensity: 1 },
      reason: { arm: 'baseline', propensity: 1 },
    });
  });

  it.each([
    ['the tier is not among the offer’s', ['88vip'], { tier: 'gold' }, 'not-eligible'],
    ['the tier is among the offer’s', ['88vip'], { tier: '88vip' }, 'small'],
    ['the coupon is still valid for long enough', undefined, { reachedMs: ENDS_MS - 1 }, 'small'],
    ['the coupon is not valid for long enough', undefined, { reachedMs: ENDS_MS }, 'already-expired'],
    ['there is just enough money', undefined, { remainders: new Map([['baseline/platform', 500]]) }, 'small'],
    [
      'there is too little money',
      undefined,
      { remainders: new Map([['baseline/platform', 499]]) },
      'budget-empty',
    ],
    [
      'only the engine’s money is gone',
      undefined,
      { remainders: new Map([['engine/platform', 0]]) },
      'small',
    ],
  ] as const)('follows the baseline’s offer and budget: %s', (_, tiers, changes, expected) => {
    const small = { ...SMALL, ...(tiers && { tiers: [...tiers] }) };
    const section = coupons({ offers: [small, LARGE], baselineOffer: 'small' });
    expect(reasonOf({ arm: 'baseline', coupons: section, ...changes })).toBe(expected);
  });
});

describe('the decision of the engine', () => {
  it('counts what the model scored, whatever is decided', () => {
    const eligible = { calls: 3, edge: expect.anything() };
    expect(decided().scored).toEqual(eligible);
    expect(decided({ halt: 'closed' })).toEqual({
      ...{ kind: 'withhold', arm: 'engine', reason: 'closed', propensity: 1, scored: eligible },
    });
    for (const changes of [
      { reachedMs: ENDS_MS },
      { remainders: new Map([['engine/platform', 0]]) },
      { prices: { 'engine/platform': 1e9 } },
    ])
      expect(decided(changes).scored).toEqual(eligible);
    const nobody = coupons({ offers: [{ ...SMALL, tiers: ['88vip'] }] });
    expect(decided({ coupons: nobody }).scored).toEqual({ calls: 2 });
  });

  it('gives the offer that the money is just enough for', () => {
    expect(reasonOf({ remainders: new Map([['engine/platform', 1_500]]) })).toBe('large');
    expect(reasonOf({ remainders: new Map([['engine/platform', 500]]) })).toBe('small');
  });

  it('leaves out offers whose coupons are not valid for long enough', () => {
    const section = coupons({ offers: [SMALL, { ...LARGE, validHours: 1 }], epsilon: 0 });
    expect(reasonOf({ coupons: section, reachedMs: ENDS_MS - 23 * HOUR_MS - 1 })).toBe('large');
    expect(reasonOf({ coupons: section, reachedMs: ENDS_MS - 23 * HOUR_MS })).toBe('small');
  });

  it('gives an empty budget as its reason if an offer was left out for that, and no other is worth its price', () => {
    const prices = { 'engine/platform': 1e9 };
    const chance = { offers: 1, isBest: true };
    expect(decided({ prices, remainders: new Map([['engine/platform', 500]]) })).toMatchObject({
      ...{ kind: 'withhold', arm: 'engine', reason: 'budget-empty', propensity: 1, chance },
    });
    expect(reasonOf({ prices, remainders: new Map([['engine/platform', 1_500]]) })).toBe(
      'not-worth-its-price',
    );
  });

  it('may give nothing by a random choice, and says so', () => {
    const section = coupons({ offers: [SMALL, LARGE], epsilon: 1 });
    const all = Array.from({ length: 30 }, (_, i) => decided({ coupons: section, eventId: `e${i}` }));
    const nothing = all.filter(({ kind }) => kind === 'withhold');
    expect(nothing.length).toBeGreaterThan(3);
    for (const one of nothing)
      expect(one).toMatchObject({ reason: 'explored', chance: { offers: 2, isBest: false } });
  });

  it('says which offers it chose among, and by which model and price', () => {
    const section = coupons({ offers: [{ ...SMALL, tiers: ['88vip'] }, SMALL, LARGE], epsilon: 0 });
    const decision = decided({ coupons: section, prices: { 'engine/platform': 0.000_012_345_6 } });
    expect(decision).toMatchObject({ kind: 'give', arm: 'engine', propensity: 1 });
    expect(decision.reason).toMatchObject({
      ...{ arm: 'engine', propensity: 1, price: 0.000_012_35, model: PRIOR.name },
      choice: { among: [1, 2], best: 2 },
    });
    expect(decision.reason).not.toHaveProperty('isChallenger');
    const [none, ...scores] = (decision.reason as { scores: [number, ...[number, number][]] }).scores;
    expect(none).toBeGreaterThan(0);
    expect(scores).toHaveLength(3);
    for (const [pConvert, sigma] of scores) {
      expect(pConvert).toBeGreaterThan(none);
      expect(sigma).toBeGreaterThan(0);
    }
    expect(choiceOf(section, [{ offer: section.offers[2]! }], -1)).toEqual({ among: [2], best: -1 });
  });

  it('states demand as it would be with all the time left, whether values fall towards the end or not', () => {
    const late = { timeMs: START_MS + 9 * HOUR_MS, reachedMs: START_MS + 9 * HOUR_MS };
    for (const objective of ['redemptions', 'conversions'] as const) {
      const section = coupons({ offers: [LARGE], epsilon: 0, objective });
      const prices = { 'engine/platform': 1e-9 };
      const early = decided({ coupons: section, prices }).scored!.edge;
      expect(early).toMatchObject({ pool: 0, fen: 1_500 });
      expect(early!.bucket).not.toBeNaN();
      expect(decided({ coupons: section, prices, ...late }).scored!.edge).toEqual(early);
    }
  });

  it('states the same demand late in the sale as early, if prices have fallen with the time left', () => {
    const pools = ['platform', 'brand'];
    const section = coupons({
      ...{ offers: [SMALL, { ...LARGE, pool: 'brand' }], epsilon: 0, objective: 'redemptions' },
      budgets: pools.map((pool) => ({ pool, totalFen: 1_000_000, presaleShare: 0 })),
    });
    const moment = { startsAtMs: START_MS, endsAtMs: START_MS + 10 * HOUR_MS, atMs: START_MS + 9 * HOUR_MS };
    const left = timeLeftShare(SMALL, moment);
    const edgesAt = (price: number, changes: Partial<DecisionInput>) =>
      Array.from({ length: 8 }, (_, i) => {
        const prices = { 'engine/platform': price, 'engine/brand': price };
        return decided({ coupons: section, prices, eventId: `e${i}`, ...changes }).scored!.edge;
      });
    const price = 1e-5;
    const early = edgesAt(price, {});
    expect(edgesAt(price * left, { timeMs: moment.atMs, reachedMs: moment.atMs })).toEqual(early);
    expect(edgesAt(2 * price, {})).not.toEqual(early);
  });

  it('pays the price of the pool that an offer draws on', () => {
    const section = coupons({
      ...{ offers: [SMALL, { ...LARGE, pool: 'brand' }], epsilon: 0 },
      budgets: ['platform', 'brand'].map((pool) => ({ pool, totalFen: 1_000_000, presaleShare: 0 })),
    });
    const decision = decided({ coupons: section, prices: { 'engine/platform': 1e9, 'engine/brand': 0.001 } });
    expect(decision).toMatchObject({ kind: 'give', offer: { offerId: 'large' }, reason: { price: 0.001 } });
  });

  it('is certain if no offer can be paid for, and counts what was scored', () => {
    expect(decided({ remainders: new Map([['engine/platform', 499]]) })).toEqual({
      ...{ kind: 'withhold', arm: 'engine', reason: 'budget-empty', propensity: 1 },
      scored: { calls: 3, edge: expect.anything() },
    });
  });

  it('asks the model that decides for the member about an order, and says whether it is the challenger', () => {
    const asked: string[] = [];
    const model: Model = (given, offers, occasion) => {
      asked.push(occasion);
      return priorModel(given, offers, occasion);
    };
    const challenger = { ...PRIOR, isChallenger: true as const };
    const reasonFor = (member: string) =>
      decided({ member }, { name: 'learned-1', model, challenger }).reason;
    const reasons = Array.from({ length: 40 }, (_, i) => reasonFor(`m${i}`) as GrantReason);
    expect(new Set(asked)).toEqual(new Set(['order']));
    const challenged = reasons.filter(({ isChallenger }) => isChallenger === true);
    expect(challenged.length).toBe(40 - asked.length);
    expect(challenged.length).toBeGreaterThan(0);
    for (const { model: name } of challenged) expect(name).toBe('prior');
    for (const reason of reasons)
      if (reason.model !== 'prior') expect(reason).not.toHaveProperty('isChallenger');
  });
});
