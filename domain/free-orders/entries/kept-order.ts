/** An order as a draw stores it, and its entry as the draw and third parties see it. */
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
  /** '' if the member has no tier, or if the rules do not ask for it. */
  tier: string;
  firstOrder: boolean;
};

/**
 * An order that may win: it keeps its member's id, because a win goes to the member. If the member was
 * erased, `memberId` is the name of the erased member (see `tombstones.ts`), and `erased` holds what can no
 * longer be computed from the id.
 */
export type KeptOrder = StoredOrderFields & {
  memberId: string;
  erased?: { pseudonym: string; blocked: boolean };
};

/** An order that can no longer win: of its member it keeps only the export's pseudonym, which is usually shorter than the id. */
export type PseudonymizedOrder = StoredOrderFields & { pseudonym: string; blocked: boolean };

export type StoredOrder = KeptOrder | PseudonymizedOrder;

/** Replaces a member's id with the pseudonym. This cannot be undone. */
export const pseudonymize = (
  { memberId, erased, ...facts }: KeptOrder,
  rules: Rules,
  pseudonyms: Pseudonyms,
): PseudonymizedOrder => ({
  ...facts,
  pseudonym: erased?.pseudonym ?? pseudonyms.of(memberId),
  blocked: erased?.blocked ?? rules.blockedMembers.has(memberId),
});

/** The same order with an erased member's name in place of the id: it may still win, and its entry stays as it is. */
export const withoutMemberId = (
  order: KeptOrder,
  name: string,
  rules: Rules,
  pseudonyms: Pseudonyms,
): KeptOrder => {
  const { pseudonym, blocked } = pseudonymize(order, rules, pseudonyms);
  return { ...order, memberId: name, erased: { pseudonym, blocked } };
};

/** The name of an order's entry: the order's id, and its member as third parties see it. */
export const nameOf = (
  order: StoredOrder,
  pseudonyms: Pseudonyms,
): Pick<DrawEntry, 'orderId' | 'member'> => ({
  orderId: order.orderId,
  member: 'memberId' in order ? (order.erased?.pseudonym ?? pseudonyms.of(order.memberId)) : order.pseudonym,
});

/** An order, and when it was judged, in ms since the epoch. */
export type Judged<Order extends StoredOrder = StoredOrder> = { order: Order; judgedMs: number };

/** Returns the order if it still has its member's id. Throws for a pseudonymized order. */
export const requireMemberId = (order: StoredOrder): KeptOrder => {
  if ('memberId' in order) return order;
  throw new Error("order: expected its member's id, got a pseudonym");
};

/** The entry of a stored order, as the draw and third parties see it. */
export const toEntry = (
  order: StoredOrder,
  rules: Rules,
  pseudonyms: Pseudonyms,
  givenBackFen: number,
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
    givenBackFen,
  };
};
