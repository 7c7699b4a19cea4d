import { describe, expect, it } from 'vitest';
import type { Budget, Debit } from '#domain/campaigns/budget.ts';
import {
  gatheringOf,
  movementActions,
  movementsOf,
  noteFates,
  noteMovements,
  planMovements,
  refreshView,
  viewOf,
} from '#domain/grants/debit-planning.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import type { GrantClaim } from '#domain/grants/grant-claim.ts';
import { offer, START_MS } from '../coupons/factories.ts';
import { idKeyIn } from '../support/coupon-ids.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';

const budgetOf = (campaignId: string, shards = 4): Budget => ({
  campaignId,
  key: 'engine/platform',
  shards,
  hasOwnKeys: true,
});
const [ONE, TWO] = [budgetOf('one'), budgetOf('two')];

/** A process that knows what remains of budgets, and whose random numbers are always the same. */
const knowing = (...views: [Budget, (number | undefined)[]][]) => {
  const runtime = testRuntime({ clients: { dynamodb: emulatedTables() }, random: () => 0.6 });
  for (const [budget, remainders] of views)
    viewOf(runtime, budget).remainders.splice(0, remainders.length, ...remainders);
  return runtime;
};

const charging = (...charges: [Budget, number][]): GrantClaim => ({
  debits: [],
  charges: charges.map(([budget, amountFen]) => ({ budget, amountFen })),
});

const planned = (
  runtime: ReturnType<typeof knowing>,
  claims: GrantClaim[],
  { maxActions = 99, avoided = new Map<string, Set<number>>() } = {},
) => planMovements(runtime, claims, { avoided, maxActions });

const debits = (...parts: [shard: number, amountFen: number][]): Debit[] =>
  parts.map(([shard, amountFen]) => ({ shard, amountFen }));

describe('the movements of claims', () => {
  it('are one debit for each budget, and two campaigns have different budgets under the same key', () => {
    const runtime = knowing([ONE, [9, 0, 0, 0]], [TWO, [0, 0, 0, 9]]);
    expect(planned(runtime, [charging([ONE, 2]), charging([ONE, 3], [TWO, 4])])).toEqual({
      kind: 'possible',
      movements: [
        { budget: ONE, debits: debits([0, 5]) },
        { budget: TWO, debits: debits([3, 4]) },
      ],
    });
    expect(planned(runtime, [])).toEqual({ kind: 'possible', movements: [] });
  });

  it('pay back to one shard at random, whatever remains in it', () => {
    const runtime = knowing([ONE, [0, 0, 0, 0]]);
    expect(planned(runtime, [charging([ONE, -7]), charging([ONE, 2])])).toEqual({
      kind: 'possible',
      movements: [{ budget: ONE, debits: debits([2, -5]) }],
    });
  });

  it('are debits if they take as much as they pay back, so that a halted budget refuses them', () => {
    const runtime = knowing([ONE, [0, 0, 0, 0]]);
    const avoided = new Map([['one#engine/platform', new Set([1, 2, 3])]]);
    const plan = planned(runtime, [charging([ONE, -2]), charging([ONE, 2])], { avoided });
    expect(plan).toMatchObject({ movements: [{ debits: debits([0, 0]) }] });
    const [action] = movementActions(runtime, { budget: ONE, debits: debits([0, 0]) });
    expect(action!.Update!.ConditionExpression).toContain('attribute_not_exists(paused)');
  });

  it('are impossible if a budget has too little, and the plan names that budget', () => {
    const runtime = knowing([ONE, [9, 9, 9, 9]], [TWO, [1, 1, 1, 1]]);
    expect(planned(runtime, [charging([ONE, 3], [TWO, 5])])).toEqual({
      kind: 'short',
      budget: TWO,
      amountFen: 5,
    });
  });

  it.each([
    ['the first', [1, 1, 1, 0], [2, 1, 0, 0], ONE],
    ['the last', [2, 1, 0, 0], [1, 1, 1, 0], TWO],
    ['the first of two with equally many', [1, 2, 0, 0], [2, 1, 0, 0], ONE],
  ])(
    'are scattered if they need more actions than there is room for: the one with the most debits is %s',
    (_, one, two, widest) => {
      const runtime = knowing([ONE, one], [TWO, two]);
      const claims = [charging([ONE, 3], [TWO, 3])];
      expect(planned(runtime, claims, { maxActions: 3 })).toMatchObject({
        kind: 'scattered',
        movement: { budget: widest },
      });
      expect(planned(runtime, claims, { maxActions: 5 }).kind).toBe('possible');
    },
  );

  it('are not scattered if no gathering would make them fewer', () => {
    const runtime = knowing([ONE, [3, 0, 0, 0]], [TWO, [3, 0, 0, 0]]);
    expect(planned(runtime, [charging([ONE, 3], [TWO, 3])], { maxActions: 1 }).kind).toBe('possible');
  });

  it('give back the face value of an expired coupon unless it went back before, and nothing for other changes', () => {
    const grant = couponGrant({
      ...{ campaignId: 'one', member: 'm', slot: 0, offer: offer({ discountFen: 700 }), arm: 'engine' },
      ...{ trigger: 'order', grantedMs: START_MS, reason: {}, idKey: idKeyIn('one') },
    });
    const stored = { ...grant, state: 'live' as const, changes: 0 };
    const redemption = { orderId: 'o', paidFen: 0, refundedFen: 0, lines: [], otherOrders: [] };
    const claim = (change: GrantClaim['change']): GrantClaim => ({
      debits: [{ grant, budget: ONE }],
      change,
    });
    const taken = { budget: ONE, amountFen: 700 };
    expect(movementsOf(claim({ grant: stored, state: 'expired', budget: TWO }))).toEqual([
      taken,
      { budget: TWO, amountFen: -700 },
    ]);
    expect(movementsOf(claim({ grant: stored, state: 'expired' }))).toEqual([taken]);
    expect(movementsOf(claim({ grant: stored, state: 'redeemed', redemption }))).toEqual([taken]);
  });
});

describe('a gathering', () => {
  it('moves what the other shards would give into the fullest, and takes nothing out of the budget', () => {
    const gathering = gatheringOf({ budget: ONE, debits: debits([2, 5], [0, 3], [1, 1]) });
    expect(gathering).toEqual({ budget: ONE, debits: debits([0, 3], [1, 1], [2, -4]) });
    const [, , credit] = movementActions(knowing(), gathering);
    expect(credit!.Update).toMatchObject({
      UpdateExpression: 'SET remaining = remaining + :amount',
      ExpressionAttributeValues: { ':amount': { N: '4' } },
    });
  });
});

describe('what a process knows of a budget', () => {
  it('is corrected by the process’s own movements, for the shards that it knows', () => {
    const runtime = knowing([ONE, [10, undefined, 3, 1]]);
    noteMovements(runtime, [{ budget: ONE, debits: debits([0, 4], [1, 2], [2, -5]) }]);
    expect(viewOf(runtime, ONE).remainders).toEqual([6, undefined, 8, 1]);
  });

  it('is corrected by what a cancelled transaction says, shard by shard', () => {
    const runtime = knowing([ONE, [10, 10, 10, 10]], [TWO, [10, 10, 10, 10]]);
    const movements = [
      { budget: ONE, debits: debits([0, 9], [1, 9], [2, 9], [3, 9]) },
      { budget: TWO, debits: debits([0, 9], [1, 9], [2, 9], [3, 9]) },
    ];
    const halted = { kind: 'refused', item: { remaining: { N: '8' }, paused: { BOOL: true } } } as const;
    const avoided = new Map([['two#engine/platform', new Set([3])]]);
    const refused = noteFates(
      runtime,
      movements,
      [
        { kind: 'refused', item: { remaining: { N: '4' } } },
        { kind: 'refused', item: undefined },
        { kind: 'refused', item: { remaining: { N: '7' }, capped: { BOOL: true } } },
        { kind: 'bystander' },
        halted,
        { kind: 'contention' },
        { kind: 'contention' },
        { kind: 'bystander' },
      ],
      avoided,
    );
    expect(refused).toEqual({ short: [ONE, ONE, ONE], halted: [{ budget: TWO, halt: 'paused' }] });
    expect(viewOf(runtime, ONE).remainders).toEqual([4, 0, 0, 10]);
    expect(viewOf(runtime, TWO).remainders).toEqual([8, 10, 10, 10]);
    expect(avoided).toEqual(new Map([['two#engine/platform', new Set([1, 2, 3])]]));
  });

  it.each([1, 4])('cannot be read unless all shards of the budget (%i) are there', async (shards) => {
    await expect(refreshView(knowing(), budgetOf('one', shards))).rejects.toThrow(
      `budget one#engine/platform: expected ${shards} shards, got 0`,
    );
  });
});
