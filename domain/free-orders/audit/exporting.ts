/** What the stages of an export share. */
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import { NO_RANDOMNESS, slotSeed } from '../draw/commitment.ts';
import type { OpenDraw, OpenSlotDraw } from '../draw/open-draw.ts';
import { TicketDrawer } from '../draw/ticket.ts';
import { readSlot, type SlotState } from '../entries/draws-table.ts';
import type { ExportPlace } from '../entries/export-items.ts';

/** An export under way: it copies a draw from the tables to a store of objects. */
export type Exporting<Draw extends OpenDraw = OpenDraw> = ExportPlace & {
  runtime: Runtime;
  objects: Objects;
  draw: Draw;
};

export type DrawnSlot = Extract<SlotState, { kind: 'drawn' }>;

/** The state of a slot in a draw that is over. */
export const readDrawnSlot = async (
  { runtime, campaignId }: Pick<Exporting, 'runtime' | 'campaignId'>,
  slot: number,
): Promise<DrawnSlot> => {
  const state = await readSlot(runtime, campaignId, slot);
  if (state.kind === 'drawn') return state;
  throw new Error(`slot ${slot}: expected to be drawn, got ${state.kind}`);
};

/** What draws the tickets of a drawn slot again. */
export const ticketsOf = (
  { seed, rules }: OpenSlotDraw,
  { statement, randomness }: DrawnSlot,
): TicketDrawer =>
  new TicketDrawer(
    slotSeed(seed, {
      index: statement.slot,
      root: statement.root,
      randomness: randomness ?? NO_RANDOMNESS,
    }),
    rules.format,
  );
