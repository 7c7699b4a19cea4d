import { expect, it } from 'vitest';
import { Pseudonyms } from '#domain/free-orders/draw/commitment.ts';
import { type KeptOrder, toEntry } from '#domain/free-orders/entries/kept-order.ts';
import { eligibility } from '#domain/free-orders/rules/eligibility.ts';
import type { DrawEntry } from '#domain/free-orders/rules/entry.ts';
import { INELIGIBLE_REASONS, type IneligibleReason } from '#domain/free-orders/rules/reasons.ts';
import { dayOf } from '#domain/free-orders/rules/rules.ts';
import type { InstantFreeOrders } from '#events/sections/free-orders.ts';
import { bytes, entryOf, HOUR_MS, instantRules, rulesWith, STARTS_AT_MS } from './factory.ts';

type Case = { rules?: Partial<InstantFreeOrders>; entry?: Partial<DrawEntry>; late?: boolean };

const judge = ({ rules = {}, entry = {}, late = false }: Case) => {
  const facts = entryOf(1, { timeMs: STARTS_AT_MS, ...entry });
  return eligibility({ ...facts, late }, facts, rulesWith(instantRules(rules)));
};

/** One case for each reason, which breaks only that reason's rule. */
const CASES: Record<IneligibleReason, Case> = {
  'outside-campaign': { entry: { timeMs: STARTS_AT_MS + HOUR_MS } },
  'slot-closed': { late: true },
  refunded: { entry: { givenBackFen: 10_000 } },
  'blocked-member': { entry: { blocked: true } },
  'wrong-channel': { entry: { channel: 'far', storeId: null } },
  'wrong-store': { rules: { stores: ['store-0'] }, entry: { storeId: 'store-1' } },
  'outside-period': {
    rules: { periods: [{ from: '2026-11-10T16:30:00.000Z', to: '2026-11-10T17:00:00.000Z' }] },
  },
  'outside-hours': { rules: { dailyHours: [{ from: '10:00', to: '12:00' }] } },
  'below-minimum': { rules: { minimumPaidFen: 2_000 }, entry: { paidFen: 1_999 } },
  'wrong-tier': { rules: { tiers: ['88vip'] }, entry: { tier: 'plus' } },
  'not-first-order': { rules: { firstOrderOnly: true }, entry: { firstOrder: false } },
};

it.each(INELIGIBLE_REASONS)('an order is rejected for the one rule that it breaks: %s', (reason) => {
  expect(judge(CASES[reason])).toEqual({ eligible: false, reason });
});

it('an order that breaks several rules is rejected for the reason that comes first in the list', () => {
  for (const [at, reason] of INELIGIBLE_REASONS.entries()) {
    const later = INELIGIBLE_REASONS.slice(at).map((one) => CASES[one]);
    const all: Case = {
      rules: Object.assign({}, ...later.map(({ rules }) => rules)),
      entry: Object.assign({}, ...later.map(({ entry }) => entry)),
      late: later.some(({ late }) => late === true),
    };
    expect(judge(all)).toEqual({ eligible: false, reason });
  }
});

it('an order that meets every condition is eligible', () => {
  const rules = {
    stores: ['store-1'],
    periods: [{ from: '2026-11-10T16:00:00.000Z', to: '2026-11-10T16:01:00.000Z' }],
    dailyHours: [{ from: '00:00', to: '00:01' }],
    minimumPaidFen: 2_000,
    tiers: ['88vip'],
    firstOrderOnly: true,
  };
  const entry = { storeId: 'store-1', paidFen: 2_000, tier: '88vip', firstOrder: true };
  expect(judge({ rules, entry })).toEqual({ eligible: true });
});

it('an order before the campaign starts is outside the campaign, but an order at its first millisecond is not', () => {
  expect(judge({ entry: { timeMs: STARTS_AT_MS - 1 } })).toEqual({
    eligible: false,
    reason: 'outside-campaign',
  });
  expect(judge({ entry: { timeMs: STARTS_AT_MS } })).toEqual({ eligible: true });
});

it('an order is rejected for its tier if the rules ask for one and the member has none', () => {
  expect(judge({ rules: { tiers: ['88vip'] }, entry: { tier: null } })).toEqual({
    eligible: false,
    reason: 'wrong-tier',
  });
});

it('daily hours that end after midnight cover the evening and the night', () => {
  const dailyHours = [{ from: '22:00', to: '02:00' }];
  // The campaign begins at 16:00 UTC; an offset from -12:00 to +11:00 moves that instant to any hour of a local day.
  const offsetMinutesTo = (localHour: number) => ((localHour - 16 + 36) % 24) * 60 - 720;
  const isEligibleAt = (localHour: number) =>
    judge({ rules: { dailyHours, dayOffsetMinutes: offsetMinutesTo(localHour) } }).eligible;
  expect([21, 22, 23, 0, 1, 2].map(isEligibleAt)).toEqual([false, true, true, true, true, false]);
});

it('a day begins at midnight in China unless the definition says otherwise', () => {
  const china = rulesWith(instantRules());
  const utc = rulesWith(instantRules({ dayOffsetMinutes: 0 }));
  expect(dayOf(china, STARTS_AT_MS) - dayOf(china, STARTS_AT_MS - 1)).toBe(1);
  expect(dayOf(utc, STARTS_AT_MS) - dayOf(utc, STARTS_AT_MS - 1)).toBe(0);
});

it('an entry has the facts of the order and its member that eligibility depends on, with a pseudonym in place of the member’s id', () => {
  const rules = rulesWith(instantRules({ blockedMembers: ['member-2'] }));
  const pseudonyms = new Pseudonyms(bytes(9));
  const near: KeptOrder = {
    orderId: 'o1',
    memberId: 'member-1',
    timeMs: STARTS_AT_MS,
    channel: 'near',
    storeId: 'store-1',
    paidFen: 1_999,
    tier: '88vip',
    firstOrder: true,
  };
  expect(toEntry(near, rules, pseudonyms, 0)).toEqual({
    orderId: 'o1',
    member: pseudonyms.of('member-1'),
    timeMs: STARTS_AT_MS,
    channel: 'near',
    storeId: 'store-1',
    paidFen: 1_999,
    tier: '88vip',
    firstOrder: true,
    blocked: false,
    givenBackFen: 0,
  });
  const far: KeptOrder = {
    ...near,
    memberId: 'member-2',
    channel: 'far',
    storeId: '',
    tier: '',
    firstOrder: false,
  };
  expect(toEntry(far, rules, pseudonyms, 500)).toMatchObject({
    storeId: null,
    tier: null,
    firstOrder: false,
    blocked: true,
    givenBackFen: 500,
  });
});
