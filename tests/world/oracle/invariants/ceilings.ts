import type { Facts, Invariant, Report, Seen } from '../invariant.ts';
import type { Change } from '../observation.ts';
import { leftIn } from './budget.ts';

type Shard = { leftFen: number; order: string };

/** A pool of a campaign's coupons: its last ceiling, and the shards of all arms. */
type Pool = {
  readonly campaignId: string;
  readonly name: string;
  readonly shards: Map<string, Shard>;
  ceilingFen: number;
  /**
   * A text by which the ceilings of a pool are sorted; the last one stands. A shard stores the text of the
   * ceiling that it follows.
   */
  order: string;
  spentFen: number;
};

const begin = ({ campaigns }: Facts, report: Report) => {
  const pools = new Map<string, Pool>();
  const poolAt = (campaignId: string, name: string): Pool => {
    const place = `${campaignId} ${name}`;
    const pool = pools.get(place) ?? {
      campaignId,
      name,
      shards: new Map(),
      ceilingFen: Number.POSITIVE_INFINITY,
      order: '',
      spentFen: 0,
    };
    pools.set(place, pool);
    return pool;
  };

  /** Notes a ceiling or a shard, and returns the shard's pool. */
  const note = ({ table, key, before, after }: Change, { atMs, step }: Seen): Pool | undefined => {
    if (table !== 'campaigns' || after === undefined) return undefined;
    const [partition = '', item = ''] = key.split('\n');
    // A shard has a partition of its own, whose name begins with the campaign's id.
    const [campaignId = ''] = partition.split('#');
    const [kind, name = ''] = item.split('#');
    if (kind === 'CEILING') {
      const pool = poolAt(campaignId, name);
      pool.ceilingFen = Number(after.ceilingFen!.N);
      pool.order = after.ceilingOrder!.S!;
    }
    if (kind !== 'BUDGET' || name.startsWith('free/')) return undefined;
    const leftFen = leftIn(after);
    const takenFen = before === undefined ? 0 : leftIn(before) - leftFen;
    if (takenFen > 0 && before?.capped !== undefined)
      report(
        atMs,
        `${step.worker}: took ${takenFen} out of ${campaignId} ${item}, which is marked as capped`,
      );
    const pool = poolAt(campaignId, name.split('/')[1]!);
    pool.shards.set(item, { leftFen, order: after.ceilingOrder?.S ?? '' });
    return pool;
  };

  const check = (pool: Pool, atMs: number): void => {
    const { campaignId, name, ceilingFen, order } = pool;
    const budgets = campaigns.get(campaignId)?.definition.coupons?.budgets;
    const budget = budgets?.find((one) => one.pool === name);
    if (budget === undefined) {
      report(atMs, `${campaignId}: expected pool ${name} to be defined`);
      return;
    }
    const shards = [...pool.shards.values()];
    const spentFen = budget.totalFen - shards.reduce((sum, { leftFen }) => sum + leftFen, 0);
    const follows = order !== '' && shards.every((shard) => shard.order >= order);
    if (follows && spentFen > pool.spentFen && spentFen > ceilingFen)
      report(atMs, `${campaignId} ${name}: spent ${spentFen}, with a ceiling of ${ceilingFen}`);
    pool.spentFen = spentFen;
  };

  return {
    onStep: (seen: Seen) => {
      const touched = new Set<Pool>();
      for (const change of seen.changes) {
        const pool = note(change, seen);
        if (pool !== undefined) touched.add(pool);
      }
      for (const pool of touched) check(pool, seen.atMs);
    },
  };
};

/**
 * Once every shard of a pool follows the pool's ceiling, the pool's grants cost at most the ceiling or, if they already cost
 * more, no more than before. A shard that is marked as capped gives nothing.
 */
export const ceilings: Invariant = { name: 'ceilings', begin };
