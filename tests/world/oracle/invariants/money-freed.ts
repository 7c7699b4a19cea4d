import type { Invariant } from '../invariant.ts';
import { allGrants, grantChangesOf } from '../seen-grants.ts';
import { ordersHolding } from './coupon-uses.ts';

/** Producers' and workers' clocks may be ahead by this much. */
const AHEAD_MS = 310_000;

/** The money of a coupon is freed only when the coupon has expired and no order that is in time can still use it. */
export const moneyFreed: Invariant = {
  name: 'money-freed',
  begin: (facts, report) => ({
    onStep: ({ changes, atMs }) => {
      for (const { before, after } of grantChangesOf(changes)) {
        if (after.state !== 'expired' || before?.state === 'expired') continue;
        if (atMs + AHEAD_MS < after.expiresMs) report(atMs, `${after.id}: expired before its time`);
      }
    },
    atEnd: ({ atMs }) => {
      for (const grant of allGrants(facts.observer)) {
        if (grant.kind !== 'coupon' || grant.state !== 'expired') continue;
        const [order] = ordersHolding(facts, grant);
        if (order !== undefined)
          report(atMs, `${grant.id}: its money is free, though order ${order} used it in time`);
      }
    },
  }),
};
