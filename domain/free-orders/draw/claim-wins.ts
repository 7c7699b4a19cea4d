/** Turns winning tickets into grants, each with its quota, its money and its member's limits in one transaction. */
import { carryOut } from '#domain/grants/claims.ts';
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import { readGrantsOf } from '#domain/grants/grant-statements.ts';
import { mapLimited } from '#platform/concurrency.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import type { DrawReason } from '../rules/reasons.ts';
import { dayOf, type Rules } from '../rules/rules.ts';
import type { Ticket } from './ticket.ts';
import { moneyBudget, participationOf, QUOTA_KEY, quotaBudget, winGrant } from './win.ts';

/** A winning ticket and its award. `refunded`: the order was refunded before it could win. */
export type Candidate = {
  order: KeptOrder;
  ticket: Ticket;
  drawSlot: number;
  awardFen: number;
  refunded: boolean;
};

export type Claimed =
  | { kind: 'won'; grant: StoredGrant }
  | { kind: 'refused'; reason: DrawReason | 'refunded' };

const READS_AT_ONCE = 16;
/** How often a member's next number may turn out to be taken before the message is left to a redelivery. */
const MAX_ROUNDS = 50;

/** The free orders that members have won in a campaign, revoked ones included. */
export const readWins = async (
  runtime: Runtime,
  campaignId: string,
  members: readonly string[],
): Promise<Map<string, StoredGrant[]>> => {
  const wins = await mapLimited([...new Set(members)], READS_AT_ONCE, async (member) => {
    const grants = await readGrantsOf(runtime, member, campaignId);
    return [member, grants.filter(({ kind }) => kind === 'free-order')] as const;
  });
  return new Map(wins);
};

/** The limit that a member has reached on the day of an order; undefined while there is room for one more win. */
const reachedLimit = (
  rules: Rules,
  wins: readonly StoredGrant[],
  { timeMs }: KeptOrder,
): DrawReason | undefined => {
  const { perMember, perMemberPerDay } = rules.definition;
  const day = dayOf(rules, timeMs);
  const onDay = wins.filter(({ grantedMs }) => dayOf(rules, grantedMs) === day).length;
  if (perMemberPerDay !== undefined && onDay >= perMemberPerDay) return 'member-day-limit';
  if (perMember !== undefined && wins.length >= perMember) return 'member-campaign-limit';
  return undefined;
};

type Refusal = { candidate: Candidate; reason: DrawReason };

/**
 * Confirms refusals: an order that has a win is not refused. An attempt whose answer was lost may have granted it, and so used
 * up the money or the place that the next attempt found missing.
 */
const confirmRefusals = async (
  runtime: Runtime,
  campaignId: string,
  refused: readonly Refusal[],
  claimed: Map<string, Claimed>,
): Promise<void> => {
  const wins = await readWins(
    runtime,
    campaignId,
    refused.map(({ candidate }) => candidate.order.memberId),
  );
  for (const { candidate, reason } of refused) {
    const { orderId, memberId } = candidate.order;
    const trigger = participationOf(campaignId, orderId);
    const known = wins.get(memberId)!.find((win) => win.trigger === trigger);
    claimed.set(orderId, known === undefined ? { kind: 'refused', reason } : { kind: 'won', grant: known });
  }
};

/**
 * Grants the wins of these winning tickets as far as limits, quota and budget allow, and returns each result by order id. An
 * order that has won before is found to have won, so repeating this is a no-op.
 *
 * A member's wins are numbered without a gap, and the next number is taken on condition that it is free. So a claim that gets
 * it has counted all earlier wins, and no limit is ever exceeded. A win of the order that was not seen when the wins were
 * read has that number or a smaller one, and is found there.
 *
 * Throws when wins stay open after 50 rounds; wins granted by then are found at the redelivery.
 */
export const claimWins = async (
  runtime: Runtime,
  campaignId: string,
  rules: Rules,
  candidates: readonly Candidate[],
): Promise<Map<string, Claimed>> => {
  const claimed = new Map<string, Claimed>();
  let pending = [...new Map(candidates.map((candidate) => [candidate.order.orderId, candidate])).values()];
  for (let round = 0; pending.length > 0; round++) {
    if (round === MAX_ROUNDS)
      throw new Error(`${pending.length} wins: expected results within ${MAX_ROUNDS} rounds, got none`);
    // Two claims of one call must not be of one member: both would take the same next number.
    const turn = [...Map.groupBy(pending, ({ order }) => order.memberId).values()].map(([first]) => first!);
    const wins = await readWins(
      runtime,
      campaignId,
      turn.map(({ order }) => order.memberId),
    );
    const claims: { candidate: Candidate; grant: Grant; claim: GrantClaim }[] = [];
    for (const candidate of turn) {
      const { order } = candidate;
      const ofMember = wins.get(order.memberId)!;
      const trigger = participationOf(campaignId, order.orderId);
      const known = ofMember.find((win) => win.trigger === trigger);
      const reason = candidate.refunded ? 'refunded' : reachedLimit(rules, ofMember, order);
      if (known !== undefined) {
        claimed.set(order.orderId, { kind: 'won', grant: known });
      } else if (reason !== undefined) {
        claimed.set(order.orderId, { kind: 'refused', reason });
      } else {
        const grant = winGrant(campaignId, order, { ...candidate, number: ofMember.length });
        const debits = [{ grant, budget: moneyBudget(campaignId) }];
        const charges = [{ budget: quotaBudget(campaignId), amountFen: 1 }];
        claims.push({ candidate, grant, claim: { debits, charges } });
      }
    }
    const refused: Refusal[] = [];
    const outcomes = await carryOut(
      runtime,
      claims.map(({ claim }) => claim),
    );
    for (const [i, { candidate, grant }] of claims.entries()) {
      const outcome = outcomes[i]!;
      const { orderId } = candidate.order;
      switch (outcome.kind) {
        case 'done':
          claimed.set(orderId, { kind: 'won', grant: { ...grant, state: 'live', changes: 0 } });
          break;
        case 'known':
          // Another order of the member has taken the number meanwhile, or this order had it already.
          if (outcome.grant.trigger === grant.trigger) {
            claimed.set(orderId, { kind: 'won', grant: outcome.grant });
          }
          break;
        case 'refused':
          refused.push({
            candidate,
            reason: outcome.budget.key === QUOTA_KEY ? 'quota-exhausted' : 'budget-exhausted',
          });
          break;
        case 'stale':
          throw new Error(`order ${orderId}: expected a win to be granted or refused, got a stale claim`);
        default:
          outcome satisfies never;
      }
    }
    await confirmRefusals(runtime, campaignId, refused, claimed);
    pending = pending.filter(({ order }) => !claimed.has(order.orderId));
  }
  return claimed;
};

/**
 * Revokes wins whose orders were refunded, and returns all of them as they are now, including those that were revoked before:
 * a redelivery republishes their revocation.
 */
export const revokeWins = async (runtime: Runtime, wins: readonly StoredGrant[]): Promise<StoredGrant[]> => {
  const live = wins.filter(({ state }) => state !== 'revoked');
  const outcomes = await carryOut(
    runtime,
    live.map((grant) => ({ debits: [], change: { grant, state: 'revoked' } })),
  );
  for (const [i, outcome] of outcomes.entries()) {
    // Only a revocation changes a win, so a stale one has been revoked by another worker.
    if (outcome.kind !== 'done' && outcome.kind !== 'stale') {
      throw new Error(`grant ${live[i]!.id}: expected to be revoked, got ${outcome.kind}`);
    }
  }
  return wins.map((grant) => ({ ...grant, state: 'revoked' }));
};
