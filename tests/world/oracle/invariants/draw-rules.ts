import type { Campaign } from '../campaigns.ts';
import type { Definition, Ledger, SentOrder } from '../ledger.ts';

export type FreeOrders = NonNullable<Definition['freeOrders']>;

const MINUTE_MS = 60_000;

/**
 * The tiers by which a member's order may be judged. It is judged by the tier that is known at that moment, whatever the
 * order's time.
 */
const tiersOf = (ledger: Ledger, { member }: SentOrder): Set<string> =>
  new Set((ledger.tiers.get(member) ?? []).map(({ tier }) => tier));

/** Whether the order was sent well before it was judged, and with one content only. */
export const isClear = (ledger: Ledger, { member, order, eventId }: SentOrder): boolean =>
  ledger.orders.get(eventId)!.length === 1 &&
  ledger.ofOrder(member, order).filter(({ kind }) => kind === 'paid').length === 1;

/** Why an order itself cannot win; undefined if it can. Limits, quota and budget are not checked here. */
export const whyNot = (
  ledger: Ledger,
  { definition, startsMs, endsMs }: Campaign,
  order: SentOrder,
): string | undefined => {
  const rules = definition.freeOrders!;
  const { timeMs, channel, store, fen, member } = order;
  if (timeMs < startsMs || timeMs >= endsMs) return 'outside of the campaign';
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
 * Whether an order's tier is certain to be allowed: all tiers of the member were sent long before the order, and the rules
 * allow both the tier at the order's time and every later one, by which a late order is judged.
 */
export const hasClearTier = (ledger: Ledger, rules: FreeOrders, order: SentOrder): boolean => {
  if (rules.tiers === undefined) return true;
  const told = ledger.tiers.get(order.member) ?? [];
  const before = told.filter(({ timeMs }) => timeMs <= order.timeMs);
  const latest = before.toSorted((a, b) => b.timeMs - a.timeMs)[0];
  const since = told.filter(({ timeMs }) => timeMs > order.timeMs);
  return (
    latest !== undefined &&
    [latest, ...since].every(({ tier }) => rules.tiers!.includes(tier)) &&
    told.every(({ sentMs, timeMs }) => sentMs < order.sentMs - 10 * MINUTE_MS && timeMs !== order.timeMs)
  );
};
