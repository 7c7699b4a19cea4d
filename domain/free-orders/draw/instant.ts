/** The instant draw of a batch of orders, and how refunds reduce its wins. */
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Runtime } from '#platform/runtime.ts';
import { judgeOnce, type Refusal, refuseOnce } from '../entries/judgements.ts';
import { type KeptOrder, toEntry } from '../entries/kept-order.ts';
import { INSTANT_SLOT } from '../entries/kept-orders.ts';
import { noteRefunds, readNotes } from '../entries/refund-notes.ts';
import { awardFen } from '../rules/rules.ts';
import { type Claimed, claimWins } from './claim-wins.ts';
import { drawInstant } from './draw.ts';
import { readWinsOf } from './member-wins.ts';
import type { OpenInstantDraw } from './open-draw.ts';
import type { EntryOutcome } from './report.ts';
import { type Settled, settleRefunds } from './settle-refunds.ts';
import { winningBelow } from './ticket.ts';
import { type Candidate, participationOf } from './win.ts';

/** `deferred` are orders with a winning ticket for which a paused campaign has decided nothing yet. */
export type InstantResult = Settled & {
  entryOutcomes: EntryOutcome[];
  wins: StoredGrant[];
  deferred: KeptOrder[];
};

/** An order as it was judged the first time, with the result of its draw: a claim, or the reason why it did not win. */
type Drawn = { name: string; order: KeptOrder } & (
  | { candidate: Candidate }
  | { refusal: Refusal; isStored: boolean }
);

/** Draws the orders with winning tickets, as they were judged the first time. The keys of `winning` are participations. */
const drawWinningTickets = async (
  runtime: Runtime,
  { campaignId, rules, tickets, pseudonyms }: OpenInstantDraw,
  winning: ReadonlyMap<string, KeptOrder>,
): Promise<Drawn[]> => {
  const judgements = await judgeOnce(runtime, campaignId, winning);
  return [...judgements].map(([name, { order, givenBackFen, refusal }]): Drawn => {
    if (refusal !== undefined) return { name, order, refusal, isStored: true };
    const entry = toEntry(order, rules, pseudonyms, 0);
    const drawn = drawInstant(entry, rules, tickets);
    // The reason does not depend on refunds, so no refund is stored with it: a verifier must find the same reason from the export.
    if (drawn.status !== 'claim')
      return { name, order, refusal: { outcome: drawn.reason, givenBackFen: 0 }, isStored: false };
    const judged = { ...entry, givenBackFen };
    const { ticket } = drawn;
    const award = awardFen(rules, judged);
    return {
      name,
      order,
      candidate: { order, entry: judged, ticket, awardFen: award, drawSlot: INSTANT_SLOT },
    };
  });
};

/** The refusals that are not stored yet: of orders that are not eligible, and of refused claims. */
const newRefusals = (drawn: readonly Drawn[], claimed: ReadonlyMap<string, Claimed>): Map<string, Refusal> =>
  new Map(
    drawn.flatMap((one): [string, Refusal][] => {
      if ('refusal' in one) return one.isStored ? [] : [[one.name, one.refusal]];
      const claim = claimed.get(one.name)!;
      if (claim.kind !== 'refused') return [];
      const { givenBackFen } = one.candidate.entry;
      return [[one.name, { outcome: claim.reason, givenBackFen }]];
    }),
  );

/** Draws orders, which are stored already. Their keys are participations. Only orders with a winning ticket need more writes. */
export const drawOrders = async (
  runtime: Runtime,
  draw: OpenInstantDraw,
  orders: ReadonlyMap<string, KeptOrder>,
): Promise<InstantResult> => {
  const { campaignId, rules, tickets, pseudonyms } = draw;
  const below = winningBelow(rules.definition.odds);
  const entryOutcomes: EntryOutcome[] = [];
  const winning = new Map<string, KeptOrder>();
  for (const [name, order] of orders) {
    const entry = toEntry(order, rules, pseudonyms, 0);
    const drawn = drawInstant(entry, rules, tickets);
    if (tickets.draw(entry) < below) winning.set(name, order);
    else if (drawn.status !== 'claim') {
      entryOutcomes.push({ name, order, outcome: drawn.reason, awardFen: 0 });
    }
  }
  const drawn = await drawWinningTickets(runtime, draw, winning);
  const claimed = await claimWins(
    runtime,
    rules,
    drawn.flatMap((one) => ('candidate' in one ? [one.candidate] : [])),
  );
  const refused = await refuseOnce(runtime, campaignId, newRefusals(drawn, claimed));
  const wins: StoredGrant[] = [];
  const deferred: KeptOrder[] = [];
  for (const one of drawn) {
    const { name, order } = one;
    const claim = claimed.get(name);
    if (claim?.kind === 'won') {
      wins.push(claim.grant);
      entryOutcomes.push({ name, order, outcome: 'won', awardFen: claim.grant.faceFen });
    } else if (claim?.kind === 'deferred') {
      deferred.push(order);
    } else {
      const { outcome } = 'refusal' in one && one.isStored ? one.refusal : refused.get(name)!;
      entryOutcomes.push({ name, order, outcome, awardFen: 0 });
    }
  }
  // A refund is noted before its win is looked up, and a win is granted before the note is looked up. So at
  // least one of the two sees the other.
  const notes = await readNotes(
    runtime,
    campaignId,
    wins.map(({ trigger }) => trigger),
  );
  return { entryOutcomes, wins, deferred, ...(await settleRefunds(runtime, rules, wins, notes)) };
};

/** Notes refunds and reduces the wins of their orders. Only orders with a winning ticket can have a win. */
export const refundInstant = async (
  runtime: Runtime,
  { campaignId, rules, tickets, pseudonyms }: OpenInstantDraw,
  refunds: readonly OrderEvent[],
): Promise<Settled> => {
  const below = winningBelow(rules.definition.odds);
  const concerned = refunds.flatMap(({ orderId, member, id, amountFen }) => {
    const entry = { orderId, member: pseudonyms.of(member) };
    if (tickets.draw(entry) >= below) return [];
    return [{ participation: participationOf(rules, entry), eventId: id, fen: amountFen, member }];
  });
  await noteRefunds(runtime, campaignId, concerned);
  const names = new Set(concerned.map(({ participation }) => participation));
  const notes = await readNotes(runtime, campaignId, [...names]);
  const wins = await readWinsOf(
    runtime,
    rules,
    concerned.map(({ member }) => member),
    names,
  );
  return settleRefunds(runtime, rules, wins, notes);
};
