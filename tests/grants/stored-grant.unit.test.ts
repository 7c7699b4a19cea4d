import { describe, expect, it } from 'vitest';
import { EFFECTS, orderKeyOf } from '#domain/grants/coupon-account.ts';
import { couponGrant, type Redemption } from '#domain/grants/grant.ts';
import { grantOfItem, itemOfGrant, redemptionAttribute } from '#domain/grants/grant-item.ts';
import { lineHashOf } from '#domain/grants/order-line.ts';

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
  idKey: undefined,
});

/** A coupon as it is stored in the table. Later versions must still read it. */
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

/** The account of an older version, which kept sums. */
const SUMS_ATTRIBUTE = {
  M: {
    orderId: { S: 'o2' },
    paidFen: { N: '4900' },
    refundedFen: { N: '100' },
    refundedMs: { N: '1700000001000' },
    earlier: { L: [{ S: 'o1' }] },
  },
};

const REDEMPTION: Redemption = {
  orderId: 'o2',
  otherOrders: ['o1'],
  paidFen: 4_900,
  refundedFen: 100,
  lines: [
    {
      id: '0011223344556677',
      order: orderKeyOf('o2'),
      kind: 'paid',
      channel: 'near',
      timeMs: 1_700_000_000_500,
      fen: 4_900,
      discountFen: 0,
      brand: lineHashOf('lotus'),
      source: lineHashOf('/shop'),
      coupon: lineHashOf(GIVEN.id),
      effects: EFFECTS.redeemed,
    },
    {
      id: 'ff11223344556677',
      order: orderKeyOf('o2'),
      kind: 'refunded',
      channel: 'far',
      timeMs: 1_699_999_999_000,
      fen: 100,
      discountFen: -1,
      brand: lineHashOf('lotus'),
      source: '',
      coupon: '',
      effects: 0,
    },
  ],
};

describe('the item of a grant', () => {
  it('is written as it always was', () => {
    expect(itemOfGrant(GIVEN)).toEqual(ITEM);
  });

  it('is read as the grant that was made, with no changes and no redemption', () => {
    expect(grantOfItem(ITEM)).toEqual({ ...GIVEN, state: 'live', changes: 0 });
  });

  it('is read with its account, which has the sums that an older version reads', () => {
    const redemption = redemptionAttribute(REDEMPTION, GIVEN);
    expect(redemption.M).toMatchObject({
      orderId: { S: 'o2' },
      paidFen: { N: '4900' },
      refundedFen: { N: '100' },
    });
    const changed = { ...ITEM, state: { S: 'redeemed' }, changes: { N: '3' } };
    expect(grantOfItem({ ...changed, redemption })).toEqual({
      ...GIVEN,
      state: 'redeemed',
      changes: 3,
      redemption: REDEMPTION,
    });
  });

  it('is read with lines of no known brand if its account is of an older version', () => {
    const { redemption } = grantOfItem({ ...ITEM, redemption: SUMS_ATTRIBUTE });
    const lines = redemption!.lines.map(({ order, kind, fen, brand, coupon }) => [
      order,
      kind,
      fen,
      brand,
      coupon,
    ]);
    const coupon = lineHashOf(GIVEN.id);
    expect(lines).toEqual([
      [orderKeyOf('o1'), 'paid', 1, '', coupon],
      [orderKeyOf('o1'), 'refunded', 1, '', coupon],
      [orderKeyOf('o2'), 'paid', 4_900, '', coupon],
      [orderKeyOf('o2'), 'refunded', 100, '', coupon],
    ]);
    expect(redemption!.otherOrders).toEqual(['o1']);
  });
});
