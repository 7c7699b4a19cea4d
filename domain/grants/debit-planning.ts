import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type Budget, type Debit, planDebits } from '#domain/campaigns/budget.ts';
import {
  creditAction,
  debitAction,
  type Halt,
  haltOf,
  issuableIn,
  readBudgetShards,
  remainingOf,
} from '#domain/campaigns/budget-items.ts';
import { sumOf } from '#platform/collections.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import type { ActionFate } from '#platform/transaction.ts';
import { type Charge, changesOf, type GrantClaim } from './grant-claim.ts';

/**
 * Plans which shards of which budgets a transaction takes money from. The plan uses what this process last knew of the budgets;
 * the result of each transaction corrects that knowledge.
 */

/** A budget's name, unique over all campaigns. */
export const budgetNameOf = ({ campaignId, key }: Budget): string => `${campaignId}#${key}`;

/** The budgets that a claim takes from or pays back to, and the amounts: positive if taken, negative if paid back. */
export const movementsOf = (claim: GrantClaim): Charge[] => [
  ...(claim.charges ?? []),
  ...claim.debits.map(({ grant, budget }) => ({ budget, amountFen: grant.faceFen })),
  ...changesOf(claim).flatMap((change) =>
    change.state === 'expired' && change.budget !== undefined
      ? [{ budget: change.budget, amountFen: -change.grant.faceFen }]
      : [],
  ),
];

/**
 * What this process last knew of a budget. An unknown shard is undefined. The process subtracts its own debits as they succeed.
 * A read in between may have included them already, so a remainder may be too low; that only leads to another read. A claim
 * is refused for lack of money only if the sum that was read (`readFen`) is too small.
 */
type BudgetView = { remainders: (number | undefined)[]; readFen: number; readMs: number };

const VIEWS = compartment(() => new Map<string, BudgetView>());

export const viewOf = (runtime: Runtime, budget: Budget): BudgetView => {
  const name = budgetNameOf(budget);
  let view = runtime.memory.of(VIEWS).get(name);
  if (view === undefined) {
    view = {
      remainders: Array(budget.shards).fill(undefined),
      readFen: Number.POSITIVE_INFINITY,
      readMs: Number.NEGATIVE_INFINITY,
    };
    runtime.memory.of(VIEWS).set(name, view);
  }
  return view;
};

/** Reads all shards of a budget. Throws if their number is not the budget's number of shards. */
export const refreshView = async (runtime: Runtime, budget: Budget): Promise<void> => {
  const shards = await readBudgetShards(runtime, budget.campaignId, budget.key);
  const remainders = issuableIn(shards).get(budget.key) ?? [];
  if (remainders.length !== budget.shards) {
    throw new Error(
      `budget ${budgetNameOf(budget)}: expected ${budget.shards} shards, got ${remainders.length}`,
    );
  }
  runtime.memory
    .of(VIEWS)
    .set(budgetNameOf(budget), { remainders, readFen: sumOf(remainders), readMs: runtime.clock.nowMs() });
};

/** One budget's part of a transaction: debits of one shard or several, a credit of one, or both to gather money in one. */
export type Movement = { budget: Budget; debits: Debit[] };

export type DebitPlan =
  | { kind: 'possible'; movements: Movement[] }
  /** As far as this process knows, this budget has too little. */
  | { kind: 'short'; budget: Budget; amountFen: number }
  /** There is enough money, but in more shards than the transaction has room for. `movement` is the one with the most debits. */
  | { kind: 'scattered'; movement: Movement };

/**
 * Plans the movements of claims that share a transaction, with at most `maxActions` actions. `avoided` holds the busy shards of
 * each budget.
 */
export const planMovements = (
  runtime: Runtime,
  claims: readonly GrantClaim[],
  { avoided, maxActions }: { avoided: ReadonlyMap<string, ReadonlySet<number>>; maxActions: number },
): DebitPlan => {
  const movements: Movement[] = [];
  for (const [name, ofBudget] of Map.groupBy(claims.flatMap(movementsOf), ({ budget }) =>
    budgetNameOf(budget),
  )) {
    const { budget } = ofBudget[0]!;
    const amountFen = sumOf(ofBudget.map((movement) => movement.amountFen));
    if (amountFen < 0) {
      movements.push({
        budget,
        debits: [{ shard: Math.floor(runtime.random() * budget.shards), amountFen }],
      });
      continue;
    }
    const debits = planDebits(
      amountFen,
      viewOf(runtime, budget).remainders,
      runtime.random,
      avoided.get(name) ?? new Set(),
    );
    if (debits === undefined) return { kind: 'short', budget, amountFen };
    movements.push({ budget, debits });
  }
  const widest = movements.reduce<Movement | undefined>(
    (most, movement) => (most === undefined || movement.debits.length > most.debits.length ? movement : most),
    undefined,
  );
  const actions = sumOf(movements.map(({ debits }) => debits.length));
  return widest !== undefined && widest.debits.length > 1 && actions > maxActions
    ? { kind: 'scattered', movement: widest }
    : { kind: 'possible', movements };
};

/**
 * Moves what several debits would take into the fullest of their shards, so that one debit is enough. No money leaves the
 * budget.
 */
export const gatheringOf = ({ budget, debits: [fullest, ...others] }: Movement): Movement => ({
  budget,
  debits: [...others, { shard: fullest!.shard, amountFen: -sumOf(others.map(({ amountFen }) => amountFen)) }],
});

export const movementActions = (runtime: Runtime, { budget, debits }: Movement): TransactWriteItem[] =>
  debits.map(({ shard, amountFen }) =>
    amountFen < 0
      ? creditAction(runtime, budget, { shard, amountFen: -amountFen })
      : debitAction(runtime, budget, { shard, amountFen }),
  );

/** Updates this process's views after its own movements succeeded. */
export const noteMovements = (runtime: Runtime, movements: readonly Movement[]): void => {
  for (const { budget, debits } of movements) {
    const { remainders } = viewOf(runtime, budget);
    for (const { shard, amountFen } of debits) {
      const known = remainders[shard];
      if (known !== undefined) remainders[shard] = known - amountFen;
    }
  }
};

/** The budgets with a shard that had too little money, and the budgets that give no money at all, with the reason. */
export type RefusedBudgets = { short: Budget[]; halted: { budget: Budget; halt: Halt }[] };

/** Notes what a cancelled transaction says about its shards: how much is left in those with too little, and which are busy. */
export const noteFates = (
  runtime: Runtime,
  movements: readonly Movement[],
  fates: readonly ActionFate[],
  avoided: Map<string, Set<number>>,
): RefusedBudgets => {
  const refused: RefusedBudgets = { short: [], halted: [] };
  const shards = movements.flatMap(({ budget, debits }) => debits.map(({ shard }) => ({ budget, shard })));
  for (const [i, { budget, shard }] of shards.entries()) {
    const fate = fates[i]!;
    const { remainders } = viewOf(runtime, budget);
    if (fate.kind === 'refused') {
      remainders[shard] = remainingOf(fate.item) ?? 0;
      const halt = haltOf(fate.item);
      if (halt === undefined) refused.short.push(budget);
      else refused.halted.push({ budget, halt });
    } else if (fate.kind === 'contention') {
      const name = budgetNameOf(budget);
      avoided.set(name, (avoided.get(name) ?? new Set()).add(shard));
    }
  }
  return refused;
};
