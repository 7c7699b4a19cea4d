import { describe, expect, it } from 'vitest';
import {
  applyLine,
  type CouponEffect,
  fallWithOrder,
  type LineInput,
  locate,
  type NamingCampaign,
} from '#domain/coupons/redeem.ts';
import { EFFECTS, MAX_ACCOUNT_LINES, orderKeyOf } from '#domain/grants/coupon-account.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import { lineIdOf, orderLineOf } from '#domain/grants/order-line.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { couponIdBy, formerCouponId, idKeyIn } from '../support/coupon-ids.ts';
import { eventId } from '../support/coupon-world.ts';
import { offer, order, START_MS } from './factories.ts';

const HOUR_MS = 3_600_000;
const TEN = offer({ validHours: 1 });
const BUDGET = { campaignId: 'sale', key: 'engine/platform', shards: 1, hasOwnKeys: true };

const GRANT: StoredGrant = {
  ...couponGrant({
    ...{ campaignId: 'sale', member: 'm1', slot: 0, offer: TEN, arm: 'engine' },
    ...{ trigger: eventId('earning'), grantedMs: START_MS, reason: {}, idKey: idKeyIn('sale') },
  }),
  state: 'live',
  changes: 0,
};

/** A payment of an order that uses the coupon, one minute after the coupon was given. */
const using = (name: string, changes: Partial<OrderEvent> = {}): OrderEvent =>
  order({
    ...{ id: eventId(name), orderId: name, timeMs: START_MS + 60_000, amountFen: 9_000 },
    ...{ brand: 'a', couponId: GRANT.id, source: 'shop', ...changes },
  });
const refunding = (name: string, of: string, changes: Partial<OrderEvent> = {}): OrderEvent =>
  using(name, { orderId: of, kind: 'refunded', couponId: '', timeMs: START_MS + 120_000, ...changes });

const inputOf = (event: OrderEvent, others: readonly OrderEvent[] = []): LineInput => ({
  order: event,
  line: orderLineOf(event),
  known: others.map(orderLineOf),
  pending: [],
  faces: new Map(),
});

const effectOf = (
  grant: StoredGrant,
  event: OrderEvent,
  others: readonly OrderEvent[] = [],
): CouponEffect => {
  const effect = applyLine(grant, TEN, inputOf(event, others));
  if (effect === 'too-many-lines') throw new Error('expected an effect, got too many lines');
  return effect;
};

/** The coupon after these events, and what the last of them did to it. */
const couponAfter = (grant: StoredGrant, ...events: OrderEvent[]) => {
  let now = grant;
  let effects = 0;
  for (const event of events) {
    const effect = effectOf(now, event);
    const { change } = effect;
    effects = effect.effects;
    if (change !== undefined) now = { ...now, state: change.state, redemption: change.redemption! };
  }
  return { ...now, effects };
};

describe('the place of a coupon', () => {
  const keyed: NamingCampaign = { coupons: { perMemberLimit: 3 }, idKey: idKeyIn('sale') };
  const former: NamingCampaign = { coupons: { perMemberLimit: 3 }, idKey: undefined };
  const idOf = (slot: number, member = 'm1') => couponIdBy(eventId('earning'), 'sale', member, slot);

  it.each([
    ['of a slot within the limit', idOf(2), keyed, { campaignId: 'sale', slot: '2' }],
    ['of a slot beyond the limit', idOf(3), keyed, 'unknown'],
    ['of another member', idOf(0, 'm2'), keyed, 'foreign'],
    ['in the former form', formerCouponId('sale', 'm1', 0), former, { campaignId: 'sale', slot: '0' }],
    ['in the former form, of another member', formerCouponId('sale', 'm2', 0), former, 'foreign'],
    ['in the former form, in a campaign with a key', formerCouponId('sale', 'm1', 0), keyed, { slot: '0' }],
    ['with a key, in a campaign without one', idOf(0), former, 'unknown'],
    ['of no campaign', idOf(0), undefined, 'unknown'],
    ['that is no coupon id', 'sale', keyed, 'unknown'],
  ] as const)('is found by its id if that can be the member’s: an id %s', (_, couponId, campaign, place) => {
    const found = locate(couponId, 'm1', campaign);
    if (typeof place === 'string') expect(found).toBe(place);
    else expect(found).toMatchObject(place);
  });
});

describe('an order that names a coupon', () => {
  it('uses it, and the coupon’s account holds the order’s id, what was paid, and the order’s lines', () => {
    const { change, effects } = effectOf(GRANT, using('o1'));
    expect(effects).toBe(EFFECTS.redeemed);
    expect(change).toEqual({
      grant: GRANT,
      state: 'redeemed',
      redemption: {
        orderId: 'o1',
        paidFen: 9_000,
        refundedFen: 0,
        lines: [{ ...orderLineOf(using('o1')), order: orderKeyOf('o1'), effects: EFFECTS.redeemed }],
        otherOrders: [],
      },
    });
  });

  it('brings the known lines of the order into the account, each once', () => {
    const other = using('part', { orderId: 'o1', couponId: '', brand: 'b', amountFen: 500 });
    const { change } = effectOf(GRANT, using('o1'), [other, using('o1')]);
    expect(change!.redemption).toMatchObject({ paidFen: 9_000 });
    expect(change!.redemption!.lines.map(({ id, effects }) => [id, effects])).toEqual([
      [lineIdOf(eventId('part')), 0],
      [lineIdOf(eventId('o1')), EFFECTS.redeemed],
    ]);
  });

  it('has the same effect if it comes again, and then changes nothing', () => {
    const used = couponAfter(GRANT, using('o1'));
    expect(effectOf(used, using('o1'))).toEqual({ grant: used, effects: EFFECTS.redeemed });
  });

  it('is refused if another order has used the coupon, or one with the same id from another source', () => {
    const used = couponAfter(GRANT, using('o1'));
    expect(effectOf(used, using('o2')).effects & EFFECTS.refusedUsed).toBe(EFFECTS.refusedUsed);
    const elsewhere = using('x', { orderId: 'o1', source: 'app' });
    expect(effectOf(used, elsewhere).effects & EFFECTS.refusedUsed).toBe(EFFECTS.refusedUsed);
    const further = using('x', { orderId: 'o1' });
    expect(effectOf(used, further).effects).toBe(0);
    expect(effectOf(used, further).change!.redemption).toMatchObject({ paidFen: 18_000, otherOrders: [] });
  });

  it('is refused in the same way if its own line is among the known lines already', () => {
    const used = couponAfter(GRANT, using('o1'));
    const { effects, change } = effectOf(used, using('o2'), [using('o2')]);
    expect(effects).toBe(EFFECTS.refusedUsed);
    expect(change!.redemption).toMatchObject({ orderId: 'o1', paidFen: 9_000, otherOrders: ['o2'] });
  });

  it('is not taken for a repetition of another order’s event with the same id, and leaves the line of that event as it is', () => {
    const used = couponAfter(GRANT, using('o1'));
    const { effects, change } = effectOf(used, using('o1', { orderId: 'o2' }));
    expect(effects & EFFECTS.refusedUsed).toBe(EFFECTS.refusedUsed);
    expect(change!.redemption!.lines).toEqual(used.redemption!.lines);
  });

  it('uses it, even if an order of a later time arrived first, used it and gave it back', () => {
    const later = using('o2', { timeMs: START_MS + 180_000 });
    const back = refunding('r', 'o2', { timeMs: START_MS + 200_000 });
    const held = couponAfter(GRANT, later, back, using('o1'));
    expect(held).toMatchObject({ state: 'redeemed', redemption: { orderId: 'o1', otherOrders: ['o2'] } });
  });

  it('is not refused if it names another coupon, or if it is a refund', () => {
    const used = couponAfter(GRANT, using('o1'));
    expect(effectOf(used, using('o2', { couponId: 'another' })).effects).toBe(0);
    expect(effectOf(used, refunding('r', 'o2', { couponId: GRANT.id })).effects).toBe(0);
  });

  it.each([
    ['expired', HOUR_MS, EFFECTS.refusedExpired],
    ['expired', HOUR_MS - 1, EFFECTS.overdraft],
    ['live', HOUR_MS - 1, EFFECTS.redeemed],
  ] as const)('has the effect that the coupon’s state and age decide: %s, %d ms', (state, ms, effects) => {
    const part = using('part', { orderId: 'o1', couponId: '' });
    const effect = effectOf({ ...GRANT, state }, using('o1', { timeMs: START_MS + ms }), [part]);
    expect(effect.effects).toBe(effects);
    // The other lines of an order that is refused because the coupon expired are not part of the account.
    expect(effect.change!.redemption!.lines).toHaveLength(effects === EFFECTS.refusedExpired ? 1 : 2);
    expect(effect.change!.state).toBe(state === 'live' ? 'redeemed' : 'expired');
  });

  it('is refused if the account is full, and not before', () => {
    const used = couponAfter(GRANT, using('o1'));
    const [line] = used.redemption!.lines;
    const full = (lines: number): StoredGrant => ({
      ...used,
      redemption: {
        ...used.redemption!,
        lines: Array.from({ length: lines }, (_, i) => ({ ...line!, id: `${i}`.padStart(16, '0') })),
      },
    });
    expect(applyLine(full(MAX_ACCOUNT_LINES), TEN, inputOf(using('last')))).toBe('too-many-lines');
    expect(applyLine(full(MAX_ACCOUNT_LINES - 1), TEN, inputOf(using('last')))).toMatchObject({ grant: {} });
  });
});

describe('a refund of an order that has used a coupon', () => {
  it('counts if it names the coupon, or if it names none and the payment with the coupon had the same brand or no brand', () => {
    const used = couponAfter(GRANT, using('o1'));
    const refundedFen = (event: OrderEvent) => effectOf(used, event).change!.redemption!.refundedFen;
    expect(refundedFen(refunding('r', 'o1', { amountFen: 100 }))).toBe(100);
    expect(refundedFen(refunding('r', 'o1', { amountFen: 100, brand: 'b' }))).toBe(0);
    expect(refundedFen(refunding('r', 'o1', { amountFen: 100, brand: 'b', couponId: GRANT.id }))).toBe(100);
    expect(refundedFen(refunding('r', 'o1', { amountFen: 100, couponId: 'another' }))).toBe(0);
    expect(refundedFen(refunding('r', 'o2', { amountFen: 100 }))).toBe(0);
    const anyBrand = couponAfter(GRANT, using('o1', { brand: '' }));
    expect(
      effectOf(anyBrand, refunding('r', 'o1', { amountFen: 100, brand: 'b' })).change!.redemption!
        .refundedFen,
    ).toBe(100);
  });

  it('leaves the coupon unused if it comes before the order', () => {
    const { effects, change } = effectOf(GRANT, refunding('r', 'o1'));
    expect([effects, change!.state]).toEqual([0, 'live']);
    expect(change!.redemption).toMatchObject({ orderId: 'o1', paidFen: 0, refundedFen: 0 });
  });

  it('gives the coupon back if it is in full, and the account still says which order used it last', () => {
    const back = couponAfter(GRANT, using('o1'), refunding('r', 'o1'));
    expect(back).toMatchObject({ state: 'live', effects: EFFECTS.returned });
    expect(back.redemption).toMatchObject({ orderId: 'o1', paidFen: 9_000, refundedFen: 9_000 });
    const again = couponAfter(back, using('o2', { timeMs: START_MS + 180_000 }));
    expect(again).toMatchObject({ state: 'redeemed', effects: EFFECTS.redeemed });
    expect(again.redemption).toMatchObject({
      ...{ orderId: 'o2', paidFen: 9_000, refundedFen: 0, otherOrders: ['o1'] },
    });
    const third = couponAfter(again, refunding('r2', 'o2'), using('o3', { timeMs: START_MS + 240_000 }));
    expect(third.redemption).toMatchObject({ orderId: 'o3', otherOrders: ['o2', 'o1'] });
  });

  it('passes the coupon on to another order that was refused before', () => {
    const both = couponAfter(GRANT, using('o1'), using('o2', { timeMs: START_MS + 90_000 }));
    expect(both.redemption).toMatchObject({ orderId: 'o1', otherOrders: ['o2'] });
    const left = couponAfter(both, refunding('r', 'o1'));
    expect(left).toMatchObject({ state: 'redeemed', effects: 0 });
    expect(left.redemption).toMatchObject({ orderId: 'o2', otherOrders: ['o1'] });
  });

  it('is counted as the return of an overdraft if the coupon had expired and its money had gone back to the budget', () => {
    const expired: StoredGrant = { ...GRANT, state: 'expired' };
    const used = couponAfter(expired, using('o1'));
    expect(used).toMatchObject({ state: 'expired', effects: EFFECTS.overdraft });
    expect(couponAfter(used, refunding('r', 'o1'))).toMatchObject({
      ...{ state: 'expired', effects: EFFECTS.overdraftReturned },
    });
  });
});

describe('a coupon whose earning order is refunded', () => {
  const earning = using('earning', { orderId: 'e', couponId: '' });
  const fall = (grant: StoredGrant, event: OrderEvent, others: readonly OrderEvent[] = [earning]) =>
    fallWithOrder(grant, BUDGET, inputOf(event, others));

  it('is void, and its money goes back to its budget', () => {
    const event = refunding('r', 'e');
    expect(fall(GRANT, event)).toEqual({
      grant: GRANT,
      effects: EFFECTS.fell,
      change: {
        grant: GRANT,
        state: 'expired',
        budget: BUDGET,
        redemption: {
          ...{ orderId: 'e', paidFen: 0, refundedFen: 0, otherOrders: [] },
          lines: [{ ...orderLineOf(event), order: orderKeyOf('e'), effects: EFFECTS.fell }],
        },
      },
    });
  });

  it('keeps the account of orders that used it and gave it back', () => {
    const back = couponAfter(GRANT, using('o1'), refunding('r1', 'o1'));
    const { redemption } = fall(back, refunding('r', 'e'))!.change!;
    expect(redemption).toMatchObject({ orderId: 'o1', paidFen: 9_000, refundedFen: 9_000 });
    expect(redemption!.lines).toHaveLength(3);
  });

  it('stays if the payment is not paid back in full, or the coupon is used', () => {
    expect(fall(GRANT, refunding('r', 'e', { amountFen: 8_999 }))).toBeUndefined();
    expect(fall(GRANT, refunding('r', 'e'), [])).toBeUndefined();
    const half = refunding('r', 'e', { amountFen: 4_500 });
    expect(fall(GRANT, half, [earning, half])).toBeUndefined();
    expect(fall(couponAfter(GRANT, using('o1')), refunding('r', 'e'))).toBeUndefined();
  });
});
