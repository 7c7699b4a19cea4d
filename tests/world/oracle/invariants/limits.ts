import type { Facts, Invariant, Report, Seen } from '../invariant.ts';
import type { Definition } from '../ledger.ts';
import type { SeenGrant } from '../stored-grant.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const DEFAULT_DAY_OFFSET_MINUTES = 480;

/** The day of a win, by the campaign's own midnight. */
const dayOf = ({ dayOffsetMinutes }: { dayOffsetMinutes?: number }, timeMs: number): number =>
  Math.floor((timeMs + (dayOffsetMinutes ?? DEFAULT_DAY_OFFSET_MINUTES) * MINUTE_MS) / DAY_MS);

/** The limits that a grant counts towards, each with its maximum. */
const countersOf = (grant: SeenGrant, { coupons, freeOrders }: Definition): [name: string, max: number][] => {
  const { campaignId, member, kind, grantedMs, reason } = grant;
  if (kind === 'coupon') return [[`coupons of ${member} in ${campaignId}`, coupons?.perMemberLimit ?? 0]];
  if (freeOrders === undefined) return [[`free orders in ${campaignId}`, 0]];
  const { quota, perMember, perMemberPerDay, prizes, mode } = freeOrders;
  const wins: [string, number | undefined][] = [
    [`wins in ${campaignId}`, quota],
    [`wins of ${member} in ${campaignId}`, perMember],
    [`wins of ${member} in ${campaignId} on day ${dayOf(freeOrders, grantedMs)}`, perMemberPerDay],
    [`wins in slot ${String(reason.drawSlot)} of ${campaignId}`, mode === 'slot' ? prizes : undefined],
  ];
  return wins.filter((one): one is [string, number] => one[1] !== undefined);
};

const begin = ({ campaigns }: Facts, report: Report) => {
  const counts = new Map<string, number>();
  return {
    onStep: ({ grantChanges, atMs }: Seen) => {
      for (const { before, after } of grantChanges) {
        if (before !== undefined) continue;
        const campaign = campaigns.get(after.campaignId);
        if (campaign === undefined) {
          report(atMs, `${after.id}: expected a campaign that was opened`);
          continue;
        }
        for (const [name, max] of countersOf(after, campaign.definition)) {
          const count = (counts.get(name) ?? 0) + 1;
          counts.set(name, count);
          if (count > max) report(atMs, `${name}: expected at most ${max}, got ${count}`);
        }
      }
    },
  };
};

/**
 * No member has more coupons than the definition allows. The wins of a member, of a member on one day, of a slot and of
 * a campaign stay within its limits too.
 */
export const limits: Invariant = { name: 'limits', begin };
