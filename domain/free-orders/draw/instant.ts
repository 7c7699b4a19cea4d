/** The instant draw of a batch of orders, and the revocation of wins whose orders are refunded. */
import type { StoredGrant } from '#domain/grants/grant.ts';
import type { OrderEvent } from '#domain/members/member-event.ts';
import type { Runtime } from '#platform/runtime.ts';
import { noteRefunds, readRefunds } from '../entries/draws-table.ts';
import { type KeptOrder, toEntry } from '../entries/kept-order.ts';
import { INSTANT_SLOT } from '../entries/kept-orders.ts';
import { type Candidate, claimWins, readWins, revokeWins } from './claim-wins.ts';
import { drawInstant } from './draw.ts';
import type { OpenInstantDraw } from './open-draw.ts';
import type { EntryOutcome } from './report.ts';
import { winningBelow } from './ticket.ts';
import { participationOf } from './win.ts';

export type InstantResult = { entryOutcomes: EntryOutcome[]; wins: StoredGrant[]; revoked: StoredGrant[] };

/** Draws distinct orders. Only a winning ticket costs writes of its own. */
export const drawOrders = async (
  runtime: Runtime,
  { campaignId, rules, tickets, pseudonyms }: OpenInstantDraw,
  orders: readonly KeptOrder[],
): Promise<InstantResult> => {
  const entryOutcomes: EntryOutcome[] = [];
  const candidates: Omit<Candidate, 'refunded'>[] = [];
  for (const order of orders) {
    const drawn = drawInstant(toEntry(order, rules, pseudonyms, false), rules, tickets);
    if (drawn.status === 'claim') {
      const { ticket, awardFen } = drawn;
      candidates.push({ order, ticket, awardFen, drawSlot: INSTANT_SLOT });
    } else {
      entryOutcomes.push({ order, outcome: drawn.reason, awardFen: 0 });
    }
  }
  const nameOf = ({ orderId }: KeptOrder): string => participationOf(campaignId, orderId);
  const names = candidates.map(({ order }) => nameOf(order));
  const refunded = await readRefunds(runtime, campaignId, names);
  const claimed = await claimWins(
    runtime,
    campaignId,
    rules,
    candidates.map((candidate) => ({ ...candidate, refunded: refunded.has(nameOf(candidate.order)) })),
  );
  const wins: StoredGrant[] = [];
  for (const { order } of candidates) {
    const outcome = claimed.get(order.orderId)!;
    if (outcome.kind === 'won') wins.push(outcome.grant);
    entryOutcomes.push(
      outcome.kind === 'won'
        ? { order, outcome: 'won', awardFen: outcome.grant.faceFen }
        : { order, outcome: outcome.reason, awardFen: 0 },
    );
  }
  // A refund is noted before its win is looked for, and a win is granted before the note is looked for: one sees the other.
  const refundedSince = await readRefunds(
    runtime,
    campaignId,
    wins.map(({ trigger }) => trigger),
  );
  const revoked = await revokeWins(
    runtime,
    wins.filter(({ trigger }) => refundedSince.has(trigger)),
  );
  return { entryOutcomes, wins, revoked };
};

/** Revokes the wins of refunded orders. Only an order with a winning ticket can have one. */
export const revokeInstant = async (
  runtime: Runtime,
  { campaignId, rules, tickets }: OpenInstantDraw,
  refunds: readonly OrderEvent[],
): Promise<StoredGrant[]> => {
  const below = winningBelow(rules.definition.odds);
  const concerned = refunds.filter(({ orderId }) => tickets.draw(orderId) < below);
  const names = new Set(concerned.map(({ orderId }) => participationOf(campaignId, orderId)));
  await noteRefunds(runtime, campaignId, [...names]);
  return revokeNamed(runtime, campaignId, concerned, names);
};

/** Revokes those wins of the refunds' members whose orders are named. */
export const revokeNamed = async (
  runtime: Runtime,
  campaignId: string,
  refunds: readonly OrderEvent[],
  names: ReadonlySet<string>,
): Promise<StoredGrant[]> => {
  const wins = await readWins(
    runtime,
    campaignId,
    refunds.map(({ member }) => member),
  );
  return revokeWins(
    runtime,
    [...wins.values()].flat().filter(({ trigger }) => names.has(trigger)),
  );
};
