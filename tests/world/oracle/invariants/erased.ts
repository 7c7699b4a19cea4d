import type { Facts, Invariant } from '../invariant.ts';
import type { SeenGrant } from '../stored-grant.ts';
import { orderOfWin } from './winners.ts';

/** When the first event of a grant's order was sent, in ms since the epoch; undefined for a coupon of the presale. */
const sentMsOf = ({ ledger }: Facts, grant: SeenGrant): number | undefined => {
  const sent =
    grant.kind === 'coupon'
      ? (ledger.orders.get(grant.trigger) ?? [])
      : ledger.ofOrder(grant.member, orderOfWin(grant));
  return sent.length === 0 ? undefined : Math.min(...sent.map((one) => one.sentMs));
};

/**
 * Every member that was to be erased is erased: nothing is given for an order that was sent afterwards, the members table keeps
 * no item of the member, and the erasure ends. `tests/world/erased-ids.ts` checks that the member's id is in no table.
 */
export const erased: Invariant = {
  name: 'erased',
  begin: (facts, report) => ({
    onStep: ({ grantChanges, atMs }) => {
      if (facts.erasures.all().size === 0) return;
      for (const { before, after } of grantChanges) {
        const { erasedMs = Number.POSITIVE_INFINITY } = facts.erasures.of(after.member) ?? {};
        if (before === undefined && (sentMsOf(facts, after) ?? 0) > erasedMs)
          report(atMs, `${after.id}: given to ${after.member} for an order after its erasure`);
      }
    },
    atEnd: ({ atMs }) => {
      for (const member of facts.ledger.erasures)
        if (facts.erasures.of(member) === undefined) report(atMs, `${member}: expected to be erased`);
      for (const [member, { goneMs }] of facts.erasures.all()) {
        if (goneMs === undefined) report(atMs, `${member}: its erasure never came to an end`);
        if (facts.observer.items('members').has(member)) report(atMs, `${member}: erased, and remembered`);
      }
    },
  }),
};
