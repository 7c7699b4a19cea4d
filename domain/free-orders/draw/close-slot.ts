/** Closes a slot: fixes what is in it and publishes its statement, after which nothing about it changes. */
import {
  advanceSlot,
  advanceStated,
  beginClosing,
  type SlotState,
} from '#domain/free-orders/entries/draws-table.ts';
import { timeOfRoundMs } from './beacon.ts';
import { roundOfSlot, type SlotStatement } from './facts.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { runPass } from './slot-pass.ts';
import { RootPass } from './slot-passes.ts';
import { type SlotWork, sortSlot } from './sort-slot.ts';

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

/** Whether a statement's round has come already, so that the statement was too late. Always false for a recorded round. */
const isDue = ({ rules, chain }: OpenSlotDraw, { round }: SlotStatement, nowMs: number): boolean =>
  round !== null &&
  rules.definition.beacon.recordedRound === undefined &&
  timeOfRoundMs(chain, round) <= nowMs;

/** The number and the root of a closing slot's entries; undefined if time runs out first. */
const contentOf = async (work: SlotWork): Promise<Content | undefined> => {
  const sorted = await sortSlot(work);
  const pass = new RootPass(work.draw.rules);
  if (sorted === undefined || !(await runPass(work, sorted, pass))) return undefined;
  return { slot: work.slot, entries: pass.entries, root: pass.root() };
};

/**
 * Closes a slot that is due; `now` tells the time, in ms since the epoch. A statement is dated after the slot is sealed, right
 * before it is written. If its round is still in the future when the write is confirmed, the slot is closed and may be drawn. A
 * statement whose round has come before that, because the write was late or its worker crashed, is replaced by one with a later
 * round. The first statement that closes the slot counts. A slot with too many entries for one call stays closing, and the next
 * call goes on.
 */
export const closeSlot = async (work: SlotWork, now: () => number): Promise<SlotState> => {
  const { runtime, draw, slot } = work;
  const place = { campaignId: draw.campaignId, slot };
  let state = await beginClosing(runtime, draw.campaignId, slot);
  if (state.kind === 'closing') {
    const content = await contentOf(work);
    if (content === undefined) return state;
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
