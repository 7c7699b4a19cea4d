/**
 * Writes the export of a draw that is over, and its publications, from the tables. It holds in memory the winning tickets and a
 * bounded number of orders of an instant draw; of a draw in slots, one slot and all late orders.
 */

import { readWins } from '#domain/free-orders/draw/claim-wins.ts';
import { slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { type Drawn, drawInstant, drawSlot } from '#domain/free-orders/draw/draw.ts';
import { readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import {
  allPrizes,
  grant,
  type RemainingPrizes,
  refusalOf,
  WinLedger,
} from '#domain/free-orders/draw/ledger.ts';
import { type OpenInstantDraw, type OpenSlotDraw, openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { TicketDrawer, winningBelow } from '#domain/free-orders/draw/ticket.ts';
import { participationOf, winReasonOf } from '#domain/free-orders/draw/win.ts';
import { readRefunds, readSlot } from '#domain/free-orders/entries/draws-table.ts';
import {
  type KeptOrder,
  requireMemberId,
  type StoredOrder,
  toEntry,
} from '#domain/free-orders/entries/kept-order.ts';
import { INSTANT_SLOT, lateOrders, sealedOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { byOrderId, type DrawEntry, entryText } from '#domain/free-orders/rules/entry.ts';
import { awardFen, dayOf, slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readClosedSlot } from '../draw/close-slot.ts';
import { ExportWriter } from './export-writer.ts';
import { ordersById } from './orders-by-id.ts';
import type { Publication } from './published.ts';

/** Receives the lines of an export, each with its newline. */
export type Sink = (line: string) => void;

const NO_RANDOMNESS = '0'.repeat(64);

/**
 * Exports the draw of a campaign whose seed is revealed, and returns its publications, the export's root last.
 * Throws for a draw that is not over, and where the wins in the tables are not the ones that the entries make.
 */
export const exportDraw = async (
  runtime: Runtime,
  campaignId: string,
  sink: Sink,
): Promise<Publication[]> => {
  const draw = await openDraw(runtime, campaignId);
  const seed = await readRevealedSeed(runtime, campaignId);
  if (seed === undefined)
    throw new Error(`campaign ${campaignId}: expected a draw that is over, got an open one`);
  const writer = new ExportWriter();
  sink(writer.header(draw.facts, seed));
  const published: Publication[] = [{ kind: 'facts', facts: draw.facts }];
  switch (draw.mode) {
    case 'instant':
      await exportInstant(runtime, draw, writer, sink);
      break;
    case 'slot':
      await exportSlots(runtime, draw, seed, { writer, sink, published });
      break;
    default:
      draw satisfies never;
  }
  const { line, root } = writer.close();
  sink(line);
  return [...published, { kind: 'root', root }];
};

const exportInstant = async (
  runtime: Runtime,
  draw: OpenInstantDraw,
  writer: ExportWriter,
  sink: Sink,
): Promise<void> => {
  const { campaignId, rules, tickets, pseudonyms } = draw;
  const below = winningBelow(rules.definition.odds);
  const scan = () => sealedOrders(runtime, campaignId, INSTANT_SLOT);
  const lucky: KeptOrder[] = [];
  for await (const orders of scan()) {
    lucky.push(...orders.filter(({ orderId }) => tickets.draw(orderId) < below).map(requireMemberId));
  }
  const wins = new Map<string, StoredGrant>();
  let remaining = allPrizes(rules);
  const ledger = new WinLedger();
  for (const ofMember of (
    await readWins(
      runtime,
      campaignId,
      lucky.map(({ memberId }) => memberId),
    )
  ).values()) {
    for (const win of ofMember) {
      wins.set(win.trigger, win);
      const member = pseudonyms.of(win.member);
      remaining = grant(
        { member, day: dayOf(rules, win.grantedMs), awardFen: win.faceFen },
        ledger,
        remaining,
      );
    }
  }
  const refunded = await readRefunds(
    runtime,
    campaignId,
    lucky.map(({ orderId }) => participationOf(campaignId, orderId)),
  );
  const nameOf = (orderId: string): string => participationOf(campaignId, orderId);

  /** How an order that did not win ended; undefined for a winning ticket that nothing refused. */
  const outcomeOf = (order: StoredOrder): Drawn | undefined => {
    const entry = toEntry(order, rules, pseudonyms, refunded.has(nameOf(order.orderId)));
    const drawn = drawInstant(entry, rules, tickets);
    switch (drawn.status) {
      case 'ineligible':
        return { entry, ticket: undefined, outcome: drawn.reason, awardFen: 0 };
      case 'lost':
        return { entry, ticket: drawn.ticket, outcome: drawn.reason, awardFen: 0 };
      case 'claim': {
        const claim = { member: entry.member, day: drawn.day, awardFen: drawn.awardFen };
        const refusal = refusalOf(rules, claim, ledger, remaining);
        return refusal && { entry, ticket: drawn.ticket, outcome: refusal, awardFen: 0 };
      }
      default:
        return drawn satisfies never;
    }
  };
  for await (const [orderId, variants] of ordersById(scan)) {
    const win = wins.get(nameOf(orderId));
    if (win !== undefined) {
      const entry = toEntry(winReasonOf(win).order, rules, pseudonyms, false);
      const ticket = tickets.draw(orderId);
      const won: Drawn = { entry, ticket, outcome: 'won', awardFen: awardFen(rules, entry.paidFen) };
      sink(writer.entry(won, win.state === 'revoked'));
      continue;
    }
    // Of several variants the one with the smallest text counts that can be explained: the judgement of a worker that
    // crashed was never carried out.
    const [drawn] = variants
      .flatMap((order) => outcomeOf(order) ?? [])
      .sort((a, b) => (entryText(a.entry) < entryText(b.entry) ? -1 : 1));
    if (drawn === undefined)
      throw new Error(`order ${orderId}: expected its winning ticket to be granted or refused, got neither`);
    sink(writer.entry(drawn));
  }
};

const exportSlots = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  seed: Uint8Array,
  { writer, sink, published }: { writer: ExportWriter; sink: Sink; published: Publication[] },
): Promise<void> => {
  const { campaignId, rules } = draw;
  const ledger = new WinLedger();
  let remaining: RemainingPrizes = allPrizes(rules);
  const late = await readLate(runtime, draw);
  for (let slot = 0; slot < slotsOf(rules); slot++) {
    const state = await readSlot(runtime, campaignId, slot);
    if (state.kind !== 'drawn') throw new Error(`slot ${slot}: expected to be drawn, got ${state.kind}`);
    const { statement, randomness, signature } = state;
    published.push({ kind: 'slot', statement });
    sink(writer.slot({ ...statement, randomness, signature }));
    const { entries, orders } = await readClosedSlot(runtime, draw, slot);
    const seedOfSlot = slotSeed(seed, {
      index: slot,
      root: statement.root,
      randomness: randomness ?? NO_RANDOMNESS,
    });
    const result = drawSlot(entries, rules, new TicketDrawer(seedOfSlot), { ledger, remaining });
    remaining = result.remaining;
    const winners = result.drawn.filter(({ outcome }) => outcome === 'won');
    const memberIds = winners.map(({ entry }) => orders.get(entry.orderId)!.memberId);
    const wins = new Map(
      [...(await readWins(runtime, campaignId, memberIds)).values()].flat().map((win) => [win.trigger, win]),
    );
    for (const drawn of result.drawn) {
      const { entry, outcome } = drawn;
      late.delete(entry.orderId);
      if (outcome !== 'won') {
        sink(writer.entry(drawn));
        continue;
      }
      const win = wins.get(participationOf(campaignId, entry.orderId));
      if (win === undefined)
        throw new Error(`order ${entry.orderId}: expected a grant for its win in slot ${slot}, got none`);
      ledger.add(entry.member, dayOf(rules, entry.timeMs));
      sink(writer.entry(drawn, win.state === 'revoked'));
    }
  }
  sink(writer.late());
  for (const entry of [...late.values()].sort(byOrderId)) {
    sink(writer.entry({ entry, ticket: undefined, outcome: 'slot-closed', awardFen: 0 }));
  }
};

/** One entry for each order that was late at least once, including orders that are in a closed slot as well. */
const readLate = async (
  runtime: Runtime,
  { campaignId, rules, pseudonyms }: OpenSlotDraw,
): Promise<Map<string, DrawEntry>> => {
  const late = new Map<string, DrawEntry>();
  for (let slot = 0; slot < slotsOf(rules); slot++) {
    for await (const orders of lateOrders(runtime, campaignId, slot)) {
      for (const entry of orders.map((order) => toEntry(order, rules, pseudonyms, false))) {
        const known = late.get(entry.orderId);
        if (known === undefined || entryText(entry) < entryText(known)) late.set(entry.orderId, entry);
      }
    }
  }
  return late;
};
