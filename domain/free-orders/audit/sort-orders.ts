/** The first stage of an export: reads every block of orders once, and stores the orders in sorted runs. */
import { INSTANT_SLOT } from '#domain/free-orders/entries/kept-orders.ts';
import { eligibility } from '#domain/free-orders/rules/eligibility.ts';
import { slotsOf } from '#domain/free-orders/rules/rules.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import type { OpenSlotDraw } from '../draw/open-draw.ts';
import { type TicketDrawer, ticketText } from '../draw/ticket.ts';
import { participationOf } from '../draw/win.ts';
import { fix, readFixed, runItem, workPlace } from '../entries/export-items.ts';
import { type ExportRecord, standingRecord } from '../entries/export-record.ts';
import { type Judged, nameOf, requireMemberId, toEntry } from '../entries/kept-order.ts';
import { FIRST_PLACE, type ReadRun, RUN_ORDERS, type RunPlace, readRun } from '../entries/read-run.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { sealGivenBack } from '../entries/refund-notes.ts';
import { type StoredRun, storeRun } from '../entries/sorted-runs.ts';
import { instantRecords } from './export-instant.ts';
import { type Exporting, readDrawnSlot, ticketsOf } from './exporting.ts';
import { storeLinks } from './stored-links.ts';

/** Where a run of a draw begins. */
export type RunStart = RunPlace & { slot: number; run: number };

/**
 * What is fixed for a run: where its orders are stored, with late orders in a stored run of their own, and where the next run
 * begins, which is missing for the last run. `links` names an object with the links between members of an instant draw, if there
 * are any.
 */
export type FixedRun = { inTime: StoredRun; late: StoredRun; links?: string; next?: RunStart };

export const FIRST_RUN: RunStart = { slot: INSTANT_SLOT, run: 0, ...FIRST_PLACE };

type Read = Omit<ReadRun, 'next'> & { next?: RunStart };

/** The orders of the run that begins at this place, and the start of the next run, which may be in the next slot. */
const readBlocks = async (
  { runtime, campaignId, draw }: Exporting,
  { slot, run, ...from }: RunStart,
  runOrders: number,
): Promise<Read> => {
  const { next, ...read } = await readRun(runtime, { campaignId, slot }, from, runOrders);
  if (next !== undefined) return { ...read, next: { slot, run: run + 1, ...next } };
  const hasMore = draw.mode === 'slot' && slot + 1 < slotsOf(draw.rules);
  return hasMore ? { ...read, next: { slot: slot + 1, run: 0, ...FIRST_PLACE } } : read;
};

const slotRecord = (
  { rules, pseudonyms }: OpenSlotDraw,
  tickets: TicketDrawer,
  givenBack: GivenBack,
  { order, judgedMs }: Judged,
): ExportRecord => {
  const name = givenBack.size === 0 ? '' : participationOf(rules, nameOf(order, pseudonyms));
  const entry = toEntry(order, rules, pseudonyms, givenBack.get(name) ?? 0);
  const judged = eligibility({ ...entry, late: false }, entry, rules);
  const { memberId, erased } = requireMemberId(order);
  return {
    entry,
    judgedMs,
    ticket: judged.eligible ? ticketText(tickets.draw(entry)) : null,
    outcome: judged.eligible ? 'not-drawn' : judged.reason,
    awardFen: 0,
    paidOutFen: 0,
    by: 'derived',
    memberId: judged.eligible ? memberId : '',
    ...(erased === undefined ? {} : { erased: true }),
  };
};

const lateRecord = ({ rules, pseudonyms }: OpenSlotDraw, { order, judgedMs }: Judged): ExportRecord => ({
  entry: toEntry(order, rules, pseudonyms, 0),
  judgedMs,
  ticket: null,
  outcome: 'slot-closed',
  awardFen: 0,
  paidOutFen: 0,
  by: 'derived',
  memberId: '',
});

const entryKey = ({ entry }: ExportRecord): string => JSON.stringify([entry.orderId, entry.member]);

/**
 * Throws if a winning ticket is neither granted nor refused yet, for example because its message is in a dead-letter queue. Once
 * fixed, such a record would never change, and the export could not be completed even after the order was decided.
 */
const requireEnds = (records: readonly ExportRecord[]): void => {
  if (records.every(({ by }) => by !== 'unknown')) return;
  for (const ofEntry of Map.groupBy(records, entryKey).values()) standingRecord(ofEntry);
};

/** The records of what was read. Orders that came after an instant draw was closed are left out of its export. */
const recordsOf = async (
  { runtime, campaignId, draw }: Exporting,
  slot: number,
  { inTime, late }: Read,
): Promise<{ inTime: ExportRecord[]; late: ExportRecord[]; links: LinkedIds[] }> => {
  switch (draw.mode) {
    case 'instant': {
      const { records, links } = await instantRecords(runtime, draw, inTime);
      requireEnds(records);
      return { inTime: records, late: [], links };
    }
    case 'slot': {
      const tickets = ticketsOf(draw, await readDrawnSlot({ runtime, campaignId }, slot));
      // The refunds were fixed when the slot was closed, so no participations are needed.
      const givenBack = await sealGivenBack(runtime, draw, slot, async () => new Set());
      return {
        inTime: inTime.map((judged) => slotRecord(draw, tickets, givenBack, judged)),
        late: late.map((judged) => lateRecord(draw, judged)),
        links: [],
      };
    }
    default:
      return draw satisfies never;
  }
};

/**
 * Stores the run that begins at `start`, unless it is stored already, and returns where the next run begins; undefined after the
 * last. Of several workers' runs, which may end at different blocks and find different refunds, the first to be fixed counts.
 */
export const sortRun = async (
  exporting: Exporting,
  start: RunStart,
  runOrders: number = RUN_ORDERS,
): Promise<RunStart | undefined> => {
  const { runtime, objects } = exporting;
  const item = runItem(start.slot, start.run);
  const known = await readFixed<FixedRun>(runtime, exporting, item);
  if (known !== undefined) return known.next;
  const read = await readBlocks(exporting, start, runOrders);
  const records = await recordsOf(exporting, start.slot, read);
  const place = `${workPlace(exporting)}/${start.slot}`;
  const run: FixedRun = {
    inTime: await storeRun(objects, place, records.inTime),
    late: await storeRun(objects, place, records.late),
    ...(records.links.length === 0 ? {} : { links: await storeLinks(objects, place, records.links) }),
    ...(read.next === undefined ? {} : { next: read.next }),
  };
  return (await fix(runtime, exporting, item, run)).next;
};
