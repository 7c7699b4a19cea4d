import type { Invariant } from '../invariant.ts';

/** A shard of a campaign that is paused gives no money, whatever a worker still believes. It may take money back. */
export const paused: Invariant = {
  name: 'paused',
  begin: (_, report) => ({
    onStep: ({ changes, atMs, step }) => {
      for (const { table, key, before, after } of changes) {
        if (table !== 'campaigns' || before?.paused === undefined || after === undefined) continue;
        const leftFen = (item: typeof after): number => Number(item.remaining?.N) + Number(item.held?.N ?? 0);
        const takenFen = leftFen(before) - leftFen(after);
        if (takenFen > 0)
          report(atMs, `${step.worker}: took ${takenFen} out of ${key.replace('\n', ' ')}, which is paused`);
      }
    },
  }),
};
