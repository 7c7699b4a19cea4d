/**
 * Exports a draw that is over, and its publications, from the tables into a store of objects. Every order is read from the tables
 * once. The memory hardly grows with the number of orders. It holds one run of orders, and pieces of each run while runs are
 * merged; in an instant draw also all links; in a draw in slots the candidates of one slot, the names of late orders and those of
 * all winners.
 *
 *     sort     reads the blocks, and stores their orders in sorted runs
 *     decide   (slot mode) draws the slots again
 *     write    merges the runs into the export's object, a part at a time
 *
 * After any step another worker may continue a stage from its state. Repeating a step changes nothing: what depends on the time is
 * fixed once in the draws table, and the rest follows from it.
 */
import { slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import { readRevealedSeed } from '../draw/facts-item.ts';
import { type OpenSlotDraw, openDraw } from '../draw/open-draw.ts';
import type { ExportPlace } from '../entries/export-items.ts';
import { decideSlot, readLateNames } from './decide-slot.ts';
import type { Exporting } from './exporting.ts';
import { publicationsOf, publicObject, publishedText } from './public-facts.ts';
import { FIRST_RUN, type RunStart, sortRun } from './sort-orders.ts';
import { beginExport, type WriteState, writeExport } from './write-export.ts';

/** Where an export is continued. */
export type ExportState =
  | { stage: 'sort'; from: RunStart }
  | { stage: 'decide'; slot: number }
  | { stage: 'write'; from: WriteState };

export const FIRST_STATE: ExportState = { stage: 'sort', from: FIRST_RUN };

/** The sizes that tests make small: orders of a run, candidates of a slot and bytes of a part. */
export type ExportSizes = { runOrders?: number; candidatesMin?: number; partBytes?: number };

/** The export of a campaign's draw. Throws for a draw that is not over. */
export const openExport = async (
  runtime: Runtime,
  objects: Objects,
  place: ExportPlace,
): Promise<Exporting> => {
  const { campaignId, revision } = place;
  const draw = await openDraw(runtime, campaignId);
  if ((await readRevealedSeed(runtime, campaignId)) === undefined)
    throw new Error(`campaign ${campaignId}: expected a draw that is over, got an open one`);
  return { runtime, objects, draw, campaignId, revision };
};

const asSlots = ({ draw, ...exporting }: Exporting): Exporting<OpenSlotDraw> | undefined =>
  draw.mode === 'slot' ? { ...exporting, draw } : undefined;

const sort = async (
  exporting: Exporting,
  from: RunStart,
  isOver: () => boolean,
  runOrders?: number,
): Promise<ExportState> => {
  for (let start: RunStart | undefined = from; start !== undefined; ) {
    start = await sortRun(exporting, start, runOrders);
    if (start !== undefined && isOver()) return { stage: 'sort', from: start };
  }
  return { stage: 'decide', slot: 0 };
};

const decide = async (
  exporting: Exporting<OpenSlotDraw>,
  from: number,
  isOver: () => boolean,
  candidatesMin?: number,
): Promise<ExportState> => {
  const late = await readLateNames(exporting);
  for (let slot = from; slot < slotsOf(exporting.draw.rules); slot++) {
    if (slot > from && isOver()) return { stage: 'decide', slot };
    await decideSlot(exporting, slot, late, candidatesMin);
  }
  return { stage: 'write', from: await beginExport(exporting) };
};

/**
 * Continues the current stage until it ends or `isOver` returns true. Returns where to continue; undefined once the export is
 * complete: its publications are stored last, so their presence shows that.
 */
const advance = async (
  exporting: Exporting,
  state: ExportState,
  isOver: () => boolean,
  { runOrders, candidatesMin, partBytes }: ExportSizes,
): Promise<ExportState | undefined> => {
  switch (state.stage) {
    case 'sort':
      return sort(exporting, state.from, isOver, runOrders);
    case 'decide': {
      const slots = asSlots(exporting);
      return slots === undefined
        ? { stage: 'write', from: await beginExport(exporting) }
        : decide(slots, state.slot, isOver, candidatesMin);
    }
    case 'write': {
      const written = await writeExport(exporting, state.from, isOver, partBytes);
      if ('state' in written) return { stage: 'write', from: written.state };
      const { runtime, objects, draw } = exporting;
      const publications = await publicationsOf(runtime, draw);
      const root = { kind: 'root' as const, root: written.root };
      await objects.put(publicObject(exporting), publishedText([...publications, root]));
      return undefined;
    }
    default:
      return state satisfies never;
  }
};

/**
 * Continues an export until it is complete, or until `isOver` returns true. Returns where to continue, or undefined
 * once the export is complete. At least one step is taken.
 */
export const continueExport = async (
  exporting: Exporting,
  from: ExportState,
  isOver: () => boolean,
  sizes: ExportSizes = {},
): Promise<ExportState | undefined> => {
  let state: ExportState | undefined = from;
  do state = await advance(exporting, state, isOver, sizes);
  while (state !== undefined && !isOver());
  return state;
};

/** Exports a draw that is over, from its beginning to its end. */
export const exportDraw = async (
  runtime: Runtime,
  objects: Objects,
  place: ExportPlace,
  sizes?: ExportSizes,
): Promise<void> => {
  await continueExport(await openExport(runtime, objects, place), FIRST_STATE, () => false, sizes);
};
