/**
 * An entry (an order as the draw sees it), how entries are sorted, and which of several judgements of one entry counts.
 */
import { compareText } from '#platform/collections.ts';

/**
 * Everything that decides one order's result, and nothing else: whoever has the entries and the rules can judge again. `member`
 * is the member's pseudonym (see commitment.ts), so that entries can be given to third parties.
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
  /** The member's tier when the order was judged; null for a member without one, or if the rules ask for none. */
  tier: string | null;
  /** Whether no earlier order of this member was known; false if the rules do not ask for it. */
  firstOrder: boolean;
  /**
   * Whether the member is on the campaign's list of blocked members, or was erased when the order was judged.
   */
  blocked: boolean;
  /** How much of the order had been refunded when it was drawn or, in slot mode, when its slot was closed; in fen. */
  givenBackFen: number;
};

/**
 * How a draw identifies entries, and what their texts and tickets are made of. It is fixed when the draw is opened. 1: an entry
 * is an order id, and any refund counts as a refund of the whole order. 2: an entry is one member's order, and a refund counts
 * with its amount.
 */
export type EntryFormat = 1 | 2;
export const ENTRY_FORMAT = 2;

/**
 * No pseudonym contains this character, so a joined name stands for exactly one pair of pseudonym and order
 * id.
 */
const SEPARATOR = '\u0000';

/** Names an entry within its draw. */
export const entryName = (
  { orderId, member }: Pick<DrawEntry, 'orderId' | 'member'>,
  format: EntryFormat,
): string => (format === 1 ? orderId : member + SEPARATOR + orderId);

/**
 * An entry as text: its fields as a JSON array (RFC 8785). It is the entry's leaf in the slot's Merkle tree, and two
 * entries are equal when their texts are.
 */
export const entryText = (entry: DrawEntry, format: EntryFormat): string =>
  JSON.stringify([
    entry.orderId,
    entry.member,
    entry.timeMs,
    entry.channel,
    entry.storeId,
    entry.paidFen,
    entry.tier,
    entry.firstOrder,
    entry.blocked,
    format === 1 ? entry.givenBackFen > 0 : entry.givenBackFen,
  ]);

/** The order of entries in a closed slot and in an export: by UTF-16 code units of the order id, then of the member. */
export const byOrderId = (a: DrawEntry, b: DrawEntry): number =>
  compareText(a.orderId, b.orderId) || compareText(a.member, b.member);

/** An entry as it was judged at a time, in ms since the epoch by the clock of whoever judged it. */
export type JudgedEntry = { entry: DrawEntry; judgedMs: number };

const ownText = ({ timeMs, channel, storeId, paidFen }: DrawEntry): string =>
  JSON.stringify([timeMs, channel, storeId, paidFen]);

/**
 * Decides which of several judgements of one entry counts. If the contents differ, the smallest text counts, so the order of
 * arrival never decides, even if a producer contradicts itself. If they are equal, the first judgement counts: later events of
 * the member never change it.
 */
export const byPrecedence = (a: JudgedEntry, b: JudgedEntry): number =>
  compareText(ownText(a.entry), ownText(b.entry)) ||
  a.judgedMs - b.judgedMs ||
  compareText(entryText(a.entry, ENTRY_FORMAT), entryText(b.entry, ENTRY_FORMAT));
