import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf, withAccount, withoutAccount } from '#domain/coupons/accounts.ts';
import { applyOrder } from '#domain/coupons/apply-order.ts';
import type { CouponLookup } from '#domain/coupons/lookup.ts';
import { decidingModel } from '#domain/coupons/model.ts';
import { isUsedOn } from '#domain/coupons/redeem.ts';
import { metricEventsOf } from '#domain/coupons/report.ts';
import { couponGrant, type StoredGrant } from '#domain/grants/grant.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import { newMember } from '#domain/members/members-table.ts';
import { emptyProfile, mayHaveBeenEvicted, remember, rememberedOutcome } from '#domain/members/profile.ts';
import { campaignSettings } from '#events/campaign.ts';
import { eventId } from '../support/coupon-world.ts';
import { definition, offer, order, START_MS } from './factories.ts';

const PAID_FEN = 20_000;
const VALID_MS = 3_600_000;
const settings = campaignSettings(definition('sale'));
const budget = { campaignId: 'sale', key: 'engine/platform', shards: 1 };
const given = couponGrant({
  campaignId: 'sale',
  member: 'm1',
  slot: 0,
  offer: offer({ validHours: 1 }),
  arm: 'engine',
  trigger: 't',
  grantedMs: START_MS,
  reason: {},
});

type End = {
  state: StoredGrant['state'];
  redemption: StoredGrant['redemption'];
  creditedFen: number;
  metricEvents: Record<string, number>;
};

/** Applies events as they arrive, as the function does, to one live coupon in memory. */
const endOf = (events: readonly OrderEvent[]): End => {
  let grant: StoredGrant = { ...given, state: 'live', changes: 0 };
  let member = newMember('m1');
  let profile = emptyProfile();
  let creditedFen = 0;
  const labels = new Map<string, string>();
  for (const event of events) {
    if (rememberedOutcome(profile, event.id) !== undefined) continue;
    const coupon: CouponLookup = { kind: 'coupon', grant, offer: offer({ validHours: 1 }), budget };
    const found: CouponLookup =
      event.kind === 'paid' || isUsedOn(grant, event) ? coupon : ({ kind: 'none' } as const);
    const transition = applyOrder(member, profile, {
      order: event,
      found,
      campaigns: [],
      model: decidingModel,
    });
    ({ member, profile } = transition);
    const { change, outcome } = transition;
    const report = {
      order: event,
      outcome,
      campaigns: [],
      grants: [],
      coupon: change && { grant, settings },
    };
    for (const { event: metricEvent } of metricEventsOf(report)) {
      expect(labels.has(metricEvent.id)).toBe(false);
      labels.set(metricEvent.id, metricEvent.label);
    }
    if (change === undefined) continue;
    expect(grant.state).not.toBe('expired');
    if (change.state === 'expired') creditedFen += grant.faceFen;
    grant = {
      ...grant,
      state: change.state,
      changes: grant.changes + 1,
      ...(change.redemption === undefined ? {} : { redemption: change.redemption }),
    };
  }
  const metricEvents: Record<string, number> = {};
  for (const label of labels.values()) metricEvents[label] = (metricEvents[label] ?? 0) + 1;
  return { state: grant.state, redemption: grant.redemption, creditedFen, metricEvents };
};

const refundOf = (i: number, amountFen: number, timeMs: number, couponId: string): OrderEvent =>
  order({ kind: 'refunded', id: eventId(`refund-${i}`), amountFen, timeMs, couponId });

const payment = (i: number, amountFen: number): OrderEvent =>
  order({ id: eventId(`paid-${i}`), amountFen, couponId: given.id });

/** Refunds of one order: some before the coupon's expiry and some after, some naming it, in all more or less than was paid. */
const refunds = (latestMs: number) =>
  fc
    .array(
      fc.record({
        amountFen: fc.constantFrom(1, 5_000, 7_500, 10_000, 15_000, PAID_FEN),
        afterMs: fc.constantFrom(2_000, 3_000, 500_000, latestMs),
        couponId: fc.constantFrom('', given.id),
      }),
      { maxLength: 5 },
    )
    .map((parts) =>
      parts.map(({ amountFen, afterMs, couponId }, i) =>
        refundOf(i, amountFen, START_MS + afterMs, couponId),
      ),
    );

/** Every event at least once, some of them again, in any order. */
const arrivals = (events: readonly OrderEvent[]): fc.Arbitrary<OrderEvent[]> =>
  fc
    .shuffledSubarray([...events, ...events], { minLength: events.length })
    .map((some) => [...some, ...events.filter((event) => !some.includes(event))]);

const permutations = <Item>(items: readonly Item[]): Item[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));

describe('an order, its refunds and the coupon that it used', () => {
  it.each([
    ['redeemed', [[5_000, 2_000]], {}],
    ['redeemed', [[19_999, VALID_MS]], {}],
    [
      'live',
      [
        [5_000, 2_000],
        [15_000, 3_000],
      ],
      { returned: 1 },
    ],
    [
      'expired',
      [
        [5_000, 2_000],
        [5_000, VALID_MS],
        [10_000, 3_000],
      ],
      { returned: 1, expired: 1 },
    ],
    [
      'expired',
      [
        [PAID_FEN, 2_000],
        [PAID_FEN, VALID_MS + 1],
      ],
      { returned: 1, expired: 1 },
    ],
  ])('leave it %s in every order of arrival, each of them twice', (state, parts, counts) => {
    const events = [
      payment(0, PAID_FEN),
      ...parts.map(([amountFen, afterMs], i) => refundOf(i, amountFen!, START_MS + afterMs!, '')),
    ];
    const metricEvents = Object.fromEntries(
      Object.entries({ redeemed: 1, ...counts }).map(([name, count]) => [`coupon-${name}/engine/ten`, count]),
    );
    for (const arrived of permutations(events)) {
      expect(endOf(arrived.flatMap((event) => [event, event]))).toMatchObject({
        state,
        creditedFen: state === 'expired' ? 1_000 : 0,
        metricEvents,
      });
    }
  });

  it('end in the same state, redemption, budget and metrics, however they arrive and how often', () => {
    fc.assert(
      fc.property(
        refunds(VALID_MS).chain((parts) => {
          const events = [payment(0, PAID_FEN), ...parts];
          return fc.tuple(fc.constant(events), arrivals(events));
        }),
        ([inOrder, arrived]) => {
          const [one, two] = [endOf(inOrder), endOf(arrived)];
          // What more is paid back after the coupon has expired is of no account to it any more.
          if (one.state === 'expired') delete one.redemption;
          if (two.state === 'expired') delete two.redemption;
          expect(two).toEqual(one);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('that comes as an event a brand ends the same too, while the coupon is valid', () => {
    const payments = fc.array(fc.constantFrom(300, 4_000, 6_000, 9_000), { minLength: 2, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.tuple(payments, refunds(900_000)).chain(([amounts, parts]) => {
          const events = [...amounts.map((amountFen, i) => payment(i, amountFen)), ...parts];
          return fc.tuple(fc.constant(events), arrivals(events));
        }),
        ([inOrder, arrived]) => {
          const [one, two] = [endOf(inOrder), endOf(arrived)];
          expect([two.state, two.redemption]).toEqual([one.state, one.redemption]);
          const count = (head: string) => two.metricEvents[`coupon-${head}/engine/ten`] ?? 0;
          expect(count('redeemed') - count('returned')).toBe(two.state === 'redeemed' ? 1 : 0);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the accounts of orders without a coupon', () => {
  it('are those of the latest orders, in fewer bytes than a write unit has left', () => {
    let accounts: Uint8Array = new Uint8Array();
    for (let i = 0; i < 30; i++) {
      accounts = withAccount(accounts, `o${i}`, {
        paidFen: i,
        refundedFen: 10_000_000 + i,
        refundedMs: START_MS,
      });
    }
    expect(accounts.length).toBeLessThan(180);
    expect(accountOf(accounts, 'o29')).toEqual({
      paidFen: 29,
      refundedFen: 10_000_029,
      refundedMs: START_MS,
    });
    expect(accountOf(accounts, 'o22').paidFen).toBe(22);
    expect(accountOf(accounts, 'o21')).toEqual({ paidFen: 0, refundedFen: 0, refundedMs: 0 });
    expect(accountOf(withoutAccount(accounts, 'o29'), 'o29').paidFen).toBe(0);
    expect(accountOf(withoutAccount(accounts, 'o29'), 'o28').paidFen).toBe(28);
  });
});

describe('an event that is not remembered', () => {
  it('may have been evicted only from a full profile and only where it is not newer than all others', () => {
    const event = payment(0, PAID_FEN);
    const full = (events: number) =>
      Array.from({ length: events }).reduce<ReturnType<typeof emptyProfile>>(
        (profile, _, i) => remember(profile, eventId(String(i)), 0),
        { ...emptyProfile(), newestMs: event.timeMs },
      );
    expect(mayHaveBeenEvicted(full(31), event)).toBe(false);
    expect(mayHaveBeenEvicted(full(32), event)).toBe(true);
    expect(mayHaveBeenEvicted(full(40), { ...event, timeMs: event.timeMs + 1 })).toBe(false);
  });
});
