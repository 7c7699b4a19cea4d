import type { Facts, Invariant } from '../invariant.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';
import { isGivenBack } from './coupon-returns.ts';

/**
 * The orders that used a coupon and still do, by what the shop did: orders of its owner, paid while it was valid, not refunded,
 * and sent within the campaign's horizon. A broken term changes nothing about that.
 */
export const ordersHolding = ({ ledger, campaigns }: Facts, grant: SeenGrant): string[] => {
  const horizonMs = campaigns.get(grant.campaignId)?.horizonMs ?? 0;
  const orders = (ledger.byCoupon.get(grant.id) ?? []).filter(
    ({ kind, member, timeMs, sentMs }) =>
      kind === 'paid' &&
      member === grant.member &&
      timeMs >= grant.grantedMs &&
      timeMs < grant.expiresMs &&
      sentMs - timeMs <= horizonMs,
  );
  return [...new Set(orders.map(({ order }) => order))].filter((order) => !isGivenBack(ledger, grant, order));
};

/** A coupon that an order used is redeemed, so that it cannot be used again. */
export const couponUses: Invariant = {
  name: 'coupon-uses',
  begin: (facts, report) => ({
    atEnd: ({ atMs }) => {
      for (const grant of allGrants(facts.observer)) {
        if (grant.kind !== 'coupon' || grant.state !== 'live') continue;
        const [order] = ordersHolding(facts, grant);
        if (order !== undefined) report(atMs, `${grant.id}: live, though order ${order} used it`);
      }
    },
  }),
};
