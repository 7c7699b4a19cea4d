import type { Runtime } from '#platform/runtime.ts';
/**
 * Writes the export of a draw that is over, and what was published of it, from the tables. In memory are the winning tickets
 * and a bounded number of orders of an instant draw, or one slot of a draw in slots and what came too late for any.
 */

import { readWins } from '#domain/free-orders/draw/claim-wins.ts';
import { slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { type Drawn, drawInstant, drawSlot } from '#domain/free-orders/draw/draw.ts';
import { readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { fullPurse, grant, type Purse, refusalOf, WinLedger } from '#domain/free-orders/draw/ledger.ts';
import { type OpenDraw, openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { TicketDrawer, winningBelow } from '#domain/free-orders/draw/ticket.ts';
import { participationOf, winReasonOf } from '#domain/free-orders/draw/win.ts';
import { readRefunds, readSlot } from '#domain/free-orders/entries/draws-table.ts';
import {
  type KeptOrder,
  type StoredOrder,
  toEntry,
  unveiled,
} from '#domain/free-orders/entries/kept-order.ts';
import { INSTANT_SLOT, lateOrders, sealedOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { byOrderId, type Entry, entryText } from '#domain/free-orders/rules/entry.ts';
import { awardFen, dayOf, slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import { readClosedSlot } from '../draw/close-slot.ts';
import { ExportWriter } from './export-writer.ts';
import { ordersById } from './orders-by-id.ts';
import type { Publication } from './published.ts';

/** Where the lines of an export go, each with its newline. */
export type Sink = (line: string) => void;

const NO_RANDOMNESS = '0'.repeat(64);

/**
 * Exports the draw of a campaign whose seed is revealed, and gives what was published of it, the export's root last.
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
  if (draw.rules.definition.mode === 'instant') await exportInstant(runtime, draw, writer, sink);
  else await exportSlots(runtime, draw, seed, writer, sink, published);
  const { line, root } = writer.close();
  sink(line);
  return [...published, { kind: 'root', root }];
};

const exportInstant = async (
  runtime: Runtime,
  draw: OpenDraw,
  writer: ExportWriter,
  sink: Sink,
): Promise<void> => {
  const { campaignId, rules, tickets, pseudonyms } = draw;
  if (rules.definition.mode !== 'instant') throw new Error('mode: expected "instant", got "slot"');
  const below = winningBelow(rules.definition.odds);
  const scan = () => sealedOrders(runtime, campaignId, INSTANT_SLOT);
  const lucky: KeptOrder[] = [];
  for await (const orders of scan()) {
    lucky.push(...orders.filter(({ orderId }) => tickets.draw(orderId) < below).map(unveiled));
  }
  const wins = new Map<string, StoredGrant>();
  let purse = fullPurse(rules);
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
      purse = grant({ member, day: dayOf(rules, win.grantedMs), awardFen: win.faceFen }, ledger, purse);
    }
  }
  const refunded = await readRefunds(
    runtime,
    campaignId,
    lucky.map(({ orderId }) => participationOf(campaignId, orderId)),
  );
  const nameOf = (orderId: string): string => participationOf(campaignId, orderId);

  /** How an order that did not win ended; undefined for a winning ticket that nothing refused. */
  const endingOf = (order: StoredOrder): Drawn | undefined => {
    const entry = toEntry(order, rules, pseudonyms, refunded.has(nameOf(order.orderId)));
    const drawn = drawInstant(entry, rules, tickets);
    switch (drawn.status) {
      case 'ineligible':
        return { entry, ticket: undefined, outcome: drawn.reason, awardFen: 0 };
      case 'lost':
        return { entry, ticket: drawn.ticket, outcome: drawn.reason, awardFen: 0 };
      case 'claim': {
        const claim = { member: entry.member, day: drawn.day, awardFen: drawn.awardFen };
        const refusal = refusalOf(rules, claim, ledger, purse);
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
    // Of several the smallest text stands that can be explained: a judgement whose worker died was never carried out.
    const [drawn] = variants
      .flatMap((order) => endingOf(order) ?? [])
      .sort((a, b) => (entryText(a.entry) < entryText(b.entry) ? -1 : 1));
    if (drawn === undefined)
      throw new Error(`order ${orderId}: a winning ticket was neither granted nor refused`);
    sink(writer.entry(drawn));
  }
};

const exportSlots = async (
  runtime: Runtime,
  draw: OpenDraw,
  seed: Uint8Array,
  writer: ExportWriter,
  sink: Sink,
  published: Publication[],
): Promise<void> => {
  const { campaignId, rules } = draw;
  const ledger = new WinLedger();
  let purse: Purse = fullPurse(rules);
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
    const result = drawSlot(entries, rules, new TicketDrawer(seedOfSlot), ledger, purse);
    purse = result.purse;
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
      if (win === undefined) throw new Error(`order ${entry.orderId}: won in slot ${slot}, and has no grant`);
      ledger.add(entry.member, dayOf(rules, entry.timeMs));
      sink(writer.entry(drawn, win.state === 'revoked'));
    }
  }
  sink(writer.late());
  for (const entry of [...late.values()].sort(byOrderId)) {
    sink(writer.entry({ entry, ticket: undefined, outcome: 'slot-closed', awardFen: 0 }));
  }
};

/** One entry each of the orders that were late at least once, those among them that are in a closed slot all the same. */
const readLate = async (
  runtime: Runtime,
  { campaignId, rules, pseudonyms }: OpenDraw,
): Promise<Map<string, Entry>> => {
  const late = new Map<string, Entry>();
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
