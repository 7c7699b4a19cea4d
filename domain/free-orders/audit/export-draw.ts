/**
 * Writes the export of a draw that is over, and its publications, from the tables. For an instant draw it holds the winning
 * tickets and a limited number of orders in memory; for a draw in slots, one slot and all late orders.
 */

import { slotSeed } from '#domain/free-orders/draw/commitment.ts';
import { drawSlot } from '#domain/free-orders/draw/draw.ts';
import { readRevealedSeed } from '#domain/free-orders/draw/facts-item.ts';
import { allPrizes, type RemainingPrizes, WinLedger } from '#domain/free-orders/draw/ledger.ts';
import { limitsMembers, readWins } from '#domain/free-orders/draw/member-wins.ts';
import { type OpenSlotDraw, openDraw } from '#domain/free-orders/draw/open-draw.ts';
import { TicketDrawer } from '#domain/free-orders/draw/ticket.ts';
import { participationOf } from '#domain/free-orders/draw/win.ts';
import { readSlot } from '#domain/free-orders/entries/draws-table.ts';
import { toEntry } from '#domain/free-orders/entries/kept-order.ts';
import { lateOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { closedSet, entryName, type JudgedEntry } from '#domain/free-orders/rules/entry.ts';
import { dayOf, slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readClosedSlot } from '../draw/close-slot.ts';
import { paidOutFen } from '../draw/settle-refunds.ts';
import { readGivenBack } from '../entries/refund-notes.ts';
import { readSlotLinks } from '../entries/slot-links.ts';
import { exportInstant } from './export-instant.ts';
import { ExportWriter } from './export-writer.ts';
import type { Publication } from './published.ts';

/** Receives the lines of an export, each with its newline. */
export type Sink = (line: string) => void;

const NO_RANDOMNESS = '0'.repeat(64);

/**
 * Exports the draw of a campaign whose seed is revealed, and returns its publications, the export's root last. Throws for a
 * draw that is not over, and if the wins in the tables are not those that follow from the entries.
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
  const writer = new ExportWriter(draw.rules.format);
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
    const links = limitsMembers(rules) ? await readSlotLinks(runtime, campaignId, slot) : undefined;
    for (const ids of links ?? []) {
      ledger.link(ids);
      sink(writer.link(ids));
    }
    const { entries, orders } = await readClosedSlot(runtime, draw, slot);
    const seedOfSlot = slotSeed(seed, {
      index: slot,
      root: statement.root,
      randomness: randomness ?? NO_RANDOMNESS,
    });
    const result = drawSlot(entries, rules, new TicketDrawer(seedOfSlot, rules.format), {
      ledger,
      remaining,
    });
    remaining = result.remaining;
    const winners = result.drawn.filter(({ outcome }) => outcome === 'won');
    const memberIds = winners.map(({ entry }) => orders.get(participationOf(rules, entry))!.memberId);
    const wins = new Map(
      [...(await readWins(runtime, rules, memberIds)).values()].flat().map((win) => [win.trigger, win]),
    );
    const givenBack = await readGivenBack(runtime, draw, new Set(wins.keys()));
    for (const drawn of result.drawn) {
      const { entry, outcome } = drawn;
      late.delete(entryName(entry, rules.format));
      if (outcome !== 'won') {
        sink(writer.entry(drawn));
        continue;
      }
      const name = participationOf(rules, entry);
      const win = wins.get(name);
      if (win === undefined)
        throw new Error(`order ${entry.orderId}: expected a grant for its win in slot ${slot}, got none`);
      ledger.add(entry.member, dayOf(rules, entry.timeMs));
      sink(writer.entry(drawn, paidOutFen(rules, win, givenBack.get(name) ?? 0)));
    }
  }
  sink(writer.late());
  for (const { entry } of closedSet(late.values(), rules.format)) {
    sink(writer.entry({ entry, ticket: undefined, outcome: 'slot-closed', awardFen: 0 }));
  }
};

/** One entry for each order that was late at least once, by its name, including those that are in a closed slot as well. */
const readLate = async (
  runtime: Runtime,
  { campaignId, rules, pseudonyms }: OpenSlotDraw,
): Promise<Map<string, JudgedEntry>> => {
  const late: JudgedEntry[] = [];
  for (let slot = 0; slot < slotsOf(rules); slot++) {
    for await (const orders of lateOrders(runtime, campaignId, slot)) {
      for (const { order, judgedMs } of orders)
        late.push({ entry: toEntry(order, rules, pseudonyms, 0), judgedMs });
    }
  }
  return new Map(
    closedSet(late, rules.format).map((judged) => [entryName(judged.entry, rules.format), judged]),
  );
};
