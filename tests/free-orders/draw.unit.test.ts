import { describe, expect, it } from 'vitest';
import { drawInstant, drawSlot, type SlotDraw } from '#domain/free-orders/draw/draw.ts';
import { allPrizes, type RemainingPrizes, WinLedger } from '#domain/free-orders/draw/ledger.ts';
import { Settlement } from '#domain/free-orders/draw/settlement.ts';
import { TicketDrawer } from '#domain/free-orders/draw/ticket.ts';
import type { DrawEntry } from '#domain/free-orders/rules/entry.ts';
import type { DrawOutcome } from '#domain/free-orders/rules/reasons.ts';
import { dayOf, slotAt, slotIndexOf, slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { SlotFreeOrders } from '#events/sections/free-orders.ts';
import {
  entriesUpTo,
  entryOf,
  HOUR_MS,
  instantRules,
  rulesWith,
  runInstant,
  SEED,
  STARTS_AT_MS,
  slotRules,
} from './factory.ts';

const TICKETS = new TicketDrawer(SEED);

/** The day that every entry here falls on. */
const FIRST_DAY = dayOf(rulesWith(slotRules()), STARTS_AT_MS);

type Given = {
  rules?: Partial<SlotFreeOrders>;
  wins?: readonly { member: string; day: number }[];
  remaining?: Partial<RemainingPrizes>;
};

const draw = (
  entries: readonly DrawEntry[],
  { rules: changes = {}, wins = [], remaining = {} }: Given = {},
): SlotDraw => {
  const rules = rulesWith(slotRules(changes));
  const ledger = new WinLedger();
  for (const { member, day } of wins) ledger.add(member, day);
  return drawSlot(entries, rules, TICKETS, { ledger, remaining: { ...allPrizes(rules), ...remaining } });
};

const tally = ({ drawn }: SlotDraw): Partial<Record<DrawOutcome, number>> => {
  const counts: Partial<Record<DrawOutcome, number>> = {};
  for (const { outcome } of drawn) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

const byTicket = (entries: readonly DrawEntry[]) =>
  entries.toSorted((a, b) => (TICKETS.draw(a) < TICKETS.draw(b) ? -1 : 1));

const awarded = ({ drawn }: SlotDraw, { orderId }: DrawEntry) =>
  drawn.find(({ entry }) => entry.orderId === orderId)!.awardFen;

const winners = ({ drawn }: SlotDraw) =>
  drawn.filter(({ outcome }) => outcome === 'won').map(({ entry }) => entry.orderId);

describe('a slot', () => {
  it('gives its prizes to exactly the smallest tickets', () => {
    const entries = entriesUpTo(500);
    const smallest = byTicket(entries)
      .slice(0, 7)
      .map(({ orderId }) => orderId);
    const result = draw(entries, { rules: { prizes: 7 } });
    expect(winners(result).sort()).toEqual(smallest.sort());
    expect(tally(result)).toEqual({ won: 7, 'not-drawn': 493 });
  });

  it('gives all of its entries a prize when there are fewer entries than prizes', () => {
    expect(tally(draw(entriesUpTo(5), { rules: { prizes: 7 } }))).toEqual({ won: 5 });
    expect(tally(draw([], { rules: { prizes: 7 } }))).toEqual({});
  });

  it('draws no ticket for an order that is not eligible, and gives the prize to another', () => {
    const entries = entriesUpTo(10);
    const [first, second] = byTicket(entries);
    const refunded = entries.map((entry) => ({
      ...entry,
      givenBackFen: entry === first ? entry.paidFen : 0,
    }));
    const result = draw(refunded, { rules: { prizes: 1 } });
    expect(winners(result)).toEqual([second!.orderId]);
    expect(result.drawn.find(({ entry }) => entry.orderId === first!.orderId)).toMatchObject({
      ticket: undefined,
      outcome: 'refunded',
      awardFen: 0,
    });
  });

  it('pays back what was paid, but at most the cap', () => {
    const entries = [entryOf(1, { paidFen: 4_999 }), entryOf(2, { paidFen: 5_001 })];
    const result = draw(entries);
    expect(result.drawn.map(({ awardFen }) => awardFen)).toEqual([4_999, 5_000]);
    expect(result.remaining).toEqual({ quota: 998, budgetFen: 10_000_000 - 9_999 });
  });

  it('passes over a member who has won as often as allowed, and the next ticket wins', () => {
    const member = 'a'.repeat(32);
    const entries = entriesUpTo(10).map((entry, i) => ({ ...entry, member: i < 5 ? member : `${i}` }));
    const result = draw(entries, { rules: { prizes: 10, perMember: 2 } });
    expect(tally(result)).toEqual({ won: 7, 'member-campaign-limit': 3 });
    const ofMember = byTicket(entries).filter((entry) => entry.member === member);
    const won = new Set(winners(result));
    expect(ofMember.map(({ orderId }) => won.has(orderId))).toEqual([true, true, false, false, false]);
  });

  it('counts the wins of earlier slots, but those of another day only towards the limit of the whole campaign', () => {
    const entry = entryOf(0);
    const tallyAfter = (day: number, rules: Partial<SlotFreeOrders>) =>
      tally(draw([entry], { rules, wins: [{ member: entry.member, day }] }));
    expect(tallyAfter(FIRST_DAY, { perMemberPerDay: 1 })).toEqual({ 'member-day-limit': 1 });
    expect(tallyAfter(FIRST_DAY, { perMember: 1 })).toEqual({ 'member-campaign-limit': 1 });
    expect(tallyAfter(FIRST_DAY, { perMemberPerDay: 2, perMember: 2 })).toEqual({ won: 1 });
    expect(tallyAfter(FIRST_DAY - 1, { perMemberPerDay: 1 })).toEqual({ won: 1 });
    expect(tallyAfter(FIRST_DAY - 1, { perMember: 1 })).toEqual({ 'member-campaign-limit': 1 });
  });

  it('says whose wins it asked for, so that a caller can read those and draw again', () => {
    const entries = entriesUpTo(300);
    const result = draw(entries, { rules: { prizes: 3, perMember: 1 } });
    const offered = result.drawn.filter(({ outcome }) => outcome !== 'not-drawn');
    expect(result.asked).toEqual(new Set(offered.map(({ entry }) => entry.member)));
  });

  it('never gives more than the quota that earlier slots left', () => {
    const result = draw(entriesUpTo(10), { remaining: { quota: 2 } });
    expect(tally(result)).toEqual({ won: 2, 'quota-exhausted': 8 });
    expect(result.remaining.quota).toBe(0);
    expect(result.ended).toBe('quota-exhausted');
    expect(result.asked.size).toBe(2);
  });

  it('passes over an award that the rest of the budget does not cover, and gives a smaller one', () => {
    const entries = entriesUpTo(4);
    const [first, second, third] = byTicket(entries);
    const paid = new Map([
      [first!.orderId, 3_000],
      [second!.orderId, 2_500],
      [third!.orderId, 900],
    ]);
    const priced = entries.map((entry) => ({ ...entry, paidFen: paid.get(entry.orderId) ?? 800 }));
    const result = draw(priced, {
      remaining: { budgetFen: 4_000 },
      rules: { prizes: 4, minimumPaidFen: 800 },
    });
    expect(tally(result)).toEqual({ won: 2, 'budget-exhausted': 2 });
    expect(result.remaining.budgetFen).toBe(100);
    expect(byTicket(priced).map((entry) => awarded(result, entry))).toEqual([3_000, 0, 900, 0]);
  });

  it('sorts entries of one member with equal tickets by their order ids', () => {
    const same = { draw: () => 5n } as unknown as TicketDrawer;
    const entries = ['c', 'a', 'b'].map((orderId) => ({ ...entryOf(1), orderId }));
    const rules = rulesWith(slotRules({ prizes: 1 }));
    const before = { ledger: new WinLedger(), remaining: allPrizes(rules) };
    expect(winners(drawSlot(entries, rules, same, before))).toEqual(['a']);
  });
});

describe('slots in time', () => {
  it("lie end to end from the campaign's start, and the campaign's end cuts the last one short", () => {
    const rules = rulesWith(slotRules({ slotSeconds: 1_500, graceSeconds: 60 }));
    expect(slotsOf(rules)).toBe(3);
    expect(slotAt(rules, 2)).toEqual({
      index: 2,
      startsAtMs: STARTS_AT_MS + 3_000_000,
      endsAtMs: STARTS_AT_MS + HOUR_MS,
      closesAtMs: STARTS_AT_MS + HOUR_MS + 60_000,
    });
    expect([0, 1_499_999, 1_500_000, HOUR_MS - 1].map((ms) => slotIndexOf(rules, STARTS_AT_MS + ms))).toEqual(
      [0, 0, 1, 2],
    );
  });
});

describe('in the instant draw', () => {
  const rules = rulesWith(instantRules());

  it('an order claims a prize exactly when its ticket is below the odds', () => {
    for (const entry of entriesUpTo(1_000)) {
      const won = TICKETS.draw(entry) * 10n < 2n ** 64n;
      expect(drawInstant(entry, rules, TICKETS).status).toBe(won ? 'claim' : 'lost');
    }
  });

  it('an order whose ticket equals the odds loses, for the reason that it was not drawn', () => {
    const half = rulesWith(instantRules({ odds: { win: 1, in: 2 } }));
    const at = (ticket: bigint) =>
      drawInstant(entryOf(1), half, { draw: () => ticket } as unknown as TicketDrawer);
    expect(at(2n ** 63n)).toEqual({ status: 'lost', ticket: 2n ** 63n, reason: 'not-drawn' });
    expect(at(2n ** 63n - 1n)).toMatchObject({ status: 'claim', ticket: 2n ** 63n - 1n });
  });

  it('an order that is not eligible draws no ticket', () => {
    const entry = entryOf(1, { blocked: true });
    expect(drawInstant(entry, rules, TICKETS)).toEqual({ status: 'ineligible', reason: 'blocked-member' });
  });

  it('claims are refused one by one for a member limit, the quota or the budget, and a smaller one may still win', () => {
    const all = { odds: { win: 1, in: 1 } };
    const outcomes = (changes: Parameters<typeof instantRules>[0], entries: DrawEntry[]) =>
      runInstant(rulesWith(instantRules({ ...all, ...changes })), entries, SEED).map(
        ({ outcome }) => outcome,
      );
    const three = [0, 1, 2].map((n) => entryOf(n, { paidFen: 2_000 }));
    expect(outcomes({ perMemberPerDay: 1, perMember: 3 }, three)).toEqual([
      'won',
      'member-day-limit',
      'member-day-limit',
    ]);
    expect(outcomes({ perMember: 2 }, three)).toEqual(['won', 'won', 'member-campaign-limit']);
    expect(outcomes({ quota: 1 }, three)).toEqual(['won', 'quota-exhausted', 'quota-exhausted']);
    const priced = [2_000, 4_000, 3_000, 1].map((paidFen, n) => entryOf(n, { paidFen }));
    expect(outcomes({ budgetFen: 5_000 }, priced)).toEqual([
      'won',
      'budget-exhausted',
      'won',
      'budget-exhausted',
    ]);
  });
});

describe('the money of a draw', () => {
  it('lasts as long as it pays the smallest award; one fen less ends the draw', () => {
    const rules = rulesWith(slotRules());
    const endedAt = (budgetFen: number) =>
      new Settlement(rules, new WinLedger(), { ...allPrizes(rules), budgetFen }).ended;
    expect(endedAt(rules.smallestAwardFen)).toBeUndefined();
    expect(endedAt(rules.smallestAwardFen - 1)).toBe('budget-exhausted');
  });
});
