import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { commitmentTo } from '#domain/free-orders/draw/commitment.ts';
import { factsOf, parseFacts } from '#domain/free-orders/draw/facts.ts';
import { brokenFreeOrderRule, freeOrders, MAX_CAP_FEN, MAX_SLOTS } from '#events/sections/free-orders.ts';
import { bytes, definitionOf, instantRules, slotRules } from './factory.ts';

const accepts = (value: unknown): boolean => z.safeParse(freeOrders, value).success;

const without = (value: object, field: string): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));

it('complete definitions of both modes are accepted', () => {
  const conditions = {
    stores: ['store-1'],
    periods: [{ from: '2026-11-10T16:00:00Z', to: '2026-11-10T16:30:00Z' }],
    dailyHours: [{ from: '22:00', to: '02:00' }],
    minimumPaidFen: 100,
    tiers: ['88vip'],
    firstOrderOnly: true,
    perMemberPerDay: 1,
    perMember: 3,
    blockedMembers: ['member-1'],
    dayOffsetMinutes: 480,
  };
  expect(accepts(instantRules(conditions))).toBe(true);
  expect(accepts(slotRules(conditions))).toBe(true);
});

it.each(['odds', 'capFen', 'quota', 'budgetFen', 'channels', 'mode'])(
  'an instant definition without %s is rejected',
  (field) => {
    expect(accepts(without(instantRules(), field))).toBe(false);
  },
);

it.each(['prizes', 'slotSeconds', 'graceSeconds', 'beacon', 'capFen'])(
  'a slot definition without %s is rejected',
  (field) => {
    expect(accepts(without(slotRules(), field))).toBe(false);
  },
);

it('an award above CNY 50,000 is rejected, and one of exactly CNY 50,000 is accepted', () => {
  expect(MAX_CAP_FEN).toBe(50_000 * 100);
  expect(accepts(instantRules({ capFen: MAX_CAP_FEN }))).toBe(true);
  expect(accepts(instantRules({ capFen: MAX_CAP_FEN + 1 }))).toBe(false);
});

it.each([
  ['an unknown field', { ...instantRules(), luck: 1 }],
  ['a slot definition with odds', { ...slotRules(), odds: { win: 1, in: 2 } }],
  ['a fraction for odds', instantRules({ odds: { win: 0.5, in: 1 } })],
  ['odds of zero', instantRules({ odds: { win: 0, in: 1 } })],
  ['a time of day that does not exist', instantRules({ dailyHours: [{ from: '24:30', to: '25:00' }] })],
  ['an empty list', instantRules({ channels: [] })],
  ['an unknown beacon chain', slotRules({ beacon: { chain: 'own' as 'quicknet', delaySeconds: 30 } })],
])('%s is rejected', (_, definition) => {
  expect(accepts(definition)).toBe(false);
});

it.each([
  ['channels[1]', instantRules({ channels: ['near', 'near'] })],
  ['channels', instantRules({ channels: ['near', 'far'], stores: ['store-1'] })],
  [
    'periods[0]',
    instantRules({ periods: [{ from: '2026-11-10T16:30:00.000Z', to: '2026-11-10T16:30:00.000Z' }] }),
  ],
  [
    'periods[0]',
    instantRules({ periods: [{ from: '2026-11-10T15:00:00.000Z', to: '2026-11-10T16:30:00.000Z' }] }),
  ],
  ['dailyHours[0]', instantRules({ dailyHours: [{ from: '10:00', to: '10:00' }] })],
  ['perMemberPerDay', instantRules({ perMemberPerDay: 4, perMember: 3 })],
  ['budgetFen', instantRules({ capFen: 5_000, budgetFen: 4_999 })],
  ['odds.win', instantRules({ odds: { win: 11, in: 10 } })],
  ['prizes', slotRules({ prizes: 11, quota: 10 })],
  ['beacon', slotRules({ beacon: { chain: 'quicknet' } })],
  ['beacon', slotRules({ beacon: { chain: 'quicknet', delaySeconds: 30, recordedRound: 1 } })],
])('the field at fault is named: %s', (field, rules) => {
  expect(accepts(rules)).toBe(true);
  expect(brokenFreeOrderRule(definitionOf(rules))?.field).toBe(`freeOrders.${field}`);
});

it('a campaign may not have more slots than can be drawn in time', () => {
  const definition = { ...definitionOf(slotRules({ slotSeconds: 10 })), endsAt: '2027-11-10T16:00:00.000Z' };
  expect(brokenFreeOrderRule(definition)).toMatchObject({
    field: 'freeOrders.slotSeconds',
    expected: `at most ${MAX_SLOTS} slots in the campaign (here 3153600)`,
  });
});

it('public facts carry the odds, the cap and the commitments, but only the number of blocked members', () => {
  const commitments = {
    seedCommitment: commitmentTo(bytes(1)),
    memberKeyCommitment: commitmentTo(bytes(2)),
  };
  const facts = factsOf(
    definitionOf(instantRules({ blockedMembers: ['member-1', 'member-2'] })),
    commitments,
  );
  expect(facts).toMatchObject({ blockedMembers: 2, chain: null, ...commitments });
  expect(facts.freeOrders).toEqual(instantRules());
  expect(parseFacts(JSON.parse(JSON.stringify(facts)))).toEqual({ ok: true, facts });
});

it('public facts with a cap above the legal limit are rejected with the reason', () => {
  const facts = factsOf(definitionOf(instantRules()), {
    seedCommitment: commitmentTo(bytes(1)),
    memberKeyCommitment: commitmentTo(bytes(2)),
  });
  const illegal = { ...facts, freeOrders: { ...facts.freeOrders, capFen: MAX_CAP_FEN + 1 } };
  expect(parseFacts(illegal)).toMatchObject({
    ok: false,
    message:
      'freeOrders.capFen: expected an integer from 1 to 5000000, the most in fen that a prize drawn by lot may be worth, got 5000001',
  });
});
