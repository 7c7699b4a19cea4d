/** Advances a campaign's draw as far as is possible now. */

import { putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import { readSwitch } from '#domain/campaigns/issuing-switch.ts';
import { beginClosing, readSlot, type SlotState } from '#domain/free-orders/entries/draws-table.ts';
import { INSTANT_SLOT, sealSlot } from '#domain/free-orders/entries/kept-orders.ts';
import { slotAt, slotsOf } from '#domain/free-orders/rules/rules.ts';
import { SECOND_MS } from '#platform/duration.ts';
import { compartment } from '#platform/memory.ts';
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import { closeSlot } from './close-slot.ts';
import { drandBeacon } from './drand.ts';
import { drawClosedSlot } from './draw-slot.ts';
import { readRevealedSeed, seedItem } from './facts-item.ts';
import { type OpenDraw, type OpenInstantDraw, type OpenSlotDraw, openDraw } from './open-draw.ts';
import type { SlotSizes, SlotWork } from './sort-slot.ts';

/** In ms, an hour: how long an instant draw waits for late orders after the campaign's end. */
const INSTANT_GRACE_MS = 3_600_000;

export type Occasion = {
  /** By the clock of the caller, which may be ahead of the runtime's. */
  nowMs: number;
  /** By the runtime's clock. Work that is not begun by then is left to the next call. */
  deadlineMs: number;
  /** The relays that are asked for the beacon's rounds. */
  relays: readonly string[];
  /** Where the orders of large slots are sorted. */
  objects: Objects;
  sizes?: SlotSizes;
};

/** Campaigns whose seeds are revealed: their draws are over. */
const FINISHED = compartment(() => new Set<string>());

/**
 * Closes the slots that are due, draws those whose rounds have come, in their order, and reveals the seed
 * after the last one. Several workers may take a step at once, and a step may be repeated: the first result
 * to be stored counts. The draw of a paused campaign does not advance: nothing is closed or revealed before
 * its wins can be granted.
 */
export const advanceDraw = async (
  runtime: Runtime,
  campaignId: string,
  occasion: Occasion,
): Promise<void> => {
  if (runtime.memory.of(FINISHED).has(campaignId)) return;
  // This clock keeps running while the steps are taken, because a statement must not be backdated.
  const aheadMs = occasion.nowMs - runtime.clock.nowMs();
  const now = (): number => runtime.clock.nowMs() + aheadMs;
  if ((await readSwitch(runtime, campaignId)).isPaused) return;
  if ((await readRevealedSeed(runtime, campaignId)) === undefined) {
    const draw = await openDraw(runtime, campaignId);
    if (!(await advanceOpen(runtime, draw, occasion, now))) return;
    await putItemsOnce(runtime, campaignId, [seedItem(draw.seed)]);
  }
  runtime.memory.of(FINISHED).add(campaignId);
};

/**
 * Closes an instant draw once its grace time is over, and says whether it did. If a campaign was opened after
 * its end, as in a replay, the grace time starts at its opening.
 */
const closeInstant = async (
  runtime: Runtime,
  draw: OpenInstantDraw,
  { nowMs }: Occasion,
): Promise<boolean> => {
  const { campaignId, rules, openedMs } = draw;
  if (nowMs < Math.max(rules.endsAtMs, openedMs) + INSTANT_GRACE_MS) return false;
  await beginClosing(runtime, campaignId, INSTANT_SLOT);
  await sealSlot(runtime, campaignId, INSTANT_SLOT);
  return true;
};

/** The first slot for whose state `isPassed` is false. Slots pass in their order, so bisection finds it. */
const firstSlot = async (
  runtime: Runtime,
  { campaignId, rules }: OpenSlotDraw,
  isPassed: (state: SlotState) => boolean,
): Promise<number> => {
  let low = 0;
  let high = slotsOf(rules);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPassed(await readSlot(runtime, campaignId, middle))) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Closes and draws slots as far as is possible now. Returns whether all are drawn. */
const advanceSlots = async (
  runtime: Runtime,
  draw: OpenSlotDraw,
  occasion: Occasion,
  now: () => number,
): Promise<boolean> => {
  const { campaignId, rules, openedMs, chain } = draw;
  const { nowMs, deadlineMs, relays, objects, sizes = {} } = occasion;
  const isOver = (): boolean => runtime.clock.nowMs() >= deadlineMs;
  const workOn = (slot: number): SlotWork => ({ runtime, objects, draw, slot, isOver, sizes });
  const slots = slotsOf(rules);
  const opensLate = openedMs + rules.definition.graceSeconds * SECOND_MS;
  const isClosed = ({ kind }: SlotState): boolean => kind === 'closed' || kind === 'drawn';
  for (let slot = await firstSlot(runtime, draw, isClosed); slot < slots && !isOver(); slot++) {
    if (nowMs < Math.max(slotAt(rules, slot).closesAtMs, opensLate)) break;
    if (!isClosed(await closeSlot(workOn(slot), now))) break;
  }
  const beacon = drandBeacon(chain, relays, runtime);
  let next = await firstSlot(runtime, draw, ({ kind }) => kind === 'drawn');
  for (; next < slots && !isOver(); next++) {
    const state = await readSlot(runtime, campaignId, next);
    if (!isClosed(state)) break;
    if (state.kind === 'closed' && !(await drawClosedSlot(workOn(next), state.statement, beacon))) break;
  }
  return next === slots;
};

/** Advances a draw that is not over. Returns whether it is over now. */
const advanceOpen = (
  runtime: Runtime,
  draw: OpenDraw,
  occasion: Occasion,
  now: () => number,
): Promise<boolean> => {
  switch (draw.mode) {
    case 'instant':
      return closeInstant(runtime, draw, occasion);
    case 'slot':
      return advanceSlots(runtime, draw, occasion, now);
    default:
      return draw satisfies never;
  }
};
