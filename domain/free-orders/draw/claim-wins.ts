/** Turns winning tickets into grants, each with its quota, its money and its member's limits in one transaction. */
import { requireLayout } from '#domain/campaigns/campaigns-table.ts';
import { budgetOf, MONEY_KEY, QUOTA_KEY } from '#domain/campaigns/layout.ts';
import { type ClaimOutcome, carryOut } from '#domain/grants/claims.ts';
import type { Grant, StoredGrant } from '#domain/grants/grant.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import { readGrantsOfAll } from '#domain/grants/grant-statements.ts';
import { erasedNames } from '#domain/members/tombstones.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { KeptOrder } from '../entries/kept-order.ts';
import type { ClaimRefusal } from '../rules/reasons.ts';
import { dayOf, type Rules } from '../rules/rules.ts';
import { closeAliases, groupsOf, ownGroups, readWins, readWinsOfGroups } from './member-wins.ts';
import { type Candidate, participationOf, winGrant, winReasonOf } from './win.ts';

export type Claimed =
  | { kind: 'won'; grant: StoredGrant }
  | { kind: 'refused'; reason: ClaimRefusal | 'refunded' }
  /** The campaign is paused: the ticket wins or is refused after the campaign is resumed. */
  | { kind: 'deferred' };

/** After this many rounds in a row without a result, the message is left to a redelivery. */
const MAX_IDLE_ROUNDS = 50;

/** The limit that stops another win of the member; undefined if one more win is allowed. */
const reachedLimit = (
  rules: Rules,
  wins: readonly StoredGrant[],
  { timeMs }: KeptOrder,
): ClaimRefusal | undefined => {
  const { perMember, perMemberPerDay, firstOrderOnly } = rules.definition;
  const day = dayOf(rules, timeMs);
  const onDay = wins.filter(({ grantedMs }) => dayOf(rules, grantedMs) === day).length;
  if (firstOrderOnly === true && wins.length > 0) return 'not-first-order';
  if (perMemberPerDay !== undefined && onDay >= perMemberPerDay) return 'member-day-limit';
  if (perMember !== undefined && wins.length >= perMember) return 'member-campaign-limit';
  return undefined;
};

/**
 * A candidate's attempt to win: its claim of the next number among the member's wins (see {@link claimWins}).
 */
type Attempt = { name: string; candidate: Candidate; grant: Grant };

/** How far the claims of one call have come. */
type ClaimState = {
  rules: Rules;
  /** The names of erased members (see `tombstones.ts`), by their ids. */
  names: ReadonlyMap<string, string>;
  /** Whether the draw has counted the members' wins, so that limits are not checked again. */
  isCounted: boolean;
  /** Candidates without a result, by participation. */
  pending: Map<string, Candidate>;
  results: Map<string, Claimed>;
};

const setResult = (state: ClaimState, name: string, result: Claimed): void => {
  state.results.set(name, result);
  state.pending.delete(name);
};

/** The candidate, without its member's id if the member was erased. */
const wonFor = (
  { names }: ClaimState,
  candidate: Candidate,
  member: string,
): Candidate & { member: string } => {
  const { order, entry } = candidate;
  const name = names.get(order.memberId);
  if (name === undefined) return { ...candidate, member };
  const erased = { pseudonym: entry.member, blocked: entry.blocked };
  return { ...candidate, member: name, order: { ...order, memberId: name, erased } };
};

/** A name for an order that includes its member's id: a member with several ids may have the same order id under each. */
const nameOfOrder = ({ names }: ClaimState, { memberId, orderId }: KeptOrder): string =>
  JSON.stringify([names.get(memberId) ?? memberId, orderId]);

/**
 * Gives a result to each of a member's candidates that needs no claim, and returns an attempt for the first of
 * the others, which may claim the next number. An order that has won is found by its member's id and its order
 * id, because grants of every format hold these.
 */
const nextOfMember = (
  state: ClaimState,
  member: string,
  wins: readonly StoredGrant[],
  candidates: readonly (readonly [name: string, candidate: Candidate])[],
): Attempt | undefined => {
  const { rules, isCounted, names } = state;
  const wonBy = new Map(wins.map((win) => [nameOfOrder(state, winReasonOf(win).order), win]));
  const number = wins.filter((win) => win.member === member || win.member === names.get(member)).length;
  let attempt: Attempt | undefined;
  for (const [name, candidate] of candidates) {
    const { order, awardFen } = candidate;
    const known = wonBy.get(nameOfOrder(state, order));
    const reason = awardFen === 0 ? 'refunded' : isCounted ? undefined : reachedLimit(rules, wins, order);
    if (known !== undefined) setResult(state, name, { kind: 'won', grant: known });
    else if (reason !== undefined) setResult(state, name, { kind: 'refused', reason });
    else attempt ??= { name, candidate, grant: winGrant(rules, wonFor(state, candidate, member), number) };
  }
  return attempt;
};

type Refused = { name: string; candidate: Candidate; result: Exclude<Claimed, { kind: 'won' }> };

/**
 * Confirms refusals: an order that has a win is not refused. An attempt whose answer was lost may have granted the win, and so
 * taken the very money or quota that the next attempt found missing.
 */
const confirmRefusals = async (
  runtime: Runtime,
  state: ClaimState,
  refused: readonly Refused[],
): Promise<void> => {
  const wins = await readWins(
    runtime,
    state.rules,
    refused.map(({ candidate }) => candidate.order.memberId),
  );
  for (const { name, candidate, result } of refused) {
    const own = nameOfOrder(state, candidate.order);
    const known = wins
      .get(candidate.order.memberId)!
      .find((win) => nameOfOrder(state, winReasonOf(win).order) === own);
    setResult(state, name, known === undefined ? result : { kind: 'won', grant: known });
  }
};

const refusalOf = (outcome: ClaimOutcome & { kind: 'refused' }): Refused['result'] => {
  switch (outcome.reason) {
    case 'paused':
      return { kind: 'deferred' };
    case 'closed':
      throw new Error(
        `budget ${outcome.budget.key}: expected an open budget, because those of a draw are never closed, got a closed one`,
      );
    case 'budget-empty': {
      const isQuota = outcome.budget.key === QUOTA_KEY;
      return { kind: 'refused', reason: isQuota ? 'quota-exhausted' : 'budget-exhausted' };
    }
    default:
      return outcome satisfies never;
  }
};

/**
 * Carries out attempts of different members. An attempt that gets no result has lost its number to another order of the member,
 * and is made again in the next round.
 */
const attemptAll = async (
  runtime: Runtime,
  state: ClaimState,
  attempts: readonly Attempt[],
): Promise<void> => {
  const { campaignId } = state.rules;
  const refused: Refused[] = [];
  const layout = await requireLayout(runtime, campaignId);
  const claims = attempts.map(
    ({ grant }): GrantClaim => ({
      debits: [{ grant, budget: budgetOf(layout, MONEY_KEY) }],
      charges: [{ budget: budgetOf(layout, QUOTA_KEY), amountFen: 1 }],
    }),
  );
  const outcomes = await carryOut(runtime, claims);
  for (const [i, { name, candidate, grant }] of attempts.entries()) {
    const outcome = outcomes[i]!;
    switch (outcome.kind) {
      case 'done':
        setResult(state, name, { kind: 'won', grant: { ...grant, state: 'live', changes: 0 } });
        break;
      case 'known':
        // Another order of the member has taken the number meanwhile, or this order had it already.
        if (outcome.grant.trigger === grant.trigger)
          setResult(state, name, { kind: 'won', grant: outcome.grant });
        break;
      case 'refused':
        refused.push({ name, candidate, result: refusalOf(outcome) });
        break;
      case 'stale':
        throw new Error(`campaign ${campaignId}: expected a win to be granted or refused, got a stale claim`);
      default:
        outcome satisfies never;
    }
  }
  await confirmRefusals(runtime, state, refused);
};

/**
 * Grants the wins of these winning tickets as far as limits, quota and budget allow, and returns each result
 * by participation. Wins of a paused campaign are deferred, unless they were granted before. An order that
 * has won before is found to have won, so repeating this is a no-op. An award of 0 means that the order was
 * refunded before it could win.
 *
 * A member's wins are numbered without a gap, and the next number is taken on condition that it is free. So a
 * claim that gets it has counted all earlier wins: no limit is ever exceeded, and at most one of a member's
 * orders wins as the first order. If the order itself won after the wins were read, that win has this number
 * or a smaller one, so it is found.
 *
 * The wins under all ids of a member count, and new ones are numbered under the member. In a draw by slots
 * (`isCounted`) the wins were counted as the slot was drawn, and each id has its own numbers.
 *
 * One member may have any number of candidates: each round gives a result to at least one of them, unless
 * another worker takes the next number. Throws after 50 rounds in a row without any result; wins granted by
 * then are found at the redelivery.
 */
export const claimWins = async (
  runtime: Runtime,
  rules: Rules,
  candidates: readonly Candidate[],
  isCounted = false,
): Promise<Map<string, Claimed>> => {
  const pending = new Map(
    candidates.map((candidate) => [participationOf(rules, candidate.entry), candidate]),
  );
  const names = await erasedNames(
    runtime,
    candidates.map(({ order }) => order.memberId),
  );
  const state: ClaimState = { rules, names, isCounted, pending, results: new Map() };
  for (let idle = 0; pending.size > 0; idle++) {
    if (idle === MAX_IDLE_ROUNDS)
      throw new Error(`${pending.size} wins: expected a result within ${idle} rounds, got none`);
    const before = pending.size;
    // Two claims of one round must not be of one member: both would take the same next number.
    const { campaignId } = rules;
    const ids = [...pending.values()].map(({ order }) => order.memberId);
    const groups = isCounted ? ownGroups(ids) : await groupsOf(runtime, rules, ids);
    await closeAliases(runtime, campaignId, groups.values());
    const byMember = Map.groupBy(pending, ([, { order }]) => groups.get(order.memberId)!.member);
    const ofMembers = new Map([...groups.values()].map((group) => [group.member, group]));
    const wins = await readWinsOfGroups(runtime, campaignId, ofMembers);
    const attempts = [...byMember].flatMap(
      ([member, ofMember]) => nextOfMember(state, member, wins.get(member)!, ofMember) ?? [],
    );
    await attemptAll(runtime, state, attempts);
    if (pending.size < before) idle = -1;
  }
  return state.results;
};

/**
 * Revokes wins whose orders were refunded, and returns all of them as they are now, including those that were revoked before:
 * a redelivery republishes their revocation. Throws an error if a win was moved to the name of an erased member after it was
 * read: a redelivery finds it there.
 */
export const revokeWins = async (runtime: Runtime, wins: readonly StoredGrant[]): Promise<StoredGrant[]> => {
  const live = wins.filter(({ state }) => state !== 'revoked');
  const outcomes = await carryOut(
    runtime,
    live.map((grant) => ({ debits: [], change: { grant, state: 'revoked' } })),
  );
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'done' && outcome.kind !== 'stale') {
      throw new Error(`win ${i + 1} of ${live.length}: expected to be revoked, got ${outcome.kind}`);
    }
  }
  // A stale win was revoked by another worker, or moved to the name of an erased member. Nothing else changes a win.
  const stale = live.filter((_, i) => outcomes[i]!.kind === 'stale');
  const members = [...new Set(stale.map(({ member }) => member))];
  const found = await readGrantsOfAll(runtime, members, wins[0]?.campaignId);
  const revoked = new Set(found.flatMap(({ id, state }) => (state === 'revoked' ? [id] : [])));
  const moved = stale.filter(({ id }) => !revoked.has(id)).length;
  if (moved > 0)
    throw new Error(`wins: expected all ${live.length} to be revoked, got ${moved} that were moved`);
  return wins.map((grant) => ({ ...grant, state: 'revoked' }));
};
