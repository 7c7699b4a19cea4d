/** An order as the draw sees it, and the closed set of a slot. */

/**
 * Everything that decides about one order, and nothing else: whoever has the entries and the rules can judge again.
 * `member` is the member's pseudonym (see commitment.ts), so that entries can be given to third parties.
 */
export type DrawEntry = {
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
  /** The order was refunded before it was drawn. */
  refunded: boolean;
};

/**
 * An entry as text: its fields as a JSON array (RFC 8785). It is the entry's leaf in the slot's Merkle tree, and two
 * entries are equal when their texts are.
 */
export const entryText = (entry: DrawEntry): string => {
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
export const byOrderId = (a: DrawEntry, b: DrawEntry): number =>
  a.orderId < b.orderId ? -1 : a.orderId > b.orderId ? 1 : 0;

/**
 * What a slot holds at the moment it is closed, as a pure function of two sets, the entries and the refunded order ids:
 * one entry an order, sorted. Of two different entries under one order id the one with the smaller text stays, so that
 * the order of arrival does not decide, even where a producer contradicts itself.
 */
export const closedSet = (entries: Iterable<DrawEntry>, refundedOrderIds: Iterable<string>): DrawEntry[] => {
  const refunded = new Set(refundedOrderIds);
  const byId = new Map<string, DrawEntry>();
  for (const given of entries) {
    const entry = refunded.has(given.orderId) ? { ...given, refunded: true } : given;
    const known = byId.get(entry.orderId);
    if (known === undefined || entryText(entry) < entryText(known)) byId.set(entry.orderId, entry);
  }
  return [...byId.values()].sort(byOrderId);
};
