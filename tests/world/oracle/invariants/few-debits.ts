import type { Invariant } from '../invariant.ts';
import { shardsOf } from './budget.ts';

/**
 * An amount that no single shard has comes from as few shards as possible: from the fullest one first, so each further shard
 * gives at most as much as the one before. Each further shard costs two more write units, and is one more item at which
 * transactions may conflict.
 */
export const fewDebits: Invariant = {
  name: 'few-debits',
  begin: (_, report) => ({
    onStep: ({ changes, atMs, step }) => {
      const last = new Map<string, number>();
      for (const { budget, before, after } of shardsOf(changes)) {
        const taken = before === undefined ? 0 : before - after;
        if (taken <= 0) continue;
        const most = last.get(budget) ?? Number.POSITIVE_INFINITY;
        if (taken > most)
          report(atMs, `${step.worker}: took ${most} out of ${budget}, then ${taken} out of a fuller shard`);
        last.set(budget, taken);
      }
    },
  }),
};
