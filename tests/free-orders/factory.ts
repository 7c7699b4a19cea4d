/** Synthetic promotions: definitions, orders, and whole draws written as exports. */

import { type EntryEnd, ExportWriter } from '#domain/free-orders/audit/export-writer.ts';
import type { Publication } from '#domain/free-orders/audit/published.ts';
import { CHAINS } from '#domain/free-orders/draw/chains.ts';
import { commitmentTo, Pseudonyms, slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { type Drawn, drawInstant, drawSlot } from '#domain/free-orders/draw/draw.ts';
import {
  factsOf,
  type PublicFacts,
  roundOfSlot,
  type SlotStatement,
} from '#domain/free-orders/draw/facts.ts';
import {
  allPrizes,
  grant,
  type RemainingPrizes,
  refusalOf,
  WinLedger,
} from '#domain/free-orders/draw/ledger.ts';
import { merkleRoot } from '#domain/free-orders/draw/merkle.ts';
import { TicketDrawer, ticketText } from '#domain/free-orders/draw/ticket.ts';
import { byOrderId, type DrawEntry, ENTRY_FORMAT, entryText } from '#domain/free-orders/rules/entry.ts';
import {
  dayOf,
  type InstantRules,
  rulesOf,
  slotAt,
  slotIndexOf,
  slotsOf,
} from '#domain/free-orders/rules/rules.ts';
import type { FreeOrders, InstantFreeOrders, SlotFreeOrders } from '#events/sections/free-orders.ts';
import { RECORDED_ROUNDS } from '#local/aws/recorded-beacon.ts';
import { closedSet } from './closed-set.ts';

export const STARTS_AT_MS = Date.parse('2026-11-10T16:00:00.000Z');
export const HOUR_MS = 3_600_000;
const NO_RANDOMNESS = '0'.repeat(64);

export const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
export const SEED = bytes(7);
const PSEUDONYMS = new Pseudonyms(bytes(9));

export const instantRules = (changes: Partial<InstantFreeOrders> = {}): InstantFreeOrders => ({
  mode: 'instant',
  odds: { win: 1, in: 10 },
  channels: ['near'],
  capFen: 5_000,
  quota: 1_000,
  budgetFen: 10_000_000,
  ...changes,
});

export const slotRules = (changes: Partial<SlotFreeOrders> = {}): SlotFreeOrders => ({
  mode: 'slot',
  slotSeconds: 1_800,
  prizes: 3,
  graceSeconds: 60,
  beacon: { chain: 'quicknet', recordedRound: 1_000 },
  channels: ['near'],
  capFen: 5_000,
  quota: 1_000,
  budgetFen: 10_000_000,
  ...changes,
});

/** A campaign of one hour from midnight in China. */
export const definitionOf = <Definition extends FreeOrders>(freeOrders: Definition) => ({
  campaignId: 'sale-2026',
  startsAt: '2026-11-10T16:00:00.000Z',
  endsAt: '2026-11-10T17:00:00.000Z',
  freeOrders,
});

export const rulesWith = <Definition extends FreeOrders>(freeOrders: Definition) =>
  rulesOf(definitionOf(freeOrders));

/** The order with this number: eligible unless changed, with one member for every three orders. */
export const entryOf = (number: number, changes: Partial<DrawEntry> = {}): DrawEntry => ({
  orderId: `order-${String(number).padStart(7, '0')}`,
  member: PSEUDONYMS.of(`member-${Math.floor(number / 3)}`),
  timeMs: STARTS_AT_MS + ((number * 7_919) % HOUR_MS),
  channel: 'near',
  storeId: `store-${number % 5}`,
  paidFen: 1_000 + ((number * 37) % 9_000),
  tier: null,
  firstOrder: false,
  blocked: false,
  givenBackFen: 0,
  ...changes,
});

/** The closed set of these entries. Those under the given order ids were refunded in full. */
export const closedOf = (entries: readonly DrawEntry[], refundedOrderIds: readonly string[]): DrawEntry[] => {
  const refunded = new Set(refundedOrderIds);
  const judged = entries.map((entry) => ({
    entry: refunded.has(entry.orderId) ? { ...entry, givenBackFen: entry.paidFen } : entry,
    judgedMs: 0,
  }));
  return closedSet(judged, ENTRY_FORMAT).map(({ entry }) => entry);
};

export const entriesUpTo = (count: number): DrawEntry[] =>
  Array.from({ length: count }, (_, i) => entryOf(i));

const factsFor = (freeOrders: FreeOrders, seed: Uint8Array): PublicFacts =>
  factsOf(definitionOf(freeOrders), {
    seedCommitment: commitmentTo(seed),
    memberKeyCommitment: commitmentTo(bytes(9)),
  });

/** Draws orders one by one in the order given, as if it were the order of arrival. */
export const runInstant = (
  rules: InstantRules,
  arrivals: readonly DrawEntry[],
  seed: Uint8Array,
): Drawn[] => {
  const tickets = new TicketDrawer(seed);
  const ledger = new WinLedger();
  let remaining: RemainingPrizes = allPrizes(rules);
  return arrivals.map((entry): Drawn => {
    const draw = drawInstant(entry, rules, tickets);
    if (draw.status === 'ineligible') return { entry, ticket: undefined, outcome: draw.reason, awardFen: 0 };
    if (draw.status === 'lost') return { entry, ticket: draw.ticket, outcome: draw.reason, awardFen: 0 };
    const claim = { member: entry.member, day: draw.day, awardFen: draw.awardFen };
    const refusal = refusalOf(rules, claim, ledger, remaining);
    if (refusal !== undefined) return { entry, ticket: draw.ticket, outcome: refusal, awardFen: 0 };
    remaining = grant(claim, ledger, remaining);
    return { entry, ticket: draw.ticket, outcome: 'won', awardFen: draw.awardFen };
  });
};

const endOf = ({ entry, ticket, outcome, awardFen }: Drawn, paidOutFen = awardFen): EntryEnd => ({
  entry,
  ticket: ticket === undefined ? null : ticketText(ticket),
  outcome,
  awardFen,
  paidOutFen,
});

export type Run = { lines: string[]; publications: Publication[]; drawn: Drawn[]; root: string };

/** `isRevoked` says which wins a refund took back after the draw. */
export const exportInstant = (
  freeOrders: InstantFreeOrders,
  arrivals: readonly DrawEntry[],
  seed = SEED,
  isRevoked: (drawn: Drawn) => boolean = () => false,
): Run => {
  const facts = factsFor(freeOrders, seed);
  const drawn = runInstant(rulesWith(freeOrders), arrivals, seed).sort((a, b) => byOrderId(a.entry, b.entry));
  const writer = new ExportWriter();
  const lines = [
    writer.header(facts, seed),
    ...drawn.map((one) => writer.entry(endOf(one, isRevoked(one) ? 0 : one.awardFen))),
  ];
  const { line, root } = writer.close();
  return {
    lines: [...lines, line],
    publications: [
      { kind: 'facts', facts },
      { kind: 'root', root },
    ],
    drawn,
    root,
  };
};

/** Draws all slots from the orders that came in time; `late` are those that came after their slot was closed. */
export const exportSlots = (
  freeOrders: SlotFreeOrders,
  arrivals: readonly DrawEntry[],
  { seed = SEED, refunds = [] as string[], late = [] as DrawEntry[] } = {},
): Run => {
  const rules = rulesWith(freeOrders);
  const facts = factsFor(freeOrders, seed);
  const chain = CHAINS.quicknet;
  const writer = new ExportWriter();
  const lines = [writer.header(facts, seed)];
  const publications: Publication[] = [{ kind: 'facts', facts }];
  const drawn: Drawn[] = [];
  const ledger = new WinLedger();
  let remaining = allPrizes(rules);
  for (let index = 0; index < slotsOf(rules); index++) {
    const entries = closedOf(
      arrivals.filter(({ timeMs }) => slotIndexOf(rules, timeMs) === index),
      refunds,
    );
    const publishedAtMs = slotAt(rules, index).closesAtMs;
    const round = entries.length === 0 ? null : roundOfSlot(rules, chain, publishedAtMs);
    const root = merkleRoot(entries.map((entry) => entryText(entry, ENTRY_FORMAT)));
    const statement: SlotStatement = { slot: index, entries: entries.length, root, publishedAtMs, round };
    publications.push({ kind: 'slot', statement });
    const { randomness, signature } = RECORDED_ROUNDS.find((one) => one.round === round) ?? {
      randomness: null,
      signature: null,
    };
    lines.push(writer.slot({ ...statement, randomness, signature }));
    const ofSlot = slotSeed(seed, { index, root, randomness: randomness ?? NO_RANDOMNESS });
    const draw = drawSlot(entries, rules, new TicketDrawer(ofSlot), { ledger, remaining });
    remaining = draw.remaining;
    for (const one of draw.drawn) {
      if (one.outcome === 'won') ledger.add(one.entry.member, dayOf(rules, one.entry.timeMs));
      lines.push(writer.entry(endOf(one)));
      drawn.push(one);
    }
  }
  lines.push(writer.late());
  for (const entry of late.toSorted(byOrderId)) {
    lines.push(writer.entry(endOf({ entry, ticket: undefined, outcome: 'slot-closed', awardFen: 0 })));
  }
  const { line, root } = writer.close();
  publications.push({ kind: 'root', root });
  return { lines: [...lines, line], publications, drawn, root };
};
