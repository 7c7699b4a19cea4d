import { GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type Budget, type Debit, planDebits, sumOf } from '#domain/campaigns/budget.ts';
import { creditAction, debitAction, readBudgets, remainingOf } from '#domain/campaigns/budget-items.ts';
import { type Member, memberPut } from '#domain/members/members-table.ts';
import { batchGet } from '#platform/batch-get.ts';
import type { Item } from '#platform/item.ts';
import { compartment } from '#platform/memory.ts';
import { queryAll } from '#platform/query-pages.ts';
import { backoff } from '#platform/retry.ts';
import type { Runtime } from '#platform/runtime.ts';
import { type ActionFate, transact } from '#platform/transaction.ts';
import type { Grant, GrantKind, GrantState, Redemption, StoredGrant } from './grant.ts';

/**
 * All statements on the grants table, whose key is (member, `campaign#kind#slot`), and with them the transactions in which
 * value changes hands: a grant, the debit of its budget and the member's new state are written together or not at all.
 */

/** DynamoDB's maximum. */
const MAX_ACTIONS_PER_TRANSACTION = 100;
/** What a claim leaves of these, with its grant, its member and the coupon it changes, and room for more grants. */
const MAX_DEBITS_PER_CLAIM = 96;
/** Attempts in a row that come to nothing, after which it is a fault and the message comes back. */
const MAX_ATTEMPTS = 24;
/** How old a process's view of a budget may be when a shard turns out to be short: one read costs less than more attempts. */
const VIEW_MAX_AGE_MS = 100;
/** Attempts that follow at once where a shard was short. */
const MAX_HASTY_ATTEMPTS = 3;
/** How long a process believes that a budget has too little left: money may come back. */
const EMPTY_MAX_AGE_MS = 1_000;

/** A grant to make, and the budget to take its face value from. */
export type Draw = { grant: Grant; budget: Budget };

/** An amount to take from a budget for which no grant is made. */
export type Charge = { budget: Budget; amountFen: number };

/** What is to become of a grant that was read; refused when anything became of it since. */
export type GrantChange = { grant: StoredGrant } & (
  | { state: 'redeemed' | 'live'; redemption: Redemption }
  | { state: 'revoked'; redemption?: never }
  /** Its face value goes back to its budget in the same transaction. */
  | { state: 'expired'; redemption?: Redemption; budget: Budget }
);

/**
 * Writes that belong together: all of them happen or none. Two claims of one call never write the same item, so no two
 * are of the same member.
 */
export type Claim = {
  /** Grants to make, at most one a budget. */
  draws: readonly Draw[];
  /** What is taken beside the grants' face values, such as a place in a quota. */
  charges?: readonly Charge[];
  /** The member as it is to become; refused when somebody has written it since it was read. */
  member?: Member;
  change?: GrantChange;
};

export type ClaimOutcome =
  /** All of the claim's writes have happened. */
  | { kind: 'done' }
  /**
   * A grant stands in the slot of one of the draws, and nothing was written by this call. Where the grant's trigger is
   * the same, the claim was written before: by an earlier delivery, or by an attempt whose answer was lost.
   */
  | { kind: 'known'; grant: StoredGrant }
  /** The member or the grant to be changed is not as it was read; nothing was written by this call. */
  | { kind: 'stale' }
  /** The budget has less left than the draw's face value; nothing was written. */
  | { kind: 'refused'; reason: 'budget-empty'; budget: Budget; remainingFen: number };

const tableName = (runtime: Runtime): string => runtime.environment('GRANTS_TABLE');

const sortKeyOf = (campaignId: string, kind: GrantKind, slot: string): string =>
  `${campaignId}#${kind}#${slot}`;

const keyOf = ({ member, campaignId, kind, slot }: GrantKey): Item => ({
  member: { S: member },
  grant: { S: sortKeyOf(campaignId, kind, slot) },
});

const itemOf = (grant: Grant): Item => ({
  ...keyOf(grant),
  id: { S: grant.id },
  state: { S: 'live' satisfies GrantState },
  budget: { S: grant.budget },
  faceFen: { N: String(grant.faceFen) },
  offer: { S: grant.offer },
  trigger: { S: grant.trigger },
  grantedMs: { N: String(grant.grantedMs) },
  expiresMs: { N: String(grant.expiresMs) },
  reason: { S: grant.reason },
});

/** A grant from its item, such as a scan of the table gives. */
export const grantOfItem = (item: Item): StoredGrant => {
  const [campaignId, kind, slot] = item.grant!.S!.split('#') as [string, GrantKind, string];
  const redemption = item.redemption?.M;
  return {
    campaignId,
    member: item.member!.S!,
    kind,
    slot,
    id: item.id!.S!,
    state: item.state!.S as GrantState,
    budget: item.budget!.S!,
    faceFen: Number(item.faceFen!.N),
    offer: item.offer!.S!,
    trigger: item.trigger!.S!,
    grantedMs: Number(item.grantedMs!.N),
    expiresMs: Number(item.expiresMs!.N),
    reason: item.reason!.S!,
    changes: Number(item.changes?.N ?? 0),
    ...(redemption === undefined
      ? {}
      : {
          redemption: {
            orderId: redemption.orderId!.S!,
            paidFen: Number(redemption.paidFen!.N),
            refundedFen: Number(redemption.refundedFen!.N),
            refundedMs: Number(redemption.refundedMs?.N ?? 0),
            earlier: (redemption.earlier?.L ?? []).map(({ S: orderId }) => orderId!),
          },
        }),
  };
};

/** Where a grant is. */
export type GrantKey = Pick<Grant, 'member' | 'campaignId' | 'kind' | 'slot'>;

/** One grant, strongly consistent. */
export const readGrant = async (runtime: Runtime, key: GrantKey): Promise<StoredGrant | undefined> => {
  const { Item: item } = await runtime.dynamodb.send(
    new GetItemCommand({ TableName: tableName(runtime), Key: keyOf(key), ConsistentRead: true }),
  );
  return item && grantOfItem(item);
};

/** The grants under these distinct keys, those that exist, in no order; strongly consistent. */
export const readGrants = async (runtime: Runtime, keys: readonly GrantKey[]): Promise<StoredGrant[]> =>
  (await batchGet(runtime, tableName(runtime), keys.map(keyOf))).map(grantOfItem);

/** All grants of a member, or those of one campaign, strongly consistent. */
export const readGrantsOf = async (
  runtime: Runtime,
  member: string,
  campaignId?: string,
): Promise<StoredGrant[]> => {
  const items = await queryAll(runtime, {
    TableName: tableName(runtime),
    KeyConditionExpression:
      campaignId === undefined ? '#member = :member' : '#member = :member AND begins_with(#grant, :campaign)',
    ExpressionAttributeNames: {
      '#member': 'member',
      ...(campaignId === undefined ? {} : { '#grant': 'grant' }),
    },
    ExpressionAttributeValues: {
      ':member': { S: member },
      ...(campaignId === undefined ? {} : { ':campaign': { S: `${campaignId}#` } }),
    },
  });
  return items.map(grantOfItem);
};

const grantPut = (runtime: Runtime, grant: Grant): TransactWriteItem => ({
  Put: {
    TableName: tableName(runtime),
    Item: itemOf(grant),
    ConditionExpression: 'attribute_not_exists(#member)',
    ExpressionAttributeNames: { '#member': 'member' },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

const grantUpdate = (runtime: Runtime, { grant, state, redemption }: GrantChange): TransactWriteItem => ({
  Update: {
    TableName: tableName(runtime),
    Key: keyOf(grant),
    UpdateExpression: `SET #state = :state, #changes = :changes${redemption ? ', redemption = :redemption' : ''}`,
    ConditionExpression:
      grant.changes === 0
        ? 'attribute_exists(#state) AND attribute_not_exists(#changes)'
        : '#changes = :known',
    ExpressionAttributeNames: { '#state': 'state', '#changes': 'changes' },
    ExpressionAttributeValues: {
      ':state': { S: state },
      ':changes': { N: String(grant.changes + 1) },
      ...(grant.changes === 0 ? {} : { ':known': { N: String(grant.changes) } }),
      ...(redemption === undefined
        ? {}
        : {
            ':redemption': {
              M: {
                orderId: { S: redemption.orderId },
                paidFen: { N: String(redemption.paidFen) },
                refundedFen: { N: String(redemption.refundedFen) },
                ...(redemption.refundedMs === 0 ? {} : { refundedMs: { N: String(redemption.refundedMs) } }),
                ...(redemption.earlier.length === 0
                  ? {}
                  : { earlier: { L: redemption.earlier.map((orderId) => ({ S: orderId })) } }),
              },
            },
          }),
    },
  },
});

/** The actions of a claim but for those on budgets, each draw's first. */
const actionsOf = (runtime: Runtime, { draws, member, change }: Claim): TransactWriteItem[] => [
  ...draws.map(({ grant }) => grantPut(runtime, grant)),
  ...(member === undefined ? [] : [{ Put: memberPut(runtime, member) }]),
  ...(change === undefined ? [] : [grantUpdate(runtime, change)]),
];

const nameOf = ({ campaignId, key }: Budget): string => `${campaignId}#${key}`;

/** The budgets that a claim takes from or gives to, and how much: positive what is taken, negative what is given. */
const movementsOf = ({ draws, charges = [], change }: Claim): Charge[] => [
  ...charges,
  ...draws.map(({ grant, budget }) => ({ budget, amountFen: grant.faceFen })),
  ...(change?.state === 'expired' ? [{ budget: change.budget, amountFen: -change.grant.faceFen }] : []),
];

/**
 * What this process last heard of a budget. A shard of which it heard nothing is undefined. Its own debits are subtracted as
 * they succeed, which a reading in between may have done already: a remainder may be too low, and only leads to another
 * reading. Refusals go by what was read.
 */
type View = { remainders: (number | undefined)[]; readFen: number; readMs: number };

const VIEWS = compartment(() => new Map<string, View>());

const viewOf = (runtime: Runtime, budget: Budget): View => {
  const name = nameOf(budget);
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

const refreshView = async (runtime: Runtime, budget: Budget): Promise<void> => {
  const remainders = (await readBudgets(runtime, budget.campaignId, budget.key)).get(budget.key) ?? [];
  if (remainders.length !== budget.shards) {
    throw new Error(`budget ${nameOf(budget)}: expected ${budget.shards} shards, got ${remainders.length}`);
  }
  runtime.memory
    .of(VIEWS)
    .set(nameOf(budget), { remainders, readFen: sumOf(remainders), readMs: runtime.clock.nowMs() });
};

/** One budget's part of a transaction: debits of one shard or several, or a credit of one. */
type Movement = { budget: Budget; debits: Debit[] };

type Plan =
  | { kind: 'possible'; movements: Movement[] }
  /** As far as this process has heard, this budget has too little, or the amount is in too many shards. */
  | { kind: 'short'; budget: Budget; amountFen: number; isScattered: boolean };

const planMovements = (
  runtime: Runtime,
  claims: readonly Claim[],
  avoided: ReadonlyMap<string, ReadonlySet<number>>,
): Plan => {
  const movements: Movement[] = [];
  for (const [name, ofBudget] of Map.groupBy(claims.flatMap(movementsOf), ({ budget }) => nameOf(budget))) {
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
    const actions = sumOf(movements.map((movement) => movement.debits.length)) + (debits?.length ?? 0);
    // Claims of several budgets that must all be swept at once may need more actions than there are.
    if (debits === undefined || (debits.length > 1 && actions > MAX_DEBITS_PER_CLAIM)) {
      return { kind: 'short', budget, amountFen, isScattered: debits !== undefined };
    }
    movements.push({ budget, debits });
  }
  return { kind: 'possible', movements };
};

const movementActions = (runtime: Runtime, { budget, debits }: Movement): TransactWriteItem[] =>
  debits.map(({ shard, amountFen }) =>
    amountFen < 0
      ? creditAction(runtime, budget, { shard, amountFen: -amountFen })
      : debitAction(runtime, budget, { shard, amountFen }),
  );

/** Keeps this process's views in step with what it has done itself. */
const noteMovements = (runtime: Runtime, movements: readonly Movement[]): void => {
  for (const { budget, debits } of movements) {
    const { remainders } = viewOf(runtime, budget);
    for (const { shard, amountFen } of debits) {
      const known = remainders[shard];
      if (known !== undefined) remainders[shard] = known - amountFen;
    }
  }
};

/** What became of a claim in a cancelled transaction, from the fates of its actions; undefined when it was not to blame. */
const blameOf = (claim: Claim, fates: readonly ActionFate[]): ClaimOutcome | undefined => {
  for (const [i, fate] of fates.entries()) {
    if (fate.kind !== 'refused') continue;
    if (i < claim.draws.length && fate.item !== undefined) {
      return { kind: 'known', grant: grantOfItem(fate.item) };
    }
    return { kind: 'stale' };
  }
  return undefined;
};

/** How many of these claims, at most `size`, fit in a transaction beside an action for each of their budgets. */
const countFitting = (indices: readonly number[], claims: readonly Claim[], size: number): number => {
  const budgets = new Set<string>();
  let actions = 0;
  const end = indices.slice(0, size).findIndex((index) => {
    const claim = claims[index]!;
    for (const { budget } of movementsOf(claim)) budgets.add(nameOf(budget));
    actions +=
      claim.draws.length + (claim.member === undefined ? 0 : 1) + (claim.change === undefined ? 0 : 1);
    return actions + budgets.size > MAX_ACTIONS_PER_TRANSACTION;
  });
  return end === -1 ? Math.min(size, indices.length) : Math.max(end, 1);
};

/** Claims of one call that may share a transaction: those that move money of the same budgets, or only give to any. */
const groupOf = (claim: Claim): string =>
  claim.change?.state === 'expired' && claim.draws.length === 0
    ? '-'
    : movementsOf(claim)
        .map(({ budget }) => nameOf(budget))
        .sort()
        .join();

/**
 * Carries out claims, each whole or not at all, in as few transactions as their number allows: up to 99 grants share one debit
 * of one shard. A grant that stands already, a member who was written meanwhile and a budget without enough money are
 * outcomes, given in the order of the claims; a claim is only refused after its budget was read, all shards of it.
 * Conflicts and throttles are tried again, on another shard; so is a call whose answer was lost, because the conditions
 * on the grant and the member refuse a repetition. Throws where no attempt came to anything.
 */
export const carryOut = async (runtime: Runtime, claims: readonly Claim[]): Promise<ClaimOutcome[]> => {
  const outcomes: ClaimOutcome[] = Array(claims.length);
  const groups = Map.groupBy(claims.keys(), (index) => groupOf(claims[index]!));
  for (const indices of groups.values()) await carryOutGroup(runtime, claims, indices, outcomes);
  return outcomes;
};

const carryOutGroup = async (
  runtime: Runtime,
  claims: readonly Claim[],
  indices: readonly number[],
  outcomes: ClaimOutcome[],
): Promise<void> => {
  let pending = indices;
  let size = MAX_ACTIONS_PER_TRANSACTION;
  let attempt = 0;
  const avoided = new Map<string, Set<number>>();
  const settle = (settled: ReadonlySet<number>): void => {
    pending = pending.filter((index) => !settled.has(index));
    size = MAX_ACTIONS_PER_TRANSACTION;
    attempt = 0;
    avoided.clear();
  };
  while (pending.length > 0) {
    if (attempt === MAX_ATTEMPTS) {
      throw new Error(`${pending.length} claims: nothing came of ${attempt} attempts in a row`);
    }
    const batch = pending.slice(0, countFitting(pending, claims, size));
    const plan = planMovements(
      runtime,
      batch.map((index) => claims[index]!),
      avoided,
    );
    if (plan.kind === 'short') {
      if (batch.length > 1) {
        size = Math.ceil(batch.length / 2);
        continue;
      }
      const { budget, amountFen, isScattered } = plan;
      const { readFen: remainingFen, readMs } = viewOf(runtime, budget);
      const isFresh = runtime.clock.nowMs() - readMs <= EMPTY_MAX_AGE_MS;
      if (!isFresh || (remainingFen >= amountFen && !isScattered)) {
        attempt++;
        await refreshView(runtime, budget);
        continue;
      }
      outcomes[batch[0]!] = { kind: 'refused', reason: 'budget-empty', budget, remainingFen };
      settle(new Set(batch));
      continue;
    }
    const { movements } = plan;
    if (batch.length > 1 && movements.some(({ debits }) => debits.length > 1)) {
      // Only what no single shard can pay is worth a debit of several, and that one claim at a time.
      size = Math.ceil(batch.length / 2);
      continue;
    }
    const own = batch.map((index) => actionsOf(runtime, claims[index]!));
    const actions = [...own.flat(), ...movements.flatMap((movement) => movementActions(runtime, movement))];
    const outcome = await transact(runtime, actions);
    switch (outcome.kind) {
      case 'done':
        noteMovements(runtime, movements);
        for (const index of batch) outcomes[index] = { kind: 'done' };
        settle(new Set(batch));
        break;
      case 'unknown':
        await backoff(runtime, attempt++);
        break;
      case 'cancelled': {
        const settled = new Set<number>();
        let first = 0;
        for (const [i, index] of batch.entries()) {
          const { length } = own[i]!;
          const blame = blameOf(claims[index]!, outcome.fates.slice(first, first + length));
          first += length;
          if (blame === undefined) continue;
          outcomes[index] = blame;
          settled.add(index);
        }
        const short = learn(runtime, movements, outcome.fates.slice(first), avoided);
        for (const budget of short) {
          if (runtime.clock.nowMs() - viewOf(runtime, budget).readMs > VIEW_MAX_AGE_MS)
            await refreshView(runtime, budget);
        }
        if (settled.size > 0) settle(settled);
        // Where a shard was short there is nothing to wait for: the next attempt knows better.
        else if (attempt++ >= MAX_HASTY_ATTEMPTS || short.length === 0) await backoff(runtime, attempt);
        break;
      }
      default:
        outcome satisfies never;
    }
  }
};

/**
 * Takes in what a cancelled transaction says of the budgets' shards: how much one has, and which one is busy. Returns the
 * budgets of which a shard was short.
 */
const learn = (
  runtime: Runtime,
  movements: readonly Movement[],
  fates: readonly ActionFate[],
  avoided: Map<string, Set<number>>,
): Budget[] => {
  const short: Budget[] = [];
  const shards = movements.flatMap(({ budget, debits }) => debits.map(({ shard }) => ({ budget, shard })));
  for (const [i, { budget, shard }] of shards.entries()) {
    const fate = fates[i]!;
    const { remainders } = viewOf(runtime, budget);
    if (fate.kind === 'refused') {
      remainders[shard] = remainingOf(fate.item) ?? 0;
      short.push(budget);
    } else if (fate.kind === 'contention') {
      const name = nameOf(budget);
      avoided.set(name, (avoided.get(name) ?? new Set()).add(shard));
    }
  }
  return short;
};
