/** Writes the export of a draw that is over, and what was published of it, from the tables. */

import { readWins } from '#lambdas/free-order/claim-wins.ts';
import { slotSeed } from '#lambdas/free-order/commitment.ts';
import { type Drawn, drawInstant, drawSlot } from '#lambdas/free-order/draw.ts';
import { ENTRY_SHARDS, readEntryShard, readRefunds, readSlot } from '#lambdas/free-order/draws-table.ts';
import { byOrderId, type Entry, entryText } from '#lambdas/free-order/entry.ts';
import { unpackOrders } from '#lambdas/free-order/entry-block.ts';
import { ExportWriter } from '#lambdas/free-order/export-writer.ts';
import { readRevealedSeed } from '#lambdas/free-order/facts-item.ts';
import { type StoredOrder, toEntry, unveiled } from '#lambdas/free-order/kept-order.ts';
import { INSTANT_SLOT, readSealedOrders } from '#lambdas/free-order/kept-orders.ts';
import { fullPurse, grant, type Purse, refusalOf, WinLedger } from '#lambdas/free-order/ledger.ts';
import { type OpenDraw, openDraw } from '#lambdas/free-order/open-draw.ts';
import type { Publication } from '#lambdas/free-order/published.ts';
import { awardFen, dayOf, slotsOf } from '#lambdas/free-order/rules.ts';
import { TicketDrawer, winningBelow } from '#lambdas/free-order/ticket.ts';
import { participationOf, winReasonOf } from '#lambdas/free-order/win.ts';
import type { StoredGrant } from '#lambdas/shared/grant.ts';
import { readClosedSlot } from './close-slot.ts';

/** Where the lines of an export go, each with its newline. */
export type Sink = (line: string) => void;

const NO_RANDOMNESS = '0'.repeat(64);

/**
 * Exports the draw of a campaign whose seed is revealed, and gives what was published of it, the export's root last.
 * Throws for a draw that is not over, and where the wins in the tables are not the ones that the entries make.
 */
export const exportDraw = async (campaignId: string, sink: Sink): Promise<Publication[]> => {
  const draw = await openDraw(campaignId);
  const seed = await readRevealedSeed(campaignId);
  if (seed === undefined)
    throw new Error(`campaign ${campaignId}: expected a draw that is over, got an open one`);
  const writer = new ExportWriter();
  sink(writer.header(draw.facts, seed));
  const published: Publication[] = [{ kind: 'facts', facts: draw.facts }];
  if (draw.rules.definition.mode === 'instant') await exportInstant(draw, writer, sink);
  else await exportSlots(draw, seed, writer, sink, published);
  const { line, root } = writer.close();
  sink(line);
  return [...published, { kind: 'root', root }];
};

type Outcome = { drawn: Drawn; revoked: boolean };

/** All variants of each order; more than one where it was delivered twice and its member changed in between. */
const variantsOf = (orders: readonly StoredOrder[]): Map<string, StoredOrder[]> =>
  Map.groupBy(orders, ({ orderId }) => orderId);

const exportInstant = async (draw: OpenDraw, writer: ExportWriter, sink: Sink): Promise<void> => {
  const { campaignId, rules, tickets, pseudonyms } = draw;
  if (rules.definition.mode !== 'instant') throw new Error('mode: expected "instant", got "slot"');
  const below = winningBelow(rules.definition.odds);
  const variants = variantsOf(await readSealedOrders(campaignId, INSTANT_SLOT));
  const lucky = [...variants.values()].filter(([first]) => tickets.draw(first!.orderId) < below).flat();
  const wins = new Map<string, StoredGrant>();
  let purse = fullPurse(rules);
  const ledger = new WinLedger();
  for (const ofMember of (
    await readWins(
      campaignId,
      lucky.map((order) => unveiled(order).memberId),
    )
  ).values()) {
    for (const win of ofMember) {
      wins.set(win.trigger, win);
      const member = pseudonyms.of(win.member);
      purse = grant({ member, day: dayOf(rules, win.grantedMs), awardFen: win.faceFen }, ledger, purse);
    }
  }
  const refunded = await readRefunds(
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
  const outcomes = [...variants].map(([orderId, ofOrder]): Outcome => {
    const win = wins.get(nameOf(orderId));
    if (win !== undefined) {
      const entry = toEntry(winReasonOf(win).order, rules, pseudonyms, false);
      const ticket = tickets.draw(orderId);
      return {
        drawn: { entry, ticket, outcome: 'won', awardFen: awardFen(rules, entry.paidFen) },
        revoked: win.state === 'revoked',
      };
    }
    // Of several the smallest text stands that can be explained: a judgement whose worker died was never carried out.
    const [drawn] = ofOrder
      .flatMap((order) => endingOf(order) ?? [])
      .sort((a, b) => (entryText(a.entry) < entryText(b.entry) ? -1 : 1));
    if (drawn === undefined)
      throw new Error(`order ${orderId}: a winning ticket was neither granted nor refused`);
    return { drawn, revoked: false };
  });
  outcomes.sort((a, b) => byOrderId(a.drawn.entry, b.drawn.entry));
  for (const { drawn, revoked } of outcomes) sink(writer.entry(drawn, revoked));
};

const exportSlots = async (
  draw: OpenDraw,
  seed: Uint8Array,
  writer: ExportWriter,
  sink: Sink,
  published: Publication[],
): Promise<void> => {
  const { campaignId, rules } = draw;
  const ledger = new WinLedger();
  let purse: Purse = fullPurse(rules);
  const orderIds = new Set<string>();
  for (let slot = 0; slot < slotsOf(rules); slot++) {
    const state = await readSlot(campaignId, slot);
    if (state.kind !== 'drawn') throw new Error(`slot ${slot}: expected to be drawn, got ${state.kind}`);
    const { statement, randomness, signature } = state;
    published.push({ kind: 'slot', statement });
    sink(writer.slot({ ...statement, randomness, signature }));
    const { entries, orders } = await readClosedSlot(draw, slot);
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
      [...(await readWins(campaignId, memberIds)).values()].flat().map((win) => [win.trigger, win]),
    );
    for (const drawn of result.drawn) {
      const { entry, outcome } = drawn;
      orderIds.add(entry.orderId);
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
  for (const entry of await readLate(draw, orderIds)) {
    sink(writer.entry({ entry, ticket: undefined, outcome: 'slot-closed', awardFen: 0 }));
  }
};

/** The orders that are in no closed slot, one entry each. */
const readLate = async (draw: OpenDraw, inTime: ReadonlySet<string>): Promise<Entry[]> => {
  const { campaignId, rules, pseudonyms } = draw;
  const late = new Map<string, Entry>();
  for (let slot = 0; slot < slotsOf(rules); slot++) {
    for (let shard = 0; shard < ENTRY_SHARDS; shard++) {
      const { blocks, manifest } = await readEntryShard(campaignId, slot, shard);
      for (const order of blocks
        .filter(({ id }) => !manifest?.has(id))
        .flatMap(({ body }) => unpackOrders(body))) {
        if (inTime.has(order.orderId)) continue;
        const entry = toEntry(order, rules, pseudonyms, false);
        const known = late.get(order.orderId);
        if (known === undefined || entryText(entry) < entryText(known)) late.set(order.orderId, entry);
      }
    }
  }
  return [...late.values()].sort(byOrderId);
};
