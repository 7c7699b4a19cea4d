/** Closes a slot: fixes what is in it and publishes its statement, after which nothing about it changes. */
import {
  advanceSlot,
  advanceStated,
  beginClosing,
  type SlotState,
} from '#domain/free-orders/entries/draws-table.ts';
import { type KeptOrder, requireMemberId, toEntry } from '#domain/free-orders/entries/kept-order.ts';
import { readSealedOrders } from '#domain/free-orders/entries/kept-orders.ts';
import { closedSet, type DrawEntry, entryText } from '#domain/free-orders/rules/entry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { sealGivenBack } from '../entries/refund-notes.ts';
import { timeOfRoundMs } from './beacon.ts';
import { roundOfSlot, type SlotStatement } from './facts.ts';
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

/** After this many statements that came too late for their round, the slot is left to the next call. */
const MAX_STATEMENTS = 5;

type Stated = Extract<SlotState, { kind: 'stated' }>;

/** What is the same in every statement of a slot. */
type Content = Pick<SlotStatement, 'slot' | 'entries' | 'root'>;

/** A statement dated now, with the first round that is far enough in the future. */
const statedAt = ({ rules, chain }: OpenSlotDraw, content: Content, nowMs: number): Stated => ({
  kind: 'stated',
  statement: {
    slot: content.slot,
    entries: content.entries,
    root: content.root,
    publishedAtMs: nowMs,
    round: content.entries === 0 ? null : roundOfSlot(rules, chain, nowMs),
  },
});

/** Whether a statement's round has come already, so that the statement was too late. Does not apply to a recorded round. */
const isDue = ({ rules, chain }: OpenSlotDraw, { round }: SlotStatement, nowMs: number): boolean =>
  round !== null &&
  rules.definition.beacon.recordedRound === undefined &&
  timeOfRoundMs(chain, round) <= nowMs;

/**
 * Closes a slot that is due; `now` tells the time, in ms since the epoch. A statement is dated after the slot is sealed, right
 * before it is written. If its round is still in the future when the write is confirmed, the slot is closed and may be drawn. A
 * statement that was written too late, or by a worker that crashed, is replaced by one with a later round. The first statement
 * that closes the slot counts.
 */
export const closeSlot = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  slot: number,
  now: () => number,
): Promise<SlotState> => {
  const { campaignId, rules } = draw;
  const place = { campaignId, slot };
  let state = await beginClosing(runtime, campaignId, slot);
  if (state.kind === 'closing') {
    const { entries } = await readClosedSlot(runtime, draw, slot);
    const root = merkleRoot(entries.map((entry) => entryText(entry, rules.format)));
    const content = { slot, entries: entries.length, root };
    state = await advanceSlot(runtime, place, 'closing', statedAt(draw, content, now()));
  }
  for (let made = 1; state.kind === 'stated' && made <= MAX_STATEMENTS; made++) {
    const { statement } = state;
    const nowMs = now();
    const next = isDue(draw, statement, nowMs)
      ? statedAt(draw, statement, nowMs)
      : { kind: 'closed' as const, statement };
    state = await advanceStated(runtime, place, state, next);
  }
  return state;
};
