import type { Facts, Invariant } from '../invariant.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';
import { isGivenBack } from './coupon-returns.ts';

/**
 * The orders that use a coupon, judged by what the shop sent: orders of the coupon's owner, paid while the coupon was valid, sent
 * within the campaign's horizon, and not refunded so far that the coupon was given back. An order that breaks a term of the
 * coupon, such as its threshold, uses it too.
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

/**
 * Whether an order uses a coupon before the coupon's campaign begins, and at a time at which no campaign with coupons runs.
 * (While one runs, the pipeline looks at the member's coupons anyway, so it learns of the use.)
 */
const isTooEarly = (
  { ledger, campaigns }: Facts,
  { id, member, campaignId }: SeenGrant,
  orderId: string,
): boolean => {
  const paid = ledger.ofOrder(member, orderId).filter((one) => one.kind === 'paid' && one.coupon === id);
  const spans = campaigns.listed().filter(({ definition }) => definition.coupons !== undefined);
  const startsMs = campaigns.get(campaignId)?.startsMs ?? 0;
  return (
    paid.length > 0 &&
    paid.every(
      ({ timeMs }) =>
        timeMs < startsMs && !spans.some((one) => timeMs >= one.startsMs && timeMs < one.endsMs),
    )
  );
};

/** A coupon that an order used is redeemed, so that it cannot be used again; no order uses one before its campaign begins. */
export const couponUses: Invariant = {
  name: 'coupon-uses',
  begin: (facts, report) => ({
    onStep: ({ grantChanges, atMs }) => {
      for (const { before, after } of grantChanges) {
        const orderId = after.use?.orderId;
        if (after.kind !== 'coupon' || orderId === undefined || orderId === before?.use?.orderId) continue;
        if (isTooEarly(facts, after, orderId))
          report(atMs, `${after.id}: used by order ${orderId}, made before its campaign began`);
      }
    },
    atEnd: ({ atMs }) => {
      for (const grant of allGrants(facts.observer)) {
        if (grant.kind !== 'coupon' || grant.state !== 'live') continue;
        const [order] = ordersHolding(facts, grant);
        if (order !== undefined) report(atMs, `${grant.id}: live, though order ${order} used it`);
      }
    },
  }),
};
