import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Budget } from '#domain/campaigns/budget.ts';
import type { Halt } from '#domain/campaigns/budget-items.ts';
import { memberPut } from '#domain/members/members-table.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type ActionFate, transact } from '#platform/transaction.ts';
import {
  budgetNameOf,
  type DebitPlan,
  gatheringOf,
  type Movement,
  movementActions,
  movementsOf,
  noteFates,
  noteMovements,
  planMovements,
  type RefusedBudgets,
  refreshView,
  viewOf,
} from './debit-planning.ts';
import type { StoredGrant } from './grant.ts';
import { changesOf, type GrantClaim } from './grant-claim.ts';
import { grantOfItem } from './grant-item.ts';
import { grantExpiry, grantPut, grantUpdate } from './grant-statements.ts';

/**
 * The transactions that give out money: a grant, the debit of its budget and the member's new state are written together or not
 * at all.
 */

/** DynamoDB's maximum. */
const MAX_ACTIONS_PER_TRANSACTION = 100;
/** After this many attempts in a row without progress, claiming fails, and the message comes back. */
const MAX_ATTEMPTS = 24;
/**
 * When a shard turns out to be short of money, its budget is read again if it was last read longer ago than this: one read
 * costs less than more attempts.
 */
const VIEW_MAX_AGE_MS = 100;
/** After a short shard, this many attempts follow without a pause. */
const MAX_HASTY_ATTEMPTS = 3;
/** How long a process regards a budget as empty after it was read as empty. Money may come back meanwhile. */
const EMPTY_MAX_AGE_MS = 1_000;

export type ClaimOutcome =
  /** All of the claim's writes have happened. */
  | { kind: 'done' }
  /**
   * The slot of one of the debits' grants is taken. If the grant in it has the same trigger, the claim was written before: by
   * an earlier delivery, or by an attempt of this call whose answer was lost. Otherwise nothing was written.
   */
  | { kind: 'known'; grant: StoredGrant }
  /**
   * The member or the grant to be changed is not as it was read: another worker has written it, or an attempt of this call
   * whose answer was lost.
   */
  | { kind: 'stale' }
  /** The budget has less left than the claim takes from it; nothing was written. */
  | { kind: 'refused'; reason: 'budget-empty'; budget: Budget; remainingFen: number }
  /** The budget's campaign is paused or closed, and gives no money; nothing was written. */
  | { kind: 'refused'; reason: Halt; budget: Budget };

/** The actions of a claim except those on budgets, grants first. */
const actionsOf = async (runtime: Runtime, claim: GrantClaim): Promise<TransactWriteItem[]> => [
  ...(await Promise.all(
    claim.debits.map(async ({ grant }) => grantPut(runtime, grant, await grantExpiry(runtime, grant))),
  )),
  ...(claim.member === undefined ? [] : [{ Put: memberPut(runtime, claim.member) }]),
  ...changesOf(claim).map((change) => grantUpdate(runtime, change)),
];

/**
 * A claim's outcome in a cancelled transaction, from the results of its actions; undefined if the claim did not cause the
 * cancellation.
 */
const blameOf = (claim: GrantClaim, fates: readonly ActionFate[]): ClaimOutcome | undefined => {
  for (const [i, fate] of fates.entries()) {
    if (fate.kind !== 'refused') continue;
    if (i < claim.debits.length && fate.item !== undefined) {
      return { kind: 'known', grant: grantOfItem(fate.item) };
    }
    return { kind: 'stale' };
  }
  return undefined;
};

/** How many of these claims, at most `size`, fit in a transaction beside an action for each of their budgets. */
const countFitting = (indices: readonly number[], claims: readonly GrantClaim[], size: number): number => {
  const budgets = new Set<string>();
  let actions = 0;
  const end = indices.slice(0, size).findIndex((index) => {
    const claim = claims[index]!;
    for (const { budget } of movementsOf(claim)) budgets.add(budgetNameOf(budget));
    actions += claim.debits.length + (claim.member === undefined ? 0 : 1) + changesOf(claim).length;
    return actions + budgets.size > MAX_ACTIONS_PER_TRANSACTION;
  });
  return end === -1 ? Math.min(size, indices.length) : Math.max(end, 1);
};

/** Names the group of a claim. Claims of one group may share a transaction: they debit the same budgets, or only pay back. */
const groupOf = (claim: GrantClaim): string =>
  claim.debits.length === 0 && movementsOf(claim).some(({ amountFen }) => amountFen < 0)
    ? '-'
    : movementsOf(claim)
        .map(({ budget }) => budgetNameOf(budget))
        .sort()
        .join();

/** How far the claims of a group are. */
type GroupState = {
  claims: readonly GrantClaim[];
  outcomes: ClaimOutcome[];
  /** The indexes of the claims without an outcome. */
  pending: readonly number[];
  /** The most claims in the next transaction. */
  size: number;
  /** Attempts since the last progress. */
  attempt: number;
  /** By budget, shards that were busy since the last progress. */
  avoided: Map<string, Set<number>>;
};

/** Records outcomes by the claims' indexes. This is progress, so the count of attempts starts again. */
const recordOutcomes = (state: GroupState, outcomes: ReadonlyMap<number, ClaimOutcome>): void => {
  for (const [index, outcome] of outcomes) state.outcomes[index] = outcome;
  state.pending = state.pending.filter((index) => !outcomes.has(index));
  state.size = MAX_ACTIONS_PER_TRANSACTION;
  state.attempt = 0;
  state.avoided.clear();
};

const halveBatch = (state: GroupState, batch: readonly number[]): void => {
  state.size = Math.ceil(batch.length / 2);
};

/** Refuses a claim that its budget cannot pay, if the budget was read just now. Otherwise reads the budget. */
const refuseOrRefresh = async (
  runtime: Runtime,
  state: GroupState,
  index: number,
  { budget, amountFen }: DebitPlan & { kind: 'short' },
): Promise<void> => {
  const { readFen: remainingFen, readMs } = viewOf(runtime, budget);
  const isFresh = runtime.clock.nowMs() - readMs <= EMPTY_MAX_AGE_MS;
  if (!isFresh || remainingFen >= amountFen) {
    state.attempt++;
    await refreshView(runtime, budget);
    return;
  }
  recordOutcomes(
    state,
    new Map([[index, { kind: 'refused', reason: 'budget-empty', budget, remainingFen }]]),
  );
};

/** The refusals of claims that take money from paused or closed budgets. */
const refusedByHalt = (
  { claims }: GroupState,
  indices: readonly number[],
  halted: RefusedBudgets['halted'],
): Map<number, ClaimOutcome> => {
  const byName = new Map(halted.map(({ budget, halt }) => [budgetNameOf(budget), halt]));
  return new Map(
    indices.flatMap((index): [number, ClaimOutcome][] => {
      const taken = movementsOf(claims[index]!).find(
        ({ budget, amountFen }) => amountFen >= 0 && byName.has(budgetNameOf(budget)),
      );
      return taken === undefined
        ? []
        : [
            [
              index,
              { kind: 'refused', reason: byName.get(budgetNameOf(taken.budget))!, budget: taken.budget },
            ],
          ];
    }),
  );
};

/**
 * Moves scattered money into one shard, in a separate transaction, so that the claim needs fewer debits. This does not count as
 * progress of the claim: others may take the gathered money first, so the number of attempts stays limited.
 */
const gather = async (
  runtime: Runtime,
  state: GroupState,
  index: number,
  movement: Movement,
): Promise<void> => {
  state.attempt++;
  const gathering = gatheringOf(movement);
  const outcome = await transact(runtime, movementActions(runtime, gathering));
  switch (outcome.kind) {
    case 'done':
      noteMovements(runtime, [gathering]);
      return;
    case 'unknown':
      await backoff(runtime, state.attempt);
      await refreshView(runtime, movement.budget);
      return;
    case 'cancelled': {
      const { short, halted } = noteFates(runtime, [gathering], outcome.fates, state.avoided);
      if (halted.length > 0) recordOutcomes(state, refusedByHalt(state, [index], halted));
      else if (short.length === 0) await backoff(runtime, state.attempt);
      return;
    }
    default:
      outcome satisfies never;
  }
};

/**
 * Learns from a cancelled transaction. `own` holds the number of each claim's actions. Their results come before those of the
 * movements.
 */
const learnFromCancelled = async (
  runtime: Runtime,
  state: GroupState,
  attempted: { batch: readonly number[]; own: readonly number[]; movements: readonly Movement[] },
  fates: readonly ActionFate[],
): Promise<void> => {
  const blamed = new Map<number, ClaimOutcome>();
  let first = 0;
  for (const [i, index] of attempted.batch.entries()) {
    const length = attempted.own[i]!;
    const blame = blameOf(state.claims[index]!, fates.slice(first, first + length));
    first += length;
    if (blame !== undefined) blamed.set(index, blame);
  }
  const { short, halted } = noteFates(runtime, attempted.movements, fates.slice(first), state.avoided);
  // A claim that was written before the halt already has its outcome here, so it is not refused.
  const unblamed = attempted.batch.filter((index) => !blamed.has(index));
  for (const [index, refusal] of refusedByHalt(state, unblamed, halted)) blamed.set(index, refusal);
  for (const budget of short) {
    if (runtime.clock.nowMs() - viewOf(runtime, budget).readMs > VIEW_MAX_AGE_MS) {
      await refreshView(runtime, budget);
    }
  }
  if (blamed.size > 0) recordOutcomes(state, blamed);
  // After a short shard there is nothing to wait for: the next attempt plans with its new remainder.
  else if (state.attempt++ >= MAX_HASTY_ATTEMPTS || short.length === 0) await backoff(runtime, state.attempt);
};

/** Tries one transaction with the first of the pending claims. */
const attemptBatch = async (runtime: Runtime, state: GroupState): Promise<void> => {
  const { claims, pending } = state;
  const batch = pending.slice(0, countFitting(pending, claims, state.size));
  const own = await Promise.all(batch.map((index) => actionsOf(runtime, claims[index]!)));
  const plan = planMovements(
    runtime,
    batch.map((index) => claims[index]!),
    { avoided: state.avoided, maxActions: MAX_ACTIONS_PER_TRANSACTION - own.flat().length },
  );
  if (plan.kind !== 'possible') {
    if (batch.length > 1) halveBatch(state, batch);
    else if (plan.kind === 'scattered') await gather(runtime, state, batch[0]!, plan.movement);
    else await refuseOrRefresh(runtime, state, batch[0]!, plan);
    return;
  }
  const { movements } = plan;
  if (batch.length > 1 && movements.some(({ debits }) => debits.length > 1)) {
    // Claims that share a transaction take from one shard of each budget. Only a claim that is alone may take from several.
    halveBatch(state, batch);
    return;
  }
  const actions = [...own.flat(), ...movements.flatMap((movement) => movementActions(runtime, movement))];
  const outcome = await transact(runtime, actions);
  switch (outcome.kind) {
    case 'done':
      noteMovements(runtime, movements);
      recordOutcomes(state, new Map(batch.map((index) => [index, { kind: 'done' }])));
      return;
    case 'unknown':
      await backoff(runtime, state.attempt++);
      return;
    case 'cancelled': {
      const attempted = { batch, own: own.map(({ length }) => length), movements };
      await learnFromCancelled(runtime, state, attempted, outcome.fates);
      return;
    }
    default:
      outcome satisfies never;
  }
};

/**
 * Carries out claims, each whole or not at all, in as few transactions as their number allows: up to 99 grants share one debit
 * of one shard. A slot that is taken, a member that was written meanwhile and a budget without enough money
 * are outcomes, which are returned in the order of the claims. A claim is refused for lack of money only
 * after all shards of its budget were read. It is refused as paused or closed as soon as one of these shards
 * has refused a debit for that reason. Conflicts and throttles are tried again, on another shard. So is a
 * call whose answer was lost: the conditions on the grant and the member refuse a repetition. Throws after 24
 * attempts in a row without progress.
 */
export const carryOut = async (runtime: Runtime, claims: readonly GrantClaim[]): Promise<ClaimOutcome[]> => {
  const outcomes: ClaimOutcome[] = Array(claims.length);
  const groups = Map.groupBy(claims.keys(), (index) => groupOf(claims[index]!));
  for (const pending of groups.values()) {
    const state: GroupState = {
      claims,
      outcomes,
      pending,
      size: MAX_ACTIONS_PER_TRANSACTION,
      attempt: 0,
      avoided: new Map(),
    };
    while (state.pending.length > 0) {
      if (state.attempt === MAX_ATTEMPTS) {
        throw new Error(
          `claims: expected to be written within ${state.attempt} attempts, got ${state.pending.length} that were not`,
        );
      }
      await attemptBatch(runtime, state);
    }
  }
  return outcomes;
};
