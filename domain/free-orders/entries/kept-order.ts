/** An order as a draw keeps it, and the entry that the draw and third parties see of it. */
import type { Pseudonyms } from '../draw/commitment.ts';
import type { DrawEntry } from '../rules/entry.ts';
import type { Rules } from '../rules/rules.ts';

type StoredOrderFields = {
  orderId: string;
  timeMs: number;
  channel: 'far' | 'near';
  /** '' for a far order. */
  storeId: string;
  paidFen: number;
  /** '' where the member has none, or where the rules do not ask. */
  tier: string;
  firstOrder: boolean;
};

/** An order that may win: its member stands by its own id, to which a win would go. */
export type KeptOrder = StoredOrderFields & { memberId: string };

/** An order that cannot win any more: its member is kept only as the export shows it, which is shorter. */
export type PseudonymizedOrder = StoredOrderFields & { pseudonym: string; blocked: boolean };

export type StoredOrder = KeptOrder | PseudonymizedOrder;

/** Takes a member's id from an order for good. */
export const pseudonymize = (
  { memberId, ...facts }: KeptOrder,
  rules: Rules,
  pseudonyms: Pseudonyms,
): PseudonymizedOrder => ({
  ...facts,
  pseudonym: pseudonyms.of(memberId),
  blocked: rules.blockedMembers.has(memberId),
});

/** The order of a block in which no member is pseudonymized. Throws for one that is. */
export const requireMemberId = (order: StoredOrder): KeptOrder => {
  if ('memberId' in order) return order;
  throw new Error(`order ${order.orderId}: expected its member's id, got a pseudonym`);
};

/** The entry of a kept order, as the draw and third parties see it. */
export const toEntry = (
  order: StoredOrder,
  rules: Rules,
  pseudonyms: Pseudonyms,
  refunded: boolean,
): DrawEntry => {
  const { pseudonym, blocked } = 'memberId' in order ? pseudonymize(order, rules, pseudonyms) : order;
  return {
    orderId: order.orderId,
    member: pseudonym,
    timeMs: order.timeMs,
    channel: order.channel,
    storeId: order.storeId === '' ? null : order.storeId,
    paidFen: order.paidFen,
    tier: order.tier === '' ? null : order.tier,
    firstOrder: order.firstOrder,
    blocked,
    refunded,
  };
};
