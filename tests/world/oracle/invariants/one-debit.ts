import type { Invariant } from '../invariant.ts';
import { heldBy, shardsOf } from './budget.ts';

/**
 * In each call, the money that leaves the budgets equals the face values of the grants that the call makes: each grant is paid
 * once, in the same call.
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
