import { describe, expect, it } from 'vitest';
import { parseCampaignDefinition } from '#events/contract.ts';
import { definition } from './factories.ts';

const budget = { pool: 'platform', totalFen: 1_000_000, presaleShare: 0.4 };
const offer = {
  offerId: 'ten',
  pool: 'platform',
  thresholdFen: 5_000,
  discountFen: 1_000,
  scope: 'all',
  validHours: 24,
};
const section = {
  budgets: [budget],
  offers: [offer],
  salt: 'autumn',
  objective: 'incremental-gmv',
  perMemberLimit: 3,
};

const parse = (changes: Record<string, unknown>) =>
  parseCampaignDefinition(definition({ coupons: { ...section, ...changes } }));

describe('the coupon section', () => {
  it.each([
    ['the required fields alone', {}],
    [
      'optional fields as well',
      {
        budgets: [budget, { pool: 'near-field', totalFen: 9_000_000_000_000, presaleShare: 0 }],
        offers: [
          { ...offer, tiers: ['88vip', 'gold'] },
          { ...offer, offerId: 'near', pool: 'near-field', scope: 'near' },
          { ...offer, offerId: 'brand', scope: 'brands', brands: ['lotus'] },
        ],
        arms: { engine: 80, baseline: 15, control: 5 },
        baselineOffer: 'near',
        shards: 96,
      },
    ],
  ])('takes %s', (_, changes) => {
    expect(parse(changes)).toMatchObject({ ok: true });
  });

  it.each([
    ['coupons.budgets[1].pool', { budgets: [budget, budget] }, 'one budget for each pool, got "platform"'],
    ['coupons.offers[1].offerId', { offers: [offer, offer] }, 'no repetition, got "ten"'],
    [
      'coupons.offers[0].pool',
      { offers: [{ ...offer, pool: 'brand' }] },
      'the pool of a budget (platform), got "brand"',
    ],
    [
      'coupons.offers[0].discountFen',
      { offers: [{ ...offer, discountFen: 5_001 }] },
      'an integer from 1 to thresholdFen (5000), got 5001',
    ],
    [
      'coupons.offers[0].brands',
      { offers: [{ ...offer, scope: 'brands' }] },
      'the brands of the scope, got nothing',
    ],
    [
      'coupons.offers[0].brands',
      { offers: [{ ...offer, brands: ['lotus'] }] },
      'no brands, as scope is not brands, got ["lotus"]',
    ],
    ['coupons.offers[0].tiers[1]', { offers: [{ ...offer, tiers: ['a', 'a'] }] }, 'no repetition, got "a"'],
    [
      'coupons.arms',
      { arms: { engine: 50, baseline: 0, control: 49 } },
      'percentages that add up to 100, got {"engine":50,"baseline":0,"control":49}',
    ],
    [
      'coupons.arms.engine',
      { arms: { engine: 0, baseline: 50, control: 50 }, baselineOffer: 'ten' },
      'an integer from 1 to 100, got 0',
    ],
    [
      'coupons.baselineOffer',
      { arms: { engine: 50, baseline: 50, control: 0 } },
      'the offer of the baseline arm (ten), got nothing',
    ],
    ['coupons.baselineOffer', { baselineOffer: 'nine' }, 'the offer of the baseline arm (ten), got "nine"'],
    ['coupons.budgets[0].presaleShare', { budgets: [{ ...budget, presaleShare: 1.5 }] }, 'got 1.5'],
    ['coupons.pauseAheadShare', { pauseAheadShare: 0 }, 'got 0'],
    ['coupons.pauseAheadShare', { pauseAheadShare: 1.1 }, 'got 1.1'],
    ['coupons.budgets[0].totalFen', { budgets: [{ ...budget, totalFen: 0.5 }] }, 'got 0.5'],
    ['coupons.perMemberLimit', { perMemberLimit: 21 }, 'an integer from 1 to 20, got 21'],
    ['coupons.shards', { shards: 97 }, 'an integer from 1 to 96, got 97'],
    ['coupons.offers', { offers: [] }, 'a list of 1 to 20 offers, got []'],
    ['coupons.colour', { colour: 'red' }, 'no such field, got "red"'],
  ])('refuses a fault in %s', (field, changes, expected) => {
    const result = parse(changes);
    expect(result).toMatchObject({ ok: false, rejection: { field } });
    expect(result.ok ? '' : result.rejection.message).toContain(expected);
  });
});
