import type { Checks, Facts, Invariant } from '../invariant.ts';
import { distinctOf, fenOf, type SentOrder } from '../ledger.ts';
import { allGrants } from '../seen-grants.ts';
import type { SeenGrant } from '../stored-grant.ts';

/** Whether an event of an order was sent with two contents. Another invariant checks which of them counts. */
const isContradictory = (ledger: Facts['ledger'], sent: readonly SentOrder[]): boolean =>
  sent.some(({ eventId }) => (ledger.orders.get(eventId)?.length ?? 0) > 1);

/**
 * Whether the events give back a coupon that an order used. They do if everything that the order paid was
 * refunded. They also do if everything that the parts with this coupon paid was refunded, by refunds that
 * name the coupon, or that name none and have the brand of one of those parts. If an event of the order was sent
 * with two contents, the answer is yes, because either may count.
 */
export const isGivenBack = (
  ledger: Facts['ledger'],
  { id, member }: Pick<SeenGrant, 'id' | 'member'>,
  orderId: string,
): boolean => {
  const sent = ledger.ofOrder(member, orderId);
  if (isContradictory(ledger, sent)) return true;
  const paid = distinctOf(sent, 'paid');
  const refunds = distinctOf(sent, 'refunded');
  if (paid.length === 0) return false;
  if (fenOf(refunds) >= fenOf(paid)) return true;
  const parts = paid.filter(({ coupon }) => coupon === id);
  const brands = new Set(parts.map(({ brand }) => brand));
  const ofParts = refunds.filter(({ coupon, brand }) =>
    coupon === undefined ? brands.has(brand) : coupon === id,
  );
  return parts.length > 0 && fenOf(ofParts) >= fenOf(parts);
};

/**
 * Whether the coupon may look given back while parts of the order are still under way: a refund of a brand whose part is not
 * known yet applies to the parts that are known.
 */
const mayLookGivenBack = (
  ledger: Facts['ledger'],
  { id, member }: Pick<SeenGrant, 'id' | 'member'>,
  orderId: string,
): boolean => {
  const sent = ledger.ofOrder(member, orderId);
  const parts = distinctOf(sent, 'paid');
  const own = parts.filter(({ coupon }) => coupon === id);
  return own.length < parts.length && fenOf(distinctOf(sent, 'refunded')) >= fenOf(own);
};

/** Whether an order named the coupon before another one did, by the orders' own times. */
const isOlder = (
  { byCoupon }: Facts['ledger'],
  { id, member }: Pick<SeenGrant, 'id' | 'member'>,
  [order, other]: readonly [string, string],
): boolean => {
  const naming = (byCoupon.get(id) ?? []).filter((one) => one.kind === 'paid' && one.member === member);
  const timeOf = (of: string): number =>
    Math.min(...naming.filter((one) => one.order === of).map(({ timeMs }) => timeMs));
  return timeOf(order) < timeOf(other);
};

/**
 * A coupon is redeemed once: it passes to another order only when the order that used it was refunded. Other orders may have
 * named the coupon meanwhile, and the shop has given them the discount too. The oldest of them gets the coupon then, in
 * whatever sequence they arrive: an order that only inherited the coupon loses it to an older order that comes later.
 */
export const couponReturns: Invariant = {
  name: 'coupon-returns',
  begin: ({ ledger, observer }, report) => {
    const reported = new Set<string>();
    /** The orders that have held each coupon. If a coupon only seemed to be given back, its order may get it again. */
    const holders = new Map<string, Set<string>>();
    /** By coupon, the orders that got it from the order that was refunded. */
    const heirs = new Map<string, Set<string>>();
    const reportReturn = (atMs: number, { id }: SeenGrant, orderId: string): void => {
      reported.add(id);
      report(atMs, `${id}: came back from order ${orderId}, which was not refunded`);
    };
    const onStep: Checks['onStep'] = ({ grantChanges, atMs }) => {
      for (const { before, after } of grantChanges) {
        if (before === undefined || after.kind !== 'coupon') continue;
        const last = before.use?.orderId;
        const next = after.use?.orderId;
        const held = holders.get(after.id) ?? new Set();
        holders.set(after.id, held);
        if (last !== undefined) held.add(last);
        const ofCoupon = heirs.get(after.id) ?? new Set();
        heirs.set(after.id, ofCoupon);
        const mayPass = (orderId: string): boolean =>
          isGivenBack(ledger, before, orderId) ||
          mayLookGivenBack(ledger, before, orderId) ||
          (ofCoupon.has(orderId) && next !== undefined && isOlder(ledger, after, [next, orderId]));
        if (before.state === 'redeemed' && next !== last && !held.has(next ?? '') && !mayPass(last!)) {
          report(atMs, `${after.id}: used by order ${next} while order ${last} holds it`);
          continue;
        }
        const isPassed = before.state === 'redeemed' && after.state === 'redeemed' && next !== last;
        if (isPassed && next !== undefined) ofCoupon.add(next);
        if (next === undefined || after.state === 'redeemed') continue;
        const isReturn = before.state === 'redeemed' || next !== last;
        if (isReturn && !isGivenBack(ledger, after, next) && !mayLookGivenBack(ledger, after, next))
          reportReturn(atMs, after, next);
      }
    };
    const atEnd: Checks['atEnd'] = ({ atMs }) => {
      for (const grant of allGrants(observer)) {
        if (grant.kind !== 'coupon' || grant.state !== 'live' || grant.use === undefined) continue;
        const { orderId } = grant.use;
        if (!reported.has(grant.id) && !isGivenBack(ledger, grant, orderId))
          reportReturn(atMs, grant, orderId);
      }
    };
    return { onStep, atEnd };
  },
};
