/** Judges again one entry in the export of a draw, in instant mode or in slots. */
import type { PrizeClaim } from '../draw/ledger.ts';
import { type Ticket, type TicketDrawer, ticketText } from '../draw/ticket.ts';
import { eligibility } from '../rules/eligibility.ts';
import { entryName } from '../rules/entry.ts';
import { awardFen, dayOf, type Rules } from '../rules/rules.ts';
import type { EntryLine } from './export-format.ts';

/** Reports a fault of a line. Lines are counted from 1. */
export type ReportFault = (line: number, message: string) => void;

export const expected = (field: string, wanted: unknown, given: unknown): string =>
  `${field}: expected ${String(wanted)}, got ${String(given)}`;

/** An eligible entry, its line and its ticket as recomputed. */
export type Judged = { line: number; name: string; ticket: Ticket; claim: PrizeClaim; given: EntryLine };

/** Orders entries by ticket, and equal tickets by the entries' names: the order in which a slot offers its prizes. */
export const byTicket = (a: Judged, b: Judged): number =>
  a.ticket < b.ticket || (a.ticket === b.ticket && a.name < b.name) ? -1 : 1;

/** What the entries of one draw are judged with. */
export type JudgeContext = { rules: Rules; tickets: TicketDrawer; report: ReportFault };

/**
 * Judges an entry and draws its ticket again, and reports every field of the line that differs. Undefined for an
 * entry that is not eligible; the caller checks the outcome of an eligible one.
 */
export const judgeAgain = (
  given: EntryLine,
  line: number,
  { rules, tickets, report }: JudgeContext,
): Judged | undefined => {
  const { entry } = given;
  const judged = eligibility({ ...entry, late: false }, entry, rules);
  const award = awardFen(rules, entry);
  const due = given.outcome === 'won' ? award : 0;
  if (given.awardFen !== due) report(line, expected('awardFen', due, given.awardFen));
  if (given.revoked && given.outcome !== 'won') report(line, expected('revoked', false, true));
  const mostPaidOut = given.revoked ? 0 : given.awardFen;
  const leastPaidOut = given.revoked || given.awardFen === 0 ? 0 : 1;
  if (given.paidOutFen < leastPaidOut || given.paidOutFen > mostPaidOut) {
    report(line, expected('paidOutFen', `${leastPaidOut} to ${mostPaidOut}`, given.paidOutFen));
  }
  if (!judged.eligible) {
    if (given.outcome !== judged.reason) report(line, expected('outcome', judged.reason, given.outcome));
    if (given.ticket !== null) report(line, expected('ticket', 'none for this order', given.ticket));
    return undefined;
  }
  const ticket = tickets.draw(entry);
  if (given.ticket !== ticketText(ticket)) report(line, expected('ticket', ticketText(ticket), given.ticket));
  const claim = { member: entry.member, day: dayOf(rules, entry.timeMs), awardFen: award };
  return { line, name: entryName(entry, rules.format), ticket, claim, given };
};
