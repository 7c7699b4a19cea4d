/** The second stage of an export of a draw in slots: finds how a slot's orders ended. Its memory grows with the slot's prizes. */
import { expiryOf } from '#domain/campaigns/retention.ts';
import type { Drawn } from '../draw/draw.ts';
import { remainingBefore } from '../draw/draw-slot.ts';
import { drawDrawnSlot } from '../draw/earlier-wins.ts';
import { readWins } from '../draw/member-wins.ts';
import type { OpenSlotDraw } from '../draw/open-draw.ts';
import { amountsOf, type WinAmounts } from '../draw/settle-refunds.ts';
import { candidatesFor, moreThan, SmallestTickets } from '../draw/smallest-tickets.ts';
import { participationOf } from '../draw/win.ts';
import { ALL_RUNS, exportRefundsKey, readAllFixed, runsOf, workPlace } from '../entries/export-items.ts';
import { type ExportRecord, standingRecord } from '../entries/export-record.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { readGivenBack } from '../entries/refund-notes.ts';
import { sealList } from '../entries/sealed-list.ts';
import { mergeRuns } from '../entries/sorted-runs.ts';
import { entryName } from '../rules/entry.ts';
import type { DrawOutcome } from '../rules/reasons.ts';
import { slotsOf } from '../rules/rules.ts';
import { type Exporting, readDrawnSlot, ticketsOf } from './exporting.ts';
import type { FixedRun } from './sort-orders.ts';

/** The outcome of an order that was offered a prize, with the amounts of its win if it won. `name` is the name of its entry. */
type Offered = {
  name: string;
  outcome: DrawOutcome;
  awardFen: number;
  win?: WinAmounts & { participation: string };
};

/** The outcomes of a slot's orders. They follow from the stored runs, so every worker stores the same. */
export type DecidedSlot = {
  offered: Offered[];
  /** The outcome of the eligible orders that were not offered a prize. */
  rest: DrawOutcome;
  /**
   * The names of entries of this slot that came again late, in this slot or in another. They count as having
   * come in time.
   */
  alsoLate: string[];
};

type Candidates = { records: ExportRecord[]; isAll: boolean; alsoLate: string[] };

/** The `count` eligible orders with the smallest tickets, or all if there are fewer. At most twice `count` are in memory. */
const readCandidates = async (
  exporting: Exporting<OpenSlotDraw>,
  slot: number,
  late: ReadonlySet<string>,
  count: number,
): Promise<Candidates> => {
  const { runtime, objects, draw } = exporting;
  const { format } = draw.rules;
  const runs = await readAllFixed<FixedRun>(runtime, exporting, runsOf(slot));
  const smallest = new SmallestTickets(count);
  const alsoLate: string[] = [];
  for await (const group of mergeRuns(
    objects,
    runs.map(({ inTime }) => inTime),
    format,
  )) {
    const record = standingRecord(group);
    const name = late.size === 0 ? '' : entryName(record.entry, format);
    if (late.has(name)) alsoLate.push(name);
    if (record.ticket !== null) smallest.add(record);
  }
  const { records, isAll } = smallest.state();
  return { records, isAll, alsoLate };
};

/** The names of all orders that were late at least once. */
export const readLateNames = async (exporting: Exporting<OpenSlotDraw>): Promise<ReadonlySet<string>> => {
  const { runtime, objects, draw } = exporting;
  const { format } = draw.rules;
  const runs = await readAllFixed<FixedRun>(runtime, exporting, ALL_RUNS);
  const names = new Set<string>();
  for await (const [record] of mergeRuns(
    objects,
    runs.map(({ late }) => late),
    format,
  ))
    names.add(entryName(record!.entry, format));
  return names;
};

/** The orders that were offered a prize, with the wins in the tables. Throws if the tables have no win for an order that won. */
const offeredOf = async (
  { runtime, draw: { rules } }: Exporting<OpenSlotDraw>,
  slot: number,
  drawn: readonly Drawn[],
  memberIds: ReadonlyMap<string, { memberId: string }>,
): Promise<Offered[]> => {
  const memberOf = ({ entry }: Drawn): string => memberIds.get(participationOf(rules, entry))!.memberId;
  const winners = drawn.filter(({ outcome }) => outcome === 'won').map(memberOf);
  const wins = new Map(
    [...(await readWins(runtime, rules, winners)).values()].flat().map((win) => [win.trigger, win]),
  );
  return drawn.map(({ entry, outcome, awardFen }) => {
    const offered = { name: entryName(entry, rules.format), outcome, awardFen };
    if (outcome !== 'won') return offered;
    const participation = participationOf(rules, entry);
    const win = wins.get(participation);
    if (win !== undefined) return { ...offered, win: { ...amountsOf(win), participation } };
    throw new Error(
      `slot ${slot} of campaign ${rules.campaignId}: expected a grant for each win, got none for at least one`,
    );
  });
};

const decidedKey = (exporting: Exporting, slot: number): string => `${workPlace(exporting)}/${slot}/decided`;

/** Draws a slot again, and stores the outcomes of its orders. Only tests give `candidatesMin`. */
export const decideSlot = async (
  exporting: Exporting<OpenSlotDraw>,
  slot: number,
  late: ReadonlySet<string>,
  candidatesMin?: number,
): Promise<void> => {
  const { runtime, objects, draw } = exporting;
  const { rules } = draw;
  const tickets = ticketsOf(draw, await readDrawnSlot(exporting, slot));
  const remaining = await remainingBefore(runtime, draw, slot);
  let count = candidatesFor(rules, candidatesMin);
  for (;;) {
    const { records, isAll, alsoLate } = await readCandidates(exporting, slot, late, count);
    const orders = new Map(records.map((record) => [participationOf(rules, record.entry), record]));
    const entries = records.map(({ entry }) => entry);
    const place = { slot, tickets, remaining };
    const { drawn, ended } = await drawDrawnSlot(runtime, draw, { entries, orders }, place);
    if (ended === undefined && !isAll) {
      count = moreThan(count);
      continue;
    }
    const offered = drawn.filter(({ outcome }) => outcome !== ended);
    const decided: DecidedSlot = {
      offered: await offeredOf(exporting, slot, offered, orders),
      rest: ended ?? 'not-drawn',
      alsoLate,
    };
    await objects.put(decidedKey(exporting, slot), Buffer.from(JSON.stringify(decided)));
    return;
  }
};

export const readDecided = async (exporting: Exporting, slot: number): Promise<DecidedSlot> => {
  const key = decidedKey(exporting, slot);
  const bytes = await exporting.objects.get(key);
  if (bytes === undefined) throw new Error(`object ${key}: expected a slot's outcomes, got none`);
  return JSON.parse(Buffer.from(bytes).toString()) as DecidedSlot;
};

const FEN_SEPARATOR = ':';

/**
 * How much of each win was refunded, by participation. It is read once, after all slots were decided, and fixed: refunds that
 * come while the export is written are left to the next export.
 */
export const fixRefunds = async (exporting: Exporting<OpenSlotDraw>): Promise<GivenBack> => {
  const { runtime, draw } = exporting;
  const read = async (): Promise<string[]> => {
    const winners = new Set<string>();
    for (let slot = 0; slot < slotsOf(draw.rules); slot++)
      for (const { win } of (await readDecided(exporting, slot)).offered)
        if (win !== undefined) winners.add(win.participation);
    const givenBack = await readGivenBack(runtime, draw, winners);
    return [...givenBack].map(([participation, fen]) => participation + FEN_SEPARATOR + fen);
  };
  const expiry = () => expiryOf(runtime, exporting.campaignId);
  const fixed = await sealList(runtime, exportRefundsKey(exporting), { read, expiry });
  return new Map(
    fixed.map((element): [string, number] => {
      const [participation, fen] = element.split(FEN_SEPARATOR);
      return [participation!, Number(fen)];
    }),
  );
};
