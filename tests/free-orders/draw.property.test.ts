import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawInstant, drawSlot } from '#domain/free-orders/draw/draw.ts';
import { allPrizes, WinLedger } from '#domain/free-orders/draw/ledger.ts';
import { TicketDrawer } from '#domain/free-orders/draw/ticket.ts';
import { eligibility } from '#domain/free-orders/rules/eligibility.ts';
import type { DrawEntry } from '#domain/free-orders/rules/entry.ts';
import { awardFen, dayOf, type SlotRules } from '#domain/free-orders/rules/rules.ts';
import { closedOf, entryOf, instantRules, rulesWith, slotRules } from './factory.ts';

const RUNS = { numRuns: 1_000 };

const pseudonyms = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(32));

const entry: fc.Arbitrary<DrawEntry> = fc
  .record({
    number: fc.nat(40),
    member: fc.constantFrom(...pseudonyms),
    paidFen: fc.integer({ min: 1, max: 8_000 }),
    blocked: fc.boolean(),
    late: fc.nat(1_799_999),
  })
  .map(({ number, late, ...changes }) => {
    const { timeMs } = entryOf(0);
    return entryOf(number, { ...changes, timeMs: timeMs + late });
  });

const slot = fc.record({
  entries: fc.array(entry, { maxLength: 60 }),
  refunds: fc.array(
    fc.nat(40).map((number) => entryOf(number).orderId),
    { maxLength: 10 },
  ),
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  prizes: fc.integer({ min: 1, max: 10 }),
  quota: fc.integer({ min: 10, max: 20 }),
  budgetFen: fc.integer({ min: 5_000, max: 60_000 }),
  perMember: fc.option(fc.integer({ min: 2, max: 6 }), { nil: undefined }),
  perMemberPerDay: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
});

type SlotCase = typeof slot extends fc.Arbitrary<infer Case> ? Case : never;

/** A way in which the same events may arrive: repeated, in any order, cut into batches. */
const arrival = fc.record({
  order: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
  repeats: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
  batch: fc.integer({ min: 1, max: 20 }),
});

type Arrival = typeof arrival extends fc.Arbitrary<infer Way> ? Way : never;

const arrive = <T>(events: readonly T[], { order, repeats, batch }: Arrival): T[][] => {
  const shuffled = events
    .flatMap((event) => new Array<T>(repeats.next().value).fill(event))
    .map((event) => ({ event, at: order.next().value }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event);
  const batches: T[][] = [];
  for (let i = 0; i < shuffled.length; i += batch) batches.push(shuffled.slice(i, i + batch));
  return batches;
};

const rulesFor = ({
  prizes,
  quota,
  budgetFen,
  perMember,
  perMemberPerDay,
}: Omit<SlotCase, 'entries' | 'refunds' | 'seed'>): SlotRules =>
  rulesWith(
    slotRules({
      prizes,
      quota,
      budgetFen,
      ...(perMember && { perMember }),
      ...(perMemberPerDay && { perMemberPerDay }),
    }),
  );

/** A second, simpler implementation of the slot draw's rules: sort everything and go through it. */
const winnersByTheBook = (entries: readonly DrawEntry[], rules: SlotRules, seed: Uint8Array): string[] => {
  const { definition } = rules;
  const tickets = new TicketDrawer(seed);
  const sorted = entries
    .filter((one) => eligibility({ ...one, late: false }, one, rules).eligible)
    .map((one) => ({ one, ticket: tickets.draw(one) }))
    .sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
  const won: DrawEntry[] = [];
  let left = definition.budgetFen;
  for (const { one } of sorted) {
    if (won.length === Math.min(definition.prizes, definition.quota)) break;
    const before = won.filter(({ member }) => member === one.member);
    const today = before.filter(({ timeMs }) => dayOf(rules, timeMs) === dayOf(rules, one.timeMs));
    if (today.length >= (definition.perMemberPerDay ?? Infinity)) continue;
    if (before.length >= (definition.perMember ?? Infinity)) continue;
    if (awardFen(rules, one) > left) continue;
    left -= awardFen(rules, one);
    won.push(one);
  }
  return won.map(({ orderId }) => orderId).sort();
};

describe('the slot draw', () => {
  it('gives the same closed set and the same outcomes under any order, duplication and batching', () => {
    fc.assert(
      fc.property(slot, arrival, arrival, ({ entries, refunds, seed, ...limits }, how, other) => {
        const rules = rulesFor(limits);
        const drawnAs = (arrived: Arrival) => {
          // Each batch first becomes a set of its own, as it becomes a block in the pipeline.
          const blocks = arrive(entries, arrived).map((batch) => closedOf(batch, []));
          const closed = closedOf(blocks.flat(), arrive(refunds, arrived).flat());
          return drawSlot(closed, rules, new TicketDrawer(seed), {
            ledger: new WinLedger(),
            remaining: allPrizes(rules),
          });
        };
        expect(drawnAs(how)).toEqual(drawnAs(other));
      }),
      RUNS,
    );
  });

  it('chooses the winners that the rules name, and accounts for every entry and every fen', () => {
    fc.assert(
      fc.property(slot, ({ entries, refunds, seed, ...limits }) => {
        const rules = rulesFor(limits);
        const closed = closedOf(entries, refunds);
        const { drawn, remaining } = drawSlot(closed, rules, new TicketDrawer(seed), {
          ledger: new WinLedger(),
          remaining: allPrizes(rules),
        });
        const won = drawn.filter(({ outcome }) => outcome === 'won');
        expect(won.map((one) => one.entry.orderId).sort()).toEqual(winnersByTheBook(closed, rules, seed));
        expect(drawn.map((one) => one.entry)).toEqual(closed);
        const spent = won.reduce((sum, one) => sum + one.awardFen, 0);
        expect(remaining).toEqual({ quota: limits.quota - won.length, budgetFen: limits.budgetFen - spent });
        expect(remaining.budgetFen).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
  });
});

describe('the instant draw', () => {
  it('gives the same claims under any order, duplication and batching', () => {
    const rules = rulesWith(instantRules({ odds: { win: 1, in: 3 } }));
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: ({ orderId }) => orderId, maxLength: 40 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        arrival,
        (entries, seed, how) => {
          const claimsOf = (batches: readonly (readonly DrawEntry[])[]) => {
            const claims = new Map<string, unknown>();
            for (const batch of batches) {
              const tickets = new TicketDrawer(seed);
              for (const one of batch) claims.set(one.orderId, drawInstant(one, rules, tickets));
            }
            return claims;
          };
          expect(claimsOf(arrive(entries, how))).toEqual(claimsOf([entries]));
        },
      ),
      RUNS,
    );
  });
});
