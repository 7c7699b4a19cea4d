/** The entries of an instant draw that is over, as its export shows them. */
import type { StoredGrant } from '#domain/grants/grant.ts';
import { compareText } from '#platform/collections.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type Drawn, drawInstant } from '../draw/draw.ts';
import { linksOf } from '../draw/earlier-wins.ts';
import {
  allPrizes,
  grant,
  type LinkedIds,
  type RemainingPrizes,
  refusalOf,
  WinLedger,
} from '../draw/ledger.ts';
import { groupsOf, readWinsOfGroups } from '../draw/member-wins.ts';
import type { OpenInstantDraw } from '../draw/open-draw.ts';
import { paidOutFen } from '../draw/settle-refunds.ts';
import { winningBelow } from '../draw/ticket.ts';
import { participationOf, winReasonOf } from '../draw/win.ts';
import { readJudgements, type StoredJudgement } from '../entries/judgements.ts';
import { type Judged, type KeptOrder, nameOf, requireMemberId, toEntry } from '../entries/kept-order.ts';
import { INSTANT_SLOT, sealedOrders } from '../entries/kept-orders.ts';
import type { GivenBack } from '../entries/refund-block.ts';
import { readNotes } from '../entries/refund-notes.ts';
import { eligibility } from '../rules/eligibility.ts';
import { byPrecedence } from '../rules/entry.ts';
import { awardFen, dayOf } from '../rules/rules.ts';
import type { ExportWriter } from './export-writer.ts';
import { ordersById } from './orders-by-id.ts';

/** What is known of the orders with a winning ticket, by participation, and what all wins together used up. */
type WinningTickets = {
  wins: ReadonlyMap<string, StoredGrant>;
  judgements: ReadonlyMap<string, StoredJudgement>;
  givenBack: GivenBack;
  ledger: WinLedger;
  remaining: RemainingPrizes;
  links: LinkedIds[];
};

const scanOf =
  (runtime: Runtime, { campaignId }: OpenInstantDraw) =>
  () =>
    sealedOrders(runtime, campaignId, INSTANT_SLOT);

const readWinningTickets = async (runtime: Runtime, draw: OpenInstantDraw): Promise<WinningTickets> => {
  const { campaignId, rules, tickets, pseudonyms } = draw;
  const below = winningBelow(rules.definition.odds);
  const winning = new Map<string, KeptOrder>();
  for await (const judged of scanOf(runtime, draw)()) {
    for (const { order } of judged) {
      const entry = nameOf(order, pseudonyms);
      if (tickets.draw(entry) < below) winning.set(participationOf(rules, entry), requireMemberId(order));
    }
  }
  const names = [...winning.keys()];
  const ids = [...winning.values()].map(({ memberId }) => memberId);
  const groups = await groupsOf(runtime, rules, ids);
  const [won, judgements, givenBack] = await Promise.all([
    readWinsOfGroups(runtime, campaignId, groups),
    readJudgements(runtime, campaignId, names),
    readNotes(runtime, campaignId, names),
  ]);
  const wins = new Map<string, StoredGrant>();
  const ledger = new WinLedger();
  let remaining = allPrizes(rules);
  for (const win of [...won.values()].flat()) wins.set(win.trigger, win);
  for (const win of wins.values()) {
    const member = nameOf(winReasonOf(win).order, pseudonyms).member;
    const claim = { member, day: dayOf(rules, win.grantedMs), awardFen: win.faceFen };
    remaining = grant(claim, ledger, remaining);
  }
  const links = linksOf(groups.values(), pseudonyms);
  for (const link of links) ledger.link(link);
  return { wins, judgements, givenBack, ledger, remaining, links };
};

/** An order that did not win, as it was judged; undefined if no refusal of it is stored. */
const keptRefusalOf = (
  { rules, tickets, pseudonyms }: OpenInstantDraw,
  judgement: StoredJudgement | undefined,
): Drawn | undefined => {
  if (judgement?.refusal === undefined) return undefined;
  const { outcome, givenBackFen } = judgement.refusal;
  const entry = toEntry(judgement.order, rules, pseudonyms, givenBackFen);
  const { eligible } = eligibility({ ...entry, late: false }, entry, rules);
  return { entry, ticket: eligible ? tickets.draw(entry) : undefined, outcome, awardFen: 0 };
};

/** How an order that did not win must have ended; undefined for a winning ticket that has no reason to be refused. */
const endOf = (
  { rules, tickets, pseudonyms }: OpenInstantDraw,
  { ledger, remaining, givenBack }: WinningTickets,
  { order, judgedMs }: Judged,
): (Drawn & { judgedMs: number }) | undefined => {
  const name = participationOf(rules, nameOf(order, pseudonyms));
  const entry = toEntry(order, rules, pseudonyms, givenBack.get(name) ?? 0);
  const drawn = drawInstant(entry, rules, tickets);
  const lost = { entry, judgedMs, awardFen: 0 };
  switch (drawn.status) {
    case 'ineligible':
      return { ...lost, ticket: undefined, outcome: drawn.reason };
    case 'lost':
      return { ...lost, ticket: drawn.ticket, outcome: drawn.reason };
    case 'claim': {
      const claim = { member: entry.member, day: drawn.day, awardFen: drawn.awardFen };
      const refusal = refusalOf(rules, claim, ledger, remaining);
      return refusal && { ...lost, ticket: drawn.ticket, outcome: refusal };
    }
    default:
      return drawn satisfies never;
  }
};

/**
 * Hands the lines of all entries to `sink`, by order id, then by member. Throws if an order with a winning ticket was neither
 * granted nor refused, because then the draw is not over.
 */
export const exportInstant = async (
  runtime: Runtime,
  draw: OpenInstantDraw,
  writer: ExportWriter,
  sink: (line: string) => void,
): Promise<void> => {
  const { rules, tickets, pseudonyms } = draw;
  const winning = await readWinningTickets(runtime, draw);
  for (const link of winning.links) sink(writer.link(link));
  const lineOf = (variants: readonly Judged[]): string => {
    const name = participationOf(rules, nameOf(variants[0]!.order, pseudonyms));
    const win = winning.wins.get(name);
    if (win !== undefined) {
      const { order, givenBackFen = 0 } = winReasonOf(win);
      const entry = toEntry(order, rules, pseudonyms, givenBackFen);
      const ticket = tickets.draw(entry);
      const won: Drawn = { entry, ticket, outcome: 'won', awardFen: awardFen(rules, entry) };
      return writer.entry(won, paidOutFen(rules, win, winning.givenBack.get(name) ?? 0));
    }
    const kept = keptRefusalOf(draw, winning.judgements.get(name));
    // Of several judgements the first that can be explained counts: the others come from workers that crashed
    // before acting on them.
    const [drawn] = variants.flatMap((judged) => endOf(draw, winning, judged) ?? []).sort(byPrecedence);
    const { orderId } = variants[0]!.order;
    if (kept === undefined && drawn === undefined)
      throw new Error(`order ${orderId}: expected its winning ticket to be granted or refused, got neither`);
    return writer.entry(kept ?? drawn!);
  };
  const memberOf = ({ order }: Judged): string => nameOf(order, pseudonyms).member;
  for await (const [, variants] of ordersById(scanOf(runtime, draw), ({ order }) => order.orderId)) {
    // In format 1 all orders with one id are one entry, even of different members.
    const byMember = Map.groupBy(variants, rules.format === 1 ? () => '' : memberOf);
    for (const [, ofMember] of [...byMember].sort(([a], [b]) => compareText(a, b))) sink(lineOf(ofMember));
  }
};
