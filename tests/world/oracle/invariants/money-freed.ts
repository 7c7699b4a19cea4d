import type { Invariant } from '../invariant.ts';
import { allGrants } from '../seen-grants.ts';
import { ordersHolding } from './coupon-uses.ts';

/** Producers' and workers' clocks may be ahead by this much. */
const AHEAD_MS = 310_000;

const HOUR_MS = 3_600_000;
/** How long a coupon's money waits after the coupon's end, unless its campaign says otherwise. */
const DEFAULT_SETTLEMENT_HOURS = 24;

/**
 * The money of a coupon is freed only after the coupon's end and its campaign's settlement, and only if no order used the coupon
 * in time.
 */
export const moneyFreed: Invariant = {
  name: 'money-freed',
  begin: (facts, report) => ({
    onStep: ({ grantChanges, atMs }) => {
      for (const { before, after } of grantChanges) {
        if (after.state !== 'expired' || before?.state === 'expired') continue;
        const { settlementHours } = facts.campaigns.get(after.campaignId)?.definition.coupons ?? {};
        const graceMs = (settlementHours ?? DEFAULT_SETTLEMENT_HOURS) * HOUR_MS;
        if (atMs + AHEAD_MS < after.expiresMs + graceMs)
          report(atMs, `${after.id}: its money is free before it is settled`);
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
