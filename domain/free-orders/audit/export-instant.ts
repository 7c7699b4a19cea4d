/** The orders of an instant draw that is over, as its export shows them. */
import { readBudgets } from '#domain/campaigns/budget-items.ts';
import { MONEY_KEY, QUOTA_KEY } from '#domain/campaigns/layout.ts';
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { Runtime } from '#platform/runtime.ts';
import { drawInstant } from '../draw/draw.ts';
import { linksOf } from '../draw/earlier-wins.ts';
import { type LinkedIds, type RemainingPrizes, refusalOf, WinLedger } from '../draw/ledger.ts';
import { groupsOf, readWinsOfGroups } from '../draw/member-wins.ts';
import type { OpenInstantDraw } from '../draw/open-draw.ts';
import { paidOutFen } from '../draw/settle-refunds.ts';
import { type Ticket, ticketText, winningBelow } from '../draw/ticket.ts';
import { participationOf, winReasonOf } from '../draw/win.ts';
import type { ExportRecord } from '../entries/export-record.ts';
import { readJudgements, type StoredJudgement } from '../entries/judgements.ts';
import { type Judged, type KeptOrder, nameOf, requireMemberId, toEntry } from '../entries/kept-order.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { readNotes } from '../entries/refund-notes.ts';
import { eligibility } from '../rules/eligibility.ts';
import { awardFen, dayOf } from '../rules/rules.ts';

/**
 * What is known of some orders with a winning ticket, by participation, and of all wins of their members. `remaining` is what all
 * wins together have left of the quota and of the budget.
 */
type WinningTickets = {
  wins: ReadonlyMap<string, StoredGrant>;
  judgements: ReadonlyMap<string, StoredJudgement>;
  givenBack: GivenBack;
  ledger: WinLedger;
  remaining: RemainingPrizes;
  links: LinkedIds[];
};

/** The prizes and the money that no win has used up. A revoked win gives nothing back. */
const readRemaining = async (runtime: Runtime, campaignId: string): Promise<RemainingPrizes> => {
  const budgets = await readBudgets(runtime, campaignId);
  const leftOf = (key: string): number => budgets.get(key)!.reduce((sum, left) => sum + left, 0);
  return { quota: leftOf(QUOTA_KEY), budgetFen: leftOf(MONEY_KEY) };
};

const readWinningTickets = async (
  runtime: Runtime,
  { campaignId, rules, pseudonyms }: OpenInstantDraw,
  winning: ReadonlyMap<string, KeptOrder>,
): Promise<WinningTickets> => {
  const names = [...winning.keys()];
  const ids = [...winning.values()].map(({ memberId }) => memberId);
  const groups = await groupsOf(runtime, rules, ids);
  const [won, judgements, givenBack, remaining] = await Promise.all([
    readWinsOfGroups(runtime, campaignId, groups),
    readJudgements(runtime, campaignId, names),
    readNotes(runtime, campaignId, names),
    readRemaining(runtime, campaignId),
  ]);
  const wins = new Map<string, StoredGrant>();
  const ledger = new WinLedger();
  // While a member is being erased, some of its orders have its id and others its erased name (see
  // `tombstones.ts`). So a win may be found twice.
  for (const win of new Map([...won.values()].flat().map((one) => [one.id, one])).values()) {
    wins.set(win.trigger, win);
    ledger.add(nameOf(winReasonOf(win).order, pseudonyms).member, dayOf(rules, win.grantedMs));
  }
  const links = linksOf(groups.values(), pseudonyms);
  for (const link of links) ledger.link(link);
  return { wins, judgements, givenBack, ledger, remaining, links };
};

type Line = Omit<ExportRecord, 'judgedMs' | 'memberId'>;

const lost = (
  entry: ExportRecord['entry'],
  ticket: Ticket | undefined,
  outcome: ExportRecord['outcome'],
  by: ExportRecord['by'],
): Line => ({
  entry,
  ticket: ticket === undefined ? null : ticketText(ticket),
  outcome,
  awardFen: 0,
  paidOutFen: 0,
  by,
});

/** How an order ended, as far as that is stored: a win, or a refusal; undefined if neither is stored. */
const storedEnd = (
  { rules, tickets, pseudonyms }: OpenInstantDraw,
  { wins, judgements, givenBack }: WinningTickets,
  name: string,
): Line | undefined => {
  const win = wins.get(name);
  if (win !== undefined) {
    const { order, givenBackFen = 0 } = winReasonOf(win);
    const entry = toEntry(order, rules, pseudonyms, givenBackFen);
    return {
      entry,
      ticket: ticketText(tickets.draw(entry)),
      outcome: 'won',
      awardFen: awardFen(rules, entry),
      paidOutFen: paidOutFen(rules, win, givenBack.get(name) ?? 0),
      by: 'stored',
    };
  }
  const judgement = judgements.get(name);
  if (judgement?.refusal === undefined) return undefined;
  const { outcome, givenBackFen } = judgement.refusal;
  const entry = toEntry(judgement.order, rules, pseudonyms, givenBackFen);
  const { eligible } = eligibility({ ...entry, late: false }, entry, rules);
  return lost(entry, eligible ? tickets.draw(entry) : undefined, outcome, 'stored');
};

/** How an order whose end is not stored must have ended. */
const derivedEnd = (
  { rules, tickets, pseudonyms }: OpenInstantDraw,
  { ledger, remaining, givenBack }: WinningTickets,
  { order }: Judged,
  name: string | undefined,
): Line => {
  const givenBackFen = name === undefined ? 0 : (givenBack.get(name) ?? 0);
  const entry = toEntry(order, rules, pseudonyms, givenBackFen);
  const drawn = drawInstant(entry, rules, tickets);
  switch (drawn.status) {
    case 'ineligible':
      return lost(entry, undefined, drawn.reason, 'derived');
    case 'lost':
      return lost(entry, drawn.ticket, drawn.reason, 'derived');
    case 'claim': {
      const claim = { member: entry.member, day: drawn.day, awardFen: drawn.awardFen };
      const refusal = refusalOf(rules, claim, ledger, remaining);
      return lost(entry, drawn.ticket, refusal ?? 'not-drawn', refusal === undefined ? 'unknown' : 'derived');
    }
    default:
      return drawn satisfies never;
  }
};

/**
 * Reads what the tables hold about the orders with a winning ticket, and says how each order ended, with or without such a
 * ticket. `links` are the pairs of ids whose wins counted together.
 */
export const instantRecords = async (
  runtime: Runtime,
  draw: OpenInstantDraw,
  judged: readonly Judged[],
): Promise<{ records: ExportRecord[]; links: LinkedIds[] }> => {
  const { rules, tickets, pseudonyms } = draw;
  const below = winningBelow(rules.definition.odds);
  const winning = new Map<string, KeptOrder>();
  const names = judged.map(({ order }) => {
    const entry = nameOf(order, pseudonyms);
    if (tickets.draw(entry) >= below) return undefined;
    const name = participationOf(rules, entry);
    winning.set(name, requireMemberId(order));
    return name;
  });
  const known = await readWinningTickets(runtime, draw, winning);
  const records = judged.map((one, i): ExportRecord => {
    const name = names[i];
    const stored = name === undefined ? undefined : storedEnd(draw, known, name);
    return { ...(stored ?? derivedEnd(draw, known, one, name)), judgedMs: one.judgedMs, memberId: '' };
  });
  return { records, links: known.links };
};
