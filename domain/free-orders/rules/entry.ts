/** An order as the draw sees it, and the closed set of a slot. */
import type { Pseudonyms } from '../draw/commitment.ts';
import type { Rules } from './rules.ts';

/**
 * Everything that decides about one order, and nothing else: who holds the entries and the rules can judge again.
 * `member` is the member's pseudonym (see commitment.ts), so that entries can be given to third parties.
 */
export type Entry = {
  orderId: string;
  member: string;
  /** The order's own time, in ms since the epoch. */
  timeMs: number;
  channel: 'far' | 'near';
  /** Null for a far order. */
  storeId: string | null;
  paidFen: number;
  /** The member's tier when the order was judged; null for a member without one, or where the rules ask for none. */
  tier: string | null;
  /** No earlier order of this member was known; false where the rules do not ask. */
  firstOrder: boolean;
  /** The member is on the campaign's list of blocked members. */
  blocked: boolean;
  /** The order was given back before it was drawn. */
  refunded: boolean;
};

/** What an `order.paid` event says. */
type PaidOrder = {
  orderId: string;
  memberId: string;
  timeMs: number;
  channel: 'far' | 'near';
  storeId?: string | undefined;
  amountFen: number;
};

/** The entry of an order, which is not refunded yet, with what is known of its member at that moment. */
export const entryOfOrder = (
  order: PaidOrder,
  member: Pick<Entry, 'tier' | 'firstOrder'>,
  rules: Rules,
  pseudonyms: Pseudonyms,
): Entry => {
  return {
    orderId: order.orderId,
    member: pseudonyms.of(order.memberId),
    timeMs: order.timeMs,
    channel: order.channel,
    storeId: order.storeId ?? null,
    paidFen: order.amountFen,
    tier: member.tier,
    firstOrder: member.firstOrder,
    blocked: rules.blockedMembers.has(order.memberId),
    refunded: false,
  };
};

/**
 * An entry as text: its fields as a JSON array (RFC 8785). It is the entry's leaf in the slot's Merkle tree, and two
 * entries are equal when their texts are.
 */
export const entryText = (entry: Entry): string => {
  return JSON.stringify([
    entry.orderId,
    entry.member,
    entry.timeMs,
    entry.channel,
    entry.storeId,
    entry.paidFen,
    entry.tier,
    entry.firstOrder,
    entry.blocked,
    entry.refunded,
  ]);
};

/** The order of entries in a closed slot and in an export: by UTF-16 code units of the order id. */
export const byOrderId = (a: Entry, b: Entry): number =>
  a.orderId < b.orderId ? -1 : a.orderId > b.orderId ? 1 : 0;

/**
 * What a slot holds at the moment it is closed, as a pure function of two sets, the entries and the refunded order ids:
 * one entry an order, sorted. Of two different entries under one order id the one with the smaller text stays, so
 * that not even a producer's contradiction lets the order of arrival decide.
 */
export const closedSet = (entries: Iterable<Entry>, refundedOrderIds: Iterable<string>): Entry[] => {
  const refunded = new Set(refundedOrderIds);
  const byId = new Map<string, Entry>();
  for (const given of entries) {
    const entry = refunded.has(given.orderId) ? { ...given, refunded: true } : given;
    const known = byId.get(entry.orderId);
    if (known === undefined || entryText(entry) < entryText(known)) byId.set(entry.orderId, entry);
  }
  return [...byId.values()].sort(byOrderId);
};
