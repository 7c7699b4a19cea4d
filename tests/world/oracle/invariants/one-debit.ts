import type { Invariant } from '../invariant.ts';
import { heldBy, shardsOf } from './budget.ts';

/**
 * In each call, what leaves a budget equals what the grants that the call writes take from it, less what they give back: each
 * grant is paid once, in the call that makes it.
 */
export const oneDebit: Invariant = {
  name: 'one-debit',
  begin: (_, report) => ({
    onStep: ({ changes, grantChanges, atMs, step }) => {
      const open = new Map<string, number>();
      const add = (budget: string, amount: number) => open.set(budget, (open.get(budget) ?? 0) + amount);
      for (const { budget, before, after } of shardsOf(changes))
        if (before !== undefined) add(budget, before - after);
      for (const { before, after } of grantChanges) {
        for (const [budget, amount] of heldBy(after)) add(budget, -amount);
        for (const [budget, amount] of heldBy(before)) add(budget, amount);
      }
      for (const [budget, amount] of open)
        if (amount !== 0) report(atMs, `${step.worker}: ${amount} of ${budget} without a grant`);
    },
  }),
};
