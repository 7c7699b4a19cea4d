import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownOrder, withLine } from '#domain/coupons/accounts.ts';
import { applyOrder } from '#domain/coupons/apply-order.ts';
import { metricEventsOf } from '#domain/coupons/report.ts';
import { orderKeyOf } from '#domain/grants/coupon-account.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import { orderLineOf } from '#domain/grants/order-line.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { newMember } from '#domain/members/members-table.ts';
import { emptyProfile, rememberedOutcome } from '#domain/members/profile.ts';
import { campaignSettings } from '#events/campaign.ts';
import type { Offer } from '#events/sections/coupons.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { eventId } from '../support/coupon-world.ts';
import { definition, offer, order, START_MS } from './factories.ts';

const VALID_MS = 3_600_000;
const settings = campaignSettings(definition('sale'));
const budget = { campaignId: 'sale', key: 'engine/platform', shards: 1, hasOwnKeys: true };
const TEN = offer({ validHours: 1, thresholdFen: 9_900 });

const couponIn = (slot: number, given: Offer): StoredGrant => ({
  ...couponGrant({
    campaignId: 'sale',
    member: 'm1',
    slot,
    offer: given,
    arm: 'engine',
    trigger: `t${slot}`,
    grantedMs: START_MS,
    reason: {},
    idKey: idKeyIn('sale'),
  }),
  state: 'live',
  changes: 0,
});
const [FIRST, SECOND] = [couponIn(0, TEN).id, couponIn(1, TEN).id];

type End = { states: StoredGrant['state'][]; counts: Record<string, number> };

/** Beginnings of labels, in pairs: the first takes back what the second counts. */
const REVERSALS: readonly [string, string][] = [
  ['coupon-returned/', 'coupon-redeemed/'],
  ['coupon-overdraft-returned/', 'coupon-overdraft/'],
  ['coupon-redeemed-within-terms-after-all/', 'coupon-redeemed-against-terms/'],
];

/** Applies events as they arrive to two coupons in memory; counts are net of reversals. */
const endOf = (
  events: readonly OrderEvent[],
  { given = TEN, state = 'live' as StoredGrant['state'], isForgetful = false } = {},
): End => {
  const grants = [0, 1].map((slot) => ({ ...couponIn(slot, given), state }));
  let member = newMember('m1');
  let profile = emptyProfile();
  const labels = new Map<string, string>();
  for (const event of events) {
    if (!isForgetful && rememberedOutcome(profile, event.id) !== undefined) continue;
    const found = grants
      .filter(
        ({ id, redemption }) =>
          (event.kind === 'paid' && id === event.couponId) ||
          redemption?.lines.some((line) => line.order === orderKeyOf(event.orderId)),
      )
      .map((grant) => ({
        grant,
        offer: given,
        settings,
        coupons: definition('sale').coupons!,
        budget,
        mayFall: false,
      }));
    const transition = applyOrder(member, profile, {
      order: event,
      known: knownOrder(member.accounts, event.orderId),
      pending: [],
      found: { coupons: found, issued: [] },
      campaigns: [],
      isLate: false,
      reachedMs: START_MS,
    });
    ({ member, profile } = transition);
    const { coupons } = transition;
    const nothing = { decisions: [], campaigns: [], grants: [], isLeftOut: false };
    const report = { ...nothing, order: event, coupons };
    for (const { event: metricEvent } of metricEventsOf(report)) {
      expect(labels.get(metricEvent.id) ?? metricEvent.label).toBe(metricEvent.label);
      labels.set(metricEvent.id, metricEvent.label);
    }
    for (const change of transition.changes) {
      const at = grants.findIndex(({ id }) => id === change.grant.id);
      grants[at] = { ...grants[at]!, state: change.state, redemption: change.redemption! };
    }
  }
  const counts: Record<string, number> = {};
  for (const label of labels.values()) {
    const reversal = REVERSALS.find(([head]) => label.startsWith(head));
    const of = reversal === undefined ? label : label.replace(reversal[0], reversal[1]);
    counts[of] = (counts[of] ?? 0) + (reversal === undefined ? 1 : -1);
  }
  const net = Object.entries(counts).filter(([, count]) => count !== 0);
  return { states: grants.map((grant) => grant.state), counts: Object.fromEntries(net) };
};

const paid = (name: string, changes: Partial<OrderEvent>): OrderEvent =>
  order({ id: eventId(name), orderId: 'X', timeMs: START_MS + 1_000, source: 'shop', ...changes });
const refund = (name: string, changes: Partial<OrderEvent>): OrderEvent =>
  paid(name, { kind: 'refunded', timeMs: START_MS + 5_000, ...changes });

const permutations = <Item>(items: readonly Item[]): Item[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));

const A = { brand: 'a', couponId: FIRST, amountFen: 10_000 };
const B = { brand: 'b', couponId: SECOND, amountFen: 10_000 };
const USED = 'coupon-redeemed/engine/ten';

describe('when orders use coupons and are refunded', () => {
  it.each<[string, OrderEvent[], StoredGrant['state'][], Record<string, number>]>([
    [
      'the refunded brand’s coupon comes back',
      [paid('a', A), paid('b', B), refund('r', { brand: 'b', amountFen: 10_000 })],
      ['redeemed', 'live'],
      { [USED]: 1 },
    ],
    [
      'the coupon that a refund names comes back, whatever the refund’s brand',
      [paid('a', A), paid('b', B), refund('r', { brand: 'b', amountFen: 10_000, couponId: FIRST })],
      ['live', 'redeemed'],
      { [USED]: 1 },
    ],
    [
      'the refund of an older part without a coupon does not give back the coupon of a later part',
      [
        paid('a', { brand: 'a', amountFen: 50_000, timeMs: START_MS }),
        paid('b', { ...A, amountFen: 30_000 }),
        refund('r', { brand: 'a', amountFen: 50_000 }),
      ],
      ['redeemed', 'live'],
      { [USED]: 1 },
    ],
    [
      'a refund of a part of the amount gives no coupon back',
      [paid('a', A), refund('r', { brand: 'a', amountFen: 9_999 })],
      ['redeemed', 'live'],
      { [USED]: 1 },
    ],
    [
      'refunds of the whole amount give the coupon back once, even after its expiry',
      [
        paid('a', A),
        refund('r', { brand: 'a', amountFen: 4_000 }),
        refund('s', { brand: 'a', amountFen: 6_000, timeMs: START_MS + VALID_MS }),
      ],
      ['live', 'live'],
      {},
    ],
    [
      'two parts meet the threshold if they reach it together',
      [paid('a', { ...A, amountFen: 6_000 }), paid('b', { ...A, brand: 'b', amountFen: 6_000 })],
      ['redeemed', 'live'],
      { [USED]: 1 },
    ],
    [
      'an order below the coupon’s threshold uses the coupon all the same',
      [paid('a', { ...A, amountFen: 8_899 })],
      ['redeemed', 'live'],
      { [USED]: 1, 'coupon-redeemed-against-terms/threshold': 1 },
    ],
    [
      'a discount that the event states counts instead of the face value',
      [paid('a', { ...A, amountFen: 8_900, discountFen: 999 })],
      ['redeemed', 'live'],
      { [USED]: 1, 'coupon-redeemed-against-terms/threshold': 1 },
    ],
    [
      'the threshold applies to the amount before the discount',
      [paid('a', { ...A, amountFen: 8_900 })],
      ['redeemed', 'live'],
      { [USED]: 1 },
    ],
    [
      'an order of 0 fen uses the coupon',
      [paid('a', { ...A, amountFen: 0, discountFen: 9_900 })],
      ['redeemed', 'live'],
      { [USED]: 1, 'coupon-redeemed-against-terms/zero': 1 },
    ],
    [
      'a use after the coupon’s expiry is counted as a broken term while the coupon’s money is held',
      [paid('a', { ...A, timeMs: START_MS + VALID_MS })],
      ['redeemed', 'live'],
      { [USED]: 1, 'coupon-redeemed-against-terms/expired': 1 },
    ],
  ])('%s, in every order of arrival and with each event twice', (_, events, states, counts) => {
    for (const arrived of permutations(events)) {
      expect(endOf(arrived.flatMap((event) => [event, event]))).toEqual({ states, counts });
      // What a coupon's account holds is known without the member's profile.
      expect(endOf([...arrived, ...arrived], { isForgetful: true })).toEqual({ states, counts });
    }
  });

  it('an order breaks a coupon’s scope if no part that names the coupon is within the scope', () => {
    const near = offer({ ...TEN, scope: 'near' });
    expect(endOf([paid('a', A)], { given: near }).counts).toEqual({
      [USED]: 1,
      'coupon-redeemed-against-terms/scope': 1,
    });
    const brands = offer({ ...TEN, scope: 'brands', brands: ['a'] });
    expect(endOf([paid('a', A), paid('b', { ...A, brand: 'b' })], { given: brands }).counts).toEqual({
      [USED]: 1,
    });
  });

  it('a used coupon refuses a second order, and an order of another shop with the same number', () => {
    const others = [paid('x', { ...A, orderId: 'Y' }), paid('x', { ...A, source: 'shop-two', brand: 'b' })];
    for (const other of others) {
      const back = refund('r', { brand: 'b', source: 'shop-two', orderId: other.orderId });
      expect(endOf([paid('a', A), other, other, back], { isForgetful: true })).toEqual({
        states: ['redeemed', 'live'],
        counts: { [USED]: 1, 'coupon-refused/used': 1 },
      });
    }
  });

  it('an order that was refused a coupon uses it once the order that used it before is refunded', () => {
    const [first, second] = [paid('a', A), paid('y', { ...A, orderId: 'Y', timeMs: START_MS + 2_000 })];
    const back = refund('r', { brand: 'a' });
    const used = [first, second, back];
    const held = { states: ['redeemed', 'live'], counts: { [USED]: 1, 'coupon-refused/used': 1 } };
    expect(endOf([...used, ...used], { isForgetful: true })).toEqual(held);
    expect(endOf([...used, paid('z', { ...A, orderId: 'Z' })])).toEqual({
      ...held,
      counts: { [USED]: 1, 'coupon-refused/used': 2 },
    });
    const secondBack = refund('s', { brand: 'a', orderId: 'Y' });
    const free = { states: ['live', 'live'], counts: { 'coupon-refused/used': 1 } };
    for (const end of [
      [...used, secondBack],
      [first, second, secondBack, back],
      [first, secondBack, second, back],
    ])
      expect(endOf([...end, ...end], { isForgetful: true })).toEqual(free);
  });

  it('an order in time makes an overdraft if its coupon’s money was freed before; a late order is refused the coupon', () => {
    const state = 'expired';
    const inTime = [paid('a', A), paid('a', A)];
    expect(endOf(inTime, { state, isForgetful: true })).toEqual({
      states: ['expired', 'expired'],
      counts: { 'coupon-overdraft/engine/ten': 1 },
    });
    expect(endOf([...inTime, refund('r', { brand: 'a', amountFen: 10_000 })], { state }).counts).toEqual({});
    expect(endOf([paid('a', { ...A, timeMs: START_MS + VALID_MS })], { state }).counts).toEqual({
      'coupon-refused/expired': 1,
    });
  });

  it('a refund of a part does not count against another part if the refunded part has arrived too and is applied next', () => {
    const [one, other] = [paid('a', A), paid('b', { ...B, timeMs: START_MS + 2_000 })];
    const back = refund('r', { brand: 'b', amountFen: 10_000 });
    const found = {
      grant: couponIn(0, TEN),
      offer: TEN,
      settings,
      coupons: definition('sale').coupons!,
      budget,
      mayFall: false,
    };
    const applied = (pending: OrderEvent[]) =>
      applyOrder(newMember('m1'), emptyProfile(), {
        order: one,
        known: { lines: [orderLineOf(back)], mayHaveGone: false },
        pending,
        found: { coupons: [found], issued: [] },
        campaigns: [],
        isLate: false,
        reachedMs: START_MS,
      }).changes.map(({ state }) => state);
    expect(applied([])).toEqual(['live']);
    expect(applied([other])).toEqual(['redeemed']);
  });

  it('the coupons end the same, in whatever order and however often the events arrive', () => {
    const part = fc.record({
      brand: fc.constantFrom('a', 'b'),
      couponId: fc.constantFrom('', FIRST, SECOND),
      amountFen: fc.constantFrom(0, 4_000, 9_000, 20_000),
      timeMs: fc.constantFrom(START_MS + 1_000, START_MS + 2_000, START_MS + VALID_MS),
    });
    const events = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.array(part, { maxLength: 3 }))
      .map(([parts, refunds]) => [
        ...parts.map((one, i) => paid(`p${i}`, one)),
        ...refunds.map((one, i) => refund(`r${i}`, { ...one, amountFen: Math.max(1, one.amountFen) })),
      ]);
    fc.assert(
      fc.property(
        events.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length })),
        ),
        ([list, some]) => {
          const arrived = [...some, ...list.filter((event) => !some.includes(event))];
          // A line that comes before any order has named the coupon gets into the coupon's account only once an order
          // names the coupon.
          const named = new Set(list.map(({ kind, couponId }) => (kind === 'paid' ? couponId : '')));
          const [one, two] = [endOf(list), endOf(arrived)];
          for (const [i, id] of [FIRST, SECOND].entries()) {
            if (named.has(id)) expect(two.states[i]).toBe(one.states[i]);
          }
          expect(two.counts).toEqual(one.counts);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the lines of orders that no coupon holds', () => {
  const lineOf = (i: number, changes: Partial<OrderEvent> = {}) =>
    orderLineOf(order({ id: eventId(`line-${i}`), timeMs: START_MS + i, ...changes }));

  it('are those of the latest orders, and fit into the bytes that a member’s item leaves free in one write unit', () => {
    let accounts: Uint8Array = new Uint8Array();
    for (let i = 0; i < 30; i++) accounts = withLine(accounts, `o${i}`, lineOf(i));
    expect(accounts.length).toBeLessThan(250);
    expect(knownOrder(accounts, 'o29')).toEqual({ lines: [lineOf(29)], mayHaveGone: true });
    expect(knownOrder(accounts, 'o23').lines).toEqual([lineOf(23)]);
    expect(knownOrder(accounts, 'o22')).toEqual({ lines: [], mayHaveGone: true });
  });

  it('lose no refund that came before its order, until no queue can hold the order any more', () => {
    let accounts: Uint8Array = new Uint8Array();
    const early = (i: number) => lineOf(i, { kind: 'refunded' });
    for (let i = 0; i < 40; i++) accounts = withLine(accounts, `o${i}`, early(i));
    for (let i = 0; i < 40; i++) expect(knownOrder(accounts, `o${i}`).lines).toEqual([early(i)]);
    const later = lineOf(99, { timeMs: START_MS + 15 * 86_400_000 });
    for (let i = 40; i < 50; i++) accounts = withLine(accounts, `o${i}`, later);
    expect(knownOrder(accounts, 'o3').lines).toEqual([]);
  });
});
