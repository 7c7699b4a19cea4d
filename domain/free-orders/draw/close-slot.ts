/** Closes a slot: fixes what is in it and publishes its statement, after which nothing about it changes. */
import {
  advanceSlot,
  beginClosing,
  type SlotState,
  sealRefunds,
} from '#domain/free-orders/entries/draws-table.ts';
import { unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { type KeptOrder, requireMemberId, toEntry } from '#domain/free-orders/entries/kept-order.ts';
import { readSealedOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { closedSet, type DrawEntry, entryText } from '#domain/free-orders/rules/entry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { roundOfSlot } from './facts.ts';
import { merkleRoot } from './merkle.ts';
import type { OpenSlotDraw } from './open-draw.ts';

/** A closed slot's entries as they are drawn, and their orders by order id. */
export type ClosedSlot = { entries: DrawEntry[]; orders: ReadonlyMap<string, KeptOrder> };

/** Reads a slot that is closing or closed: a function of its manifests, so the result never changes. */
export const readClosedSlot = async (
  runtime: Runtime,
  { campaignId, rules, pseudonyms }: OpenSlotDraw,
  slot: number,
): Promise<ClosedSlot> => {
  const [kept, refundBlocks] = await Promise.all([
    readSealedOrders(runtime, campaignId, slot),
    sealRefunds(runtime, campaignId, slot),
  ]);
  const refunded = new Set(
    refundBlocks.flatMap(({ body }) => unpackOrders(body)).map(({ orderId }) => orderId),
  );
  const orders = new Map<string, KeptOrder>();
  const texts = new Map<string, string>();
  const given = kept.map(requireMemberId).map((order) => {
    const entry = toEntry(order, rules, pseudonyms, refunded.has(order.orderId));
    const text = entryText(entry);
    const known = texts.get(order.orderId);
    // The same choice as in closedSet, so that order and entry belong together.
    if (known === undefined || text < known) {
      texts.set(order.orderId, text);
      orders.set(order.orderId, order);
    }
    return entry;
  });
  return { entries: closedSet(given, []), orders };
};

/** Closes a slot that is due. The first statement to be stored counts. */
export const closeSlot = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  slot: number,
  nowMs: number,
): Promise<SlotState> => {
  const { campaignId, rules, chain } = draw;
  const state = await beginClosing(runtime, campaignId, slot);
  if (state.kind !== 'closing') return state;
  const { entries } = await readClosedSlot(runtime, draw, slot);
  const statement = {
    slot,
    entries: entries.length,
    root: merkleRoot(entries.map(entryText)),
    publishedAtMs: nowMs,
    round: entries.length === 0 ? null : roundOfSlot(rules, chain, nowMs),
  };
  return advanceSlot(runtime, { campaignId, slot }, 'closing', { kind: 'closed', statement });
};
