/** Closes a slot: fixes what is in it and publishes its statement, after which nothing about it changes. */
import { advanceSlot, beginClosing, type SlotState } from '#domain/free-orders/entries/draws-table.ts';
import { type KeptOrder, requireMemberId, toEntry } from '#domain/free-orders/entries/kept-order.ts';
import { readSealedOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { closedSet, type DrawEntry, entryText } from '#domain/free-orders/rules/entry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { sealGivenBack } from '../entries/refund-notes.ts';
import { roundOfSlot } from './facts.ts';
import { merkleRoot } from './merkle.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { participationOf } from './win.ts';

/** A closed slot's entries as they are drawn, and their orders by participation. */
export type ClosedSlot = { entries: DrawEntry[]; orders: ReadonlyMap<string, KeptOrder> };

/** Reads a slot that is closing or closed: a function of its manifests, so the result never changes. */
export const readClosedSlot = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  slot: number,
): Promise<ClosedSlot> => {
  const { campaignId, rules, pseudonyms } = draw;
  const kept = await readSealedOrders(runtime, campaignId, slot);
  const closed = closedSet(
    kept.map(({ order, judgedMs }) => {
      const entry = toEntry(order, rules, pseudonyms, 0);
      return { name: participationOf(rules, entry), order: requireMemberId(order), entry, judgedMs };
    }),
    rules.format,
  );
  const orders = new Map(closed.map(({ name, order }) => [name, order]));
  const givenBack = await sealGivenBack(runtime, draw, slot, new Set(orders.keys()));
  const entries = closed.map(({ name, entry }) => ({ ...entry, givenBackFen: givenBack.get(name) ?? 0 }));
  return { entries, orders };
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
    root: merkleRoot(entries.map((entry) => entryText(entry, rules.format))),
    publishedAtMs: nowMs,
    round: entries.length === 0 ? null : roundOfSlot(rules, chain, nowMs),
  };
  return advanceSlot(runtime, { campaignId, slot }, 'closing', { kind: 'closed', statement });
};
