import { countingOf } from '../campaigns.ts';
import type { Facts, Invariant } from '../invariant.ts';
import { distinctOf, fenOf, type SentOrder } from '../ledger.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';

/**
 * Whether each of an order's events has one content and can reach the coupon function. An event that names no coupon can do so
 * only if a campaign with coupons may count it.
 */
const isCertain = ({ ledger, campaigns }: Facts, sent: readonly SentOrder[]): boolean =>
  sent.every(
    (one) =>
      ledger.orders.get(one.eventId)!.length === 1 &&
      (one.coupon !== undefined ||
        campaigns
          .listed()
          .some(
            (campaign) => campaign.definition.coupons !== undefined && countingOf(campaign, one) !== 'never',
          )),
  );

/** The sums that an account may hold: of all events of the order, or only of those that name the coupon. */
const sumsOf = (sent: readonly SentOrder[], { id }: SeenGrant): number[] => [
  fenOf(sent),
  fenOf(sent.filter(({ coupon }) => coupon === id)),
];

/** A used coupon's account has exactly what was sent for its order, each payment and each refund once. */
export const couponAccounts: Invariant = {
  name: 'coupon-accounts',
  begin: (facts, report) => ({
    atEnd: ({ atMs }) => {
      for (const grant of allGrants(facts.observer)) {
        const { use, member, id, state } = grant;
        if (use === undefined || state !== 'redeemed') continue;
        const sent = facts.ledger.ofOrder(member, use.orderId);
        if (!isCertain(facts, sent)) continue;
        const paid = sumsOf(distinctOf(sent, 'paid'), grant);
        const refunded = distinctOf(sent, 'refunded');
        if (!paid.includes(use.paidFen))
          report(atMs, `${id}: ${use.paidFen} fen paid, expected ${paid.join(' or ')}`);
        const brands = new Set(
          distinctOf(sent, 'paid')
            .filter(({ coupon }) => coupon === id)
            .map(({ brand }) => brand),
        );
        const ofParts = refunded.filter(
          ({ coupon, brand }) => coupon === id || (coupon === undefined && brands.has(brand)),
        );
        const backs = [...sumsOf(refunded, grant), fenOf(ofParts)];
        if (!backs.includes(use.refundedFen))
          report(atMs, `${id}: ${use.refundedFen} fen refunded, expected ${backs.join(' or ')}`);
      }
    },
  }),
};
