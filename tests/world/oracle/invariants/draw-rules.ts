import type { Campaign } from '../campaigns.ts';
import type { Definition, Ledger, SentOrder } from '../ledger.ts';
import type { Members } from '../members.ts';

export type FreeOrders = NonNullable<Definition['freeOrders']>;

/**
 * The tiers by which a member's order may be judged: all that were ever sent for the member. An order is judged by the tier that
 * is known when it is judged, whatever the order's time.
 */
const tiersOf = (ledger: Ledger, { member }: SentOrder): Set<string> =>
  new Set((ledger.tiers.get(member) ?? []).map(({ tier }) => tier));

/** Whether the order was sent as one event, and with one content only. */
export const isClear = (ledger: Ledger, { member, order, eventId }: SentOrder): boolean =>
  ledger.orders.get(eventId)!.length === 1 &&
  ledger.ofOrder(member, order).filter(({ kind }) => kind === 'paid').length === 1;

/** Why an order itself cannot win; undefined if it can. Limits, quota and budget are not checked here. */
export const whyNot = (
  ledger: Ledger,
  { definition, startsMs, plannedMs }: Campaign,
  order: SentOrder,
): string | undefined => {
  const rules = definition.freeOrders!;
  const { timeMs, channel, store, fen, member } = order;
  if (timeMs < startsMs || timeMs >= plannedMs) return 'outside of the campaign';
  if (!rules.channels.includes(channel)) return `channel ${channel}`;
  if (rules.stores !== undefined && !rules.stores.includes(store ?? '')) return `store ${store}`;
  if (rules.blockedMembers?.includes(member)) return 'member blocked';
  if (fen < (rules.minimumPaidFen ?? 1)) return `${fen} fen paid`;
  if (rules.tiers !== undefined) {
    const tiers = tiersOf(ledger, order);
    if (!rules.tiers.some((tier) => tiers.has(tier))) return `tier ${[...tiers].join(' or ') || 'none'}`;
  }
  return undefined;
};

/**
 * Whether an order's tier is certainly allowed: the tier that was known when the order was sent is allowed, and so is each tier
 * that became known later.
 */
export const hasClearTier = (members: Members, rules: FreeOrders, { member, sentMs }: SentOrder): boolean =>
  rules.tiers === undefined ||
  members.tiersSince(member, sentMs).every((tier) => rules.tiers!.includes(tier));
