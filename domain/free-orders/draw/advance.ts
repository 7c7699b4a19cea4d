/** Takes a campaign's draw as far as it can go at a time. */

import { putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import { beginClosing, readSlot, type SlotState } from '#domain/free-orders/entries/draws-table.ts';
import { INSTANT_SLOT, sealSlot } from '#domain/free-orders/entries/kept-orders.ts';
import { slotAt, slotsOf } from '#domain/free-orders/rules/rules.ts';
import { closeSlot } from './close-slot.ts';
import { drandBeacon } from './drand.ts';
import { drawClosedSlot } from './draw-slot.ts';
import { readRevealedSeed, seedItem } from './facts-item.ts';
import { type OpenDraw, openDraw } from './open-draw.ts';

/** In ms, an hour: how long an instant draw waits for late orders after the campaign's end. */
export const INSTANT_GRACE_MS = 3_600_000;

const SECOND_MS = 1_000;

export type Occasion = {
  nowMs: number;
  /** When to leave the rest to the next occasion. */
  deadlineMs: number;
  /** Where the beacon's rounds are asked for. */
  relays: readonly string[];
  random: () => number;
};

/** Campaigns whose seeds are revealed: nothing is left to do for them. */
const finished = new Set<string>();

/**
 * Closes the slots that are due, draws those whose rounds are there, in their order, and reveals the seed after the last
 * one. Every step may be taken by several at once and be taken again: the first to finish it counts.
 */
export const advanceDraw = async (campaignId: string, occasion: Occasion): Promise<void> => {
  if (finished.has(campaignId)) return;
  if ((await readRevealedSeed(campaignId)) === undefined) {
    const draw = await openDraw(campaignId);
    const isInstant = draw.rules.definition.mode === 'instant';
    const isOver = isInstant ? await closeInstant(draw, occasion) : await advanceSlots(draw, occasion);
    if (!isOver) return;
    await putItemsOnce(campaignId, [seedItem(draw.seed)]);
  }
  finished.add(campaignId);
};

/** A campaign that was opened after its end, as a replay is, has its grace time from then. */
const closeInstant = async (draw: OpenDraw, { nowMs }: Occasion): Promise<boolean> => {
  const { campaignId, rules, openedMs } = draw;
  if (nowMs < Math.max(rules.endsAtMs, openedMs) + INSTANT_GRACE_MS) return false;
  await beginClosing(campaignId, INSTANT_SLOT);
  await sealSlot(campaignId, INSTANT_SLOT);
  return true;
};

/** The first of the slots from `from` on whose state is not passed; slots are passed in their order, so bisection finds it. */
const firstSlot = async (
  { campaignId, rules }: OpenDraw,
  isPassed: (state: SlotState) => boolean,
): Promise<number> => {
  let low = 0;
  let high = slotsOf(rules);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPassed(await readSlot(campaignId, middle))) low = middle + 1;
    else high = middle;
  }
  return low;
};

const advanceSlots = async (draw: OpenDraw, occasion: Occasion): Promise<boolean> => {
  const { campaignId, rules, openedMs, facts } = draw;
  const { definition } = rules;
  if (definition.mode !== 'slot' || facts.chain === null) throw new Error('mode: expected "slot"');
  const { nowMs, deadlineMs, relays, random } = occasion;
  const slots = slotsOf(rules);
  const opensLate = openedMs + definition.graceSeconds * SECOND_MS;
  const isClosed = ({ kind }: SlotState): boolean => kind === 'closed' || kind === 'drawn';
  for (let slot = await firstSlot(draw, isClosed); slot < slots && Date.now() < deadlineMs; slot++) {
    if (nowMs < Math.max(slotAt(rules, slot).closesAtMs, opensLate)) break;
    await closeSlot(draw, slot, nowMs);
  }
  const beacon = drandBeacon(facts.chain, relays);
  let next = await firstSlot(draw, ({ kind }) => kind === 'drawn');
  for (; next < slots && Date.now() < deadlineMs; next++) {
    const state = await readSlot(campaignId, next);
    if (!isClosed(state)) break;
    if (state.kind === 'closed' && !(await drawClosedSlot(draw, state.statement, beacon, random))) break;
  }
  return next === slots;
};
