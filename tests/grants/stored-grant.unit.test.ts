import { describe, expect, it } from 'vitest';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import { grantOfItem, itemOfGrant, redemptionAttribute } from '#domain/grants/grant-item.ts';

const GIVEN = couponGrant({
  campaignId: 'sale.2026',
  member: 'm1',
  slot: 1,
  offer: {
    offerId: 'ten',
    pool: 'platform',
    thresholdFen: 5_000,
    discountFen: 1_000,
    scope: 'all',
    validHours: 24,
  },
  arm: 'engine',
  trigger: 'AAAAAAAAAAAAAAAA',
  grantedMs: 1_700_000_000_000,
  reason: { arm: 'engine', propensity: 1 },
});

/** A coupon as it lies in the table. A later reader must still read it. */
const ITEM = {
  member: { S: 'm1' },
  grant: { S: 'sale.2026#coupon#1' },
  id: { S: 'sale.2026.01.Ow_DPvkRQhK6' },
  state: { S: 'live' },
  budget: { S: 'engine/platform' },
  faceFen: { N: '1000' },
  offer: { S: 'ten' },
  trigger: { S: 'AAAAAAAAAAAAAAAA' },
  grantedMs: { N: '1700000000000' },
  expiresMs: { N: '1700086400000' },
  reason: { S: '{"arm":"engine","propensity":1}' },
};

const REDEMPTION_ATTRIBUTE = {
  M: {
    orderId: { S: 'o2' },
    paidFen: { N: '4900' },
    refundedFen: { N: '100' },
    refundedMs: { N: '1700000001000' },
    earlier: { L: [{ S: 'o1' }] },
  },
};

const REDEMPTION: StoredGrant['redemption'] = {
  orderId: 'o2',
  paidFen: 4_900,
  refundedFen: 100,
  refundedMs: 1_700_000_001_000,
  earlier: ['o1'],
};

describe('the item of a grant', () => {
  it('is written as it always was', () => {
    expect(itemOfGrant(GIVEN)).toEqual(ITEM);
    expect(redemptionAttribute(REDEMPTION!)).toEqual(REDEMPTION_ATTRIBUTE);
  });

  it('is read as it was given, without changes and redemption', () => {
    expect(grantOfItem(ITEM)).toEqual({ ...GIVEN, state: 'live', changes: 0 });
  });

  it('is read with its changes and its redemption, whose empty fields are absent', () => {
    const changed = { ...ITEM, state: { S: 'redeemed' }, changes: { N: '3' } };
    const expected = { ...GIVEN, state: 'redeemed', changes: 3 };
    expect(grantOfItem({ ...changed, redemption: REDEMPTION_ATTRIBUTE })).toEqual({
      ...expected,
      redemption: REDEMPTION,
    });
    const { orderId, paidFen, refundedFen } = REDEMPTION_ATTRIBUTE.M;
    expect(grantOfItem({ ...changed, redemption: { M: { orderId, paidFen, refundedFen } } })).toEqual({
      ...expected,
      redemption: { ...REDEMPTION, refundedMs: 0, earlier: [] },
    });
  });
});
