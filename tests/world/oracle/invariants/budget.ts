import type { Invariant, Report, Seen } from '../invariant.ts';
import type { Change } from '../observation.ts';
import type { SeenGrant } from '../stored-grant.ts';

const PREFIX = 'BUDGET#';
const QUOTA = 'free/quota';

/** What is left in a shard, including what a ceiling of its pool has moved aside into `held`. */
export const leftIn = ({ remaining, held }: NonNullable<Change['after']>): number =>
  Number(remaining?.N) + Number(held?.N ?? 0);

type Shard = { budget: string; name: string; before: number | undefined; after: number; remaining: number };

/** The budget shards among items that a call has written. */
export const shardsOf = (changes: readonly Change[]): Shard[] =>
  changes.flatMap(({ table, key, before, after }) => {
    if (table !== 'campaigns' || after === undefined) return [];
    const [partition = '', item = ''] = key.split('\n');
    if (!item.startsWith(PREFIX)) return [];
    // The campaign's id and the item's name, or the id alone where the previous version opened the campaign.
    const [campaign = ''] = partition.split('#');
    return [
      {
        budget: `${campaign}#${item.split('#')[1]}`,
        name: `${campaign} ${item}`,
        before: before === undefined ? undefined : leftIn(before),
        after: leftIn(after),
        remaining: Number(after.remaining?.N),
      },
    ];
  });

/** What a grant takes from its budgets: its face value until it expires and, for a free order, a place in the quota for good. */
export const heldBy = (grant: SeenGrant | undefined): [budget: string, amount: number][] => {
  if (grant === undefined) return [];
  const money: [string, number] = [
    `${grant.campaignId}#${grant.budget}`,
    grant.state === 'expired' ? 0 : grant.faceFen,
  ];
  return grant.kind === 'free-order' ? [money, [`${grant.campaignId}#${QUOTA}`, 1]] : [money];
};

class Money {
  readonly #initial = new Map<string, number>();
  readonly #remaining = new Map<string, number>();
  readonly #held = new Map<string, number>();

  take({ changes, grantChanges, atMs }: Seen, report: Report): Set<string> {
    const touched = new Set<string>();
    const add = (map: Map<string, number>, budget: string, amount: number): void => {
      map.set(budget, (map.get(budget) ?? 0) + amount);
      if (amount !== 0) touched.add(budget);
    };
    for (const { budget, name, before, after, remaining } of shardsOf(changes)) {
      if (!(remaining >= 0)) report(atMs, `shard ${name}: expected at least 0, got ${remaining}`);
      if (before === undefined) add(this.#initial, budget, after);
      add(this.#remaining, budget, after - (before ?? 0));
    }
    for (const { before, after } of grantChanges) {
      for (const [budget, amount] of heldBy(before)) add(this.#held, budget, -amount);
      for (const [budget, amount] of heldBy(after)) add(this.#held, budget, amount);
    }
    return touched;
  }

  check(budget: string, atMs: number, report: Report): void {
    const held = this.#held.get(budget) ?? 0;
    const initial = this.#initial.get(budget) ?? 0;
    const spent = initial - (this.#remaining.get(budget) ?? 0);
    if (held !== spent) report(atMs, `${budget}: grants hold ${held}, but ${spent} were taken out`);
    if (held > initial) report(atMs, `${budget}: grants hold ${held} of ${initial}`);
  }

  initialOf = (campaign: string, pool: string): number =>
    [...this.#initial]
      .filter(([budget]) => budget.startsWith(`${campaign}#`) && budget.endsWith(`/${pool}`))
      .reduce((sum, [, amount]) => sum + amount, 0);
}

/**
 * The face values of live, redeemed and revoked grants equal what was taken out of the budget, which is at most the budget. No
 * shard is below 0.
 */
export const budget: Invariant = {
  name: 'budget',
  begin: ({ campaigns }, report) => {
    const money = new Money();
    return {
      onStep: (seen) => {
        for (const one of money.take(seen, report)) money.check(one, seen.atMs, report);
      },
      atEnd: ({ atMs }) => {
        for (const { definition } of campaigns.listed()) {
          const { campaignId, coupons, freeOrders } = definition;
          const totals: [string, number][] = [
            ...(coupons?.budgets ?? []).map(({ pool, totalFen }): [string, number] => [pool, totalFen]),
            ...(freeOrders
              ? ([
                  ['quota', freeOrders.quota],
                  ['budget', freeOrders.budgetFen],
                ] as [string, number][])
              : []),
          ];
          for (const [pool, total] of totals) {
            const initial = money.initialOf(campaignId, pool);
            if (initial !== total)
              report(atMs, `${campaignId} ${pool}: expected ${total} to begin with, got ${initial}`);
          }
        }
      },
    };
  },
};
