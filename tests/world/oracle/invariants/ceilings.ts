import type { Invariant } from '../invariant.ts';
import type { Change } from '../observation.ts';

type Shard = { leftFen: number; order: string; isCapped: boolean };
type Pool = { shards: Map<string, Shard>; ceilingFen: number; order: string; spentFen: number };

const numberOf = (item: Change['after'], name: string): number => Number(item?.[name]?.N ?? 0);

/**
 * Once every shard of a pool follows its ceiling, the pool's grants cost at most the ceiling, or if they cost more already, no more
 * than before. A shard that is marked as capped gives nothing.
 */
export const ceilings: Invariant = {
  name: 'ceilings',
  begin: (facts, report) => {
    const pools = new Map<string, Pool>();
    const poolAt = (campaignId: string, pool: string): Pool => {
      const name = `${campaignId} ${pool}`;
      const found = pools.get(name) ?? {
        shards: new Map(),
        ceilingFen: Number.POSITIVE_INFINITY,
        order: '',
        spentFen: 0,
      };
      pools.set(name, found);
      return found;
    };
    return {
      onStep: ({ changes, atMs, step }) => {
        const touched = new Map<string, Pool>();
        for (const { table, key, before, after } of changes) {
          if (table !== 'campaigns' || after === undefined) continue;
          const [campaignId = '', item = ''] = key.split('\n');
          const [kind, name = ''] = item.split('#');
          if (kind === 'CEILING') {
            const pool = poolAt(campaignId, name);
            pool.ceilingFen = numberOf(after, 'ceilingFen');
            pool.order = after.ceilingOrder!.S!;
          } else if (kind === 'BUDGET' && !name.startsWith('free/')) {
            const pool = poolAt(campaignId, name.split('/')[1]!);
            const leftFen = numberOf(after, 'remaining') + numberOf(after, 'held');
            const takenFen =
              before === undefined ? 0 : numberOf(before, 'remaining') + numberOf(before, 'held') - leftFen;
            if (takenFen > 0 && before?.capped !== undefined)
              report(
                atMs,
                `${step.worker}: took ${takenFen} out of ${key.replace('\n', ' ')}, which is marked as capped`,
              );
            pool.shards.set(item, {
              leftFen,
              order: after.ceilingOrder?.S ?? '',
              isCapped: after.capped !== undefined,
            });
            touched.set(`${campaignId} ${name.split('/')[1]}`, pool);
          }
        }
        for (const [name, pool] of touched) {
          const [campaignId = '', poolName] = name.split(' ');
          const budget = facts.campaigns
            .get(campaignId)
            ?.definition.coupons?.budgets.find((one) => one.pool === poolName);
          if (budget === undefined) continue;
          const leftFen = [...pool.shards.values()].reduce((sum, shard) => sum + shard.leftFen, 0);
          const spentFen = budget.totalFen - leftFen;
          const follows =
            pool.order !== '' && [...pool.shards.values()].every(({ order }) => order >= pool.order);
          if (follows && spentFen > pool.spentFen && spentFen > pool.ceilingFen)
            report(atMs, `${name}: spent ${spentFen}, with a ceiling of ${pool.ceilingFen}`);
          pool.spentFen = spentFen;
        }
      },
    };
  },
};
