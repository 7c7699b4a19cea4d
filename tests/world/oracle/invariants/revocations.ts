import { isKnownTo } from '../campaigns.ts';
import type { Invariant } from '../invariant.ts';
import { distinctOf, fenOf } from '../ledger.ts';
import { allGrants } from '../seen-grants.ts';
import { orderOfWin } from './winners.ts';

const DAY_MS = 86_400_000;
/** A refund revokes a win up to this long after the win was granted. The time is long, because returns come late. */
const REFUND_HORIZON_MS = 30 * DAY_MS;

/** An order that was completely refunded is not paid out, and a win stays unless its own order was refunded. */
export const revocations: Invariant = {
  name: 'revocations',
  begin: ({ ledger, observer, campaigns }, report) => ({
    atEnd: ({ atMs }) => {
      for (const win of allGrants(observer)) {
        if (win.kind !== 'free-order') continue;
        const order = orderOfWin(win);
        const sent = ledger.ofOrder(win.member, order);
        if (sent.some(({ eventId }) => ledger.orders.get(eventId)!.length > 1)) continue;
        const refunds = distinctOf(sent, 'refunded').filter(
          ({ sentMs }) => sentMs - win.grantedMs < REFUND_HORIZON_MS,
        );
        // A refund that was sent before every worker knew the campaign may have gone to other campaigns only, and need not revoke
        // this win. That holds even if the order was sent again later and won.
        const campaign = campaigns.get(win.campaignId);
        const known = refunds.filter((refund) => campaign !== undefined && isKnownTo(campaign, refund));
        const isWhole = known.length > 0 && fenOf(known) >= fenOf(distinctOf(sent, 'paid'));
        if (win.state === 'live' && isWhole)
          report(atMs, `${win.id} of ${win.member}: order ${order} was refunded, and its win stands`);
        if (win.state === 'revoked' && refunds.length === 0)
          report(atMs, `${win.id} of ${win.member}: revoked, though order ${order} was never refunded`);
      }
    },
  }),
};
