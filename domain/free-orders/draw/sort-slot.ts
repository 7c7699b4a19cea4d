/**
 * Sorts the orders of a slot that is closing or closed. The orders of a small slot stay in memory. Those of a large one are stored
 * in sorted runs and merged, so that the memory does not grow with them. Each run is fixed once in the draws table, and any worker
 * continues after the last one.
 */
import { DAY_MS } from '#platform/duration.ts';
import type { Objects } from '#platform/objects.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type ExportPlace, fix, readFixed, runItem, workPlace } from '../entries/export-items.ts';
import { type ExportRecord, standingRecord } from '../entries/export-record.ts';
import { type Judged, type KeptOrder, requireMemberId, toEntry } from '../entries/kept-order.ts';
import { sealSlot } from '../entries/kept-orders.ts';
import { FIRST_PLACE, RUN_ORDERS, type RunPlace, readRun } from '../entries/read-run.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { readGivenBack, sealGivenBack } from '../entries/refund-notes.ts';
import {
  type EntryKey,
  groupRecords,
  mergeRuns,
  type StoredRun,
  sortRecords,
  storeRun,
} from '../entries/sorted-runs.ts';
import type { OpenSlotDraw } from './open-draw.ts';
import { participationOf } from './win.ts';

/** What tests make small: the orders of a run, the fewest candidates of a slot, and the records after which a pass is saved. */
export type SlotSizes = { runOrders?: number; candidatesMin?: number; pieceRecords?: number };

/** The work on one slot, in memory and in a store of objects. */
export type SlotWork = {
  runtime: Runtime;
  objects: Objects;
  draw: OpenSlotDraw;
  slot: number;
  /** Work that is not begun when this is true is left to the next call. */
  isOver: () => boolean;
  sizes: SlotSizes;
};

/** The slot's entries, one record each, sorted by order id, then by member. */
export type SortedSlot = {
  /** Whether the runs are stored. If so, passes are saved as well. */
  isStored: boolean;
  /** All records, or those after a key. */
  records: (after?: EntryKey) => AsyncIterable<ExportRecord> | Iterable<ExportRecord>;
};

/**
 * Objects of unfinished work are deleted after a week (`WORK_DAYS` in lib/buckets.ts), and a draw may be paused for longer. So the
 * work begins anew every few days under another name, and its objects are never older than that.
 */
const WORK_PERIOD_MS = 3 * DAY_MS;

export const placeOf = ({ runtime, draw }: SlotWork): ExportPlace => ({
  campaignId: draw.campaignId,
  revision: `slots-${Math.floor(runtime.clock.nowMs() / WORK_PERIOD_MS)}`,
});

/**
 * What the first worker that stored a run has fixed of it. `refunded` is the key of an object that holds the
 * participations of the run's orders that were refunded by then.
 */
type FixedRun = { run: StoredRun; refunded: string; next?: RunPlace };

const recordOf = ({ draw: { rules, pseudonyms } }: SlotWork, { order, judgedMs }: Judged): ExportRecord => {
  const { memberId, erased } = requireMemberId(order);
  return {
    entry: toEntry(order, rules, pseudonyms, 0),
    judgedMs,
    ticket: null,
    outcome: 'not-drawn',
    awardFen: 0,
    paidOutFen: 0,
    by: 'derived',
    memberId,
    ...(erased === undefined ? {} : { erased: true }),
  };
};

/** The order that a record was made from. */
export const orderOf = ({ entry, memberId, erased }: ExportRecord): KeptOrder => ({
  orderId: entry.orderId,
  timeMs: entry.timeMs,
  channel: entry.channel,
  storeId: entry.storeId ?? '',
  paidFen: entry.paidFen,
  tier: entry.tier ?? '',
  firstOrder: entry.firstOrder,
  memberId,
  ...(erased ? { erased: { pseudonym: entry.member, blocked: entry.blocked } } : {}),
});

const namesOf = ({ draw }: SlotWork, records: readonly ExportRecord[]): Set<string> =>
  new Set(records.map(({ entry }) => participationOf(draw.rules, entry)));

/** Stores a run and returns the run that is fixed: another worker's, if that one was first. */
const fixRun = async (
  work: SlotWork,
  number: number,
  records: ExportRecord[],
  next: RunPlace | undefined,
): Promise<FixedRun> => {
  const { runtime, objects, draw, slot } = work;
  const place = placeOf(work);
  const run = await storeRun(objects, `${workPlace(place)}/${slot}`, records);
  const givenBack = await readGivenBack(runtime, draw, namesOf(work, records));
  const refunded = `${run.prefix}/refunded`;
  await objects.put(refunded, Buffer.from(JSON.stringify([...givenBack.keys()])));
  const fixed = { run, refunded, ...(next === undefined ? {} : { next }) };
  return fix<FixedRun>(runtime, place, runItem(slot, number), fixed);
};

const readRefunded = async ({ objects }: SlotWork, runs: readonly FixedRun[]): Promise<Set<string>> => {
  const names = new Set<string>();
  for (const { refunded } of runs) {
    const bytes = await objects.get(refunded);
    if (bytes === undefined) throw new Error(`object ${refunded}: expected the refunds of a run, got none`);
    for (const name of JSON.parse(Buffer.from(bytes).toString()) as string[]) names.add(name);
  }
  return names;
};

/** The entry that stands for each group, with what was refunded of it when the slot was closed. */
const standing = ({ draw }: SlotWork, givenBack: GivenBack): ((group: ExportRecord[]) => ExportRecord) => {
  if (givenBack.size === 0) return standingRecord;
  return (group) => {
    const record = standingRecord(group);
    const givenBackFen = givenBack.get(participationOf(draw.rules, record.entry)) ?? 0;
    return { ...record, entry: { ...record.entry, givenBackFen } };
  };
};

const inMemory = async (work: SlotWork, records: readonly ExportRecord[]): Promise<SortedSlot> => {
  const { runtime, draw, slot } = work;
  const names = async () => namesOf(work, records);
  const standingOf = standing(work, await sealGivenBack(runtime, draw, slot, names));
  const sorted = sortRecords(records);
  return { isStored: false, records: () => groupRecords(sorted, draw.rules.format).map(standingOf) };
};

const inRuns = async (work: SlotWork, runs: readonly FixedRun[]): Promise<SortedSlot> => {
  const { runtime, objects, draw, slot } = work;
  const names = () => readRefunded(work, runs);
  const standingOf = standing(work, await sealGivenBack(runtime, draw, slot, names));
  const stored = runs.map(({ run }) => run);
  return {
    isStored: true,
    records: async function* (after) {
      for await (const group of mergeRuns(objects, stored, draw.rules.format, after)) yield standingOf(group);
    },
  };
};

/**
 * Sorts a slot, as a function of its manifests (the lists of its blocks of orders) and of the refunds that
 * are fixed for it, so the result never changes. Undefined if time runs out first: then the runs so far are
 * stored, at least one of them by this call.
 */
export const sortSlot = async (work: SlotWork): Promise<SortedSlot | undefined> => {
  const { runtime, draw, slot, isOver, sizes } = work;
  const { campaignId } = draw;
  const runs: FixedRun[] = [];
  let hasWorked = false;
  for (let from: RunPlace | undefined = FIRST_PLACE; from !== undefined; ) {
    const number = runs.length;
    let run = await readFixed<FixedRun>(runtime, placeOf(work), runItem(slot, number));
    if (run === undefined) {
      if (hasWorked && isOver()) return undefined;
      hasWorked = true;
      if (number === 0) await sealSlot(runtime, campaignId, slot);
      const place = { campaignId, slot };
      const { inTime, next } = await readRun(runtime, place, from, sizes.runOrders ?? RUN_ORDERS);
      const records = inTime.map((judged) => recordOf(work, judged));
      if (number === 0 && next === undefined) return inMemory(work, records);
      run = await fixRun(work, number, records, next);
    }
    runs.push(run);
    from = run.next;
  }
  return inRuns(work, runs);
};
