/** An order on its way into an export or into the draw of a slot, and the format in which objects store such orders. */
import { compress, decompress } from '#platform/compression.ts';
import { byPrecedence, type DrawEntry } from '../rules/entry.ts';
import type { DrawOutcome } from '../rules/reasons.ts';

/** An order as one block holds it. Several records of one entry may contradict each other. */
export type ExportRecord = {
  entry: DrawEntry;
  judgedMs: number;
  /** As 16 hexadecimal digits; null for an ineligible order, and for every order before its slot is drawn. */
  ticket: string | null;
  /** In slot mode, an order that may win is 'not-drawn' until all orders of its slot are known. */
  outcome: DrawOutcome;
  awardFen: number;
  paidOutFen: number;
  /**
   * `stored`: a win or a refusal in the tables says how the order ended. `derived`: it follows from the order, or from what all
   * wins used up. `unknown`: the order has a winning ticket, and nothing explains why it did not win.
   */
  by: 'stored' | 'derived' | 'unknown';
  /** Set for an order that may win in its slot, and for every order while its slot is drawn; otherwise ''. */
  memberId: string;
  /** Whether the member was erased; `memberId` is then the name that replaced the id. */
  erased?: true;
};

type Packed = [
  entry: [
    orderId: string,
    member: string,
    timeMs: number,
    channel: DrawEntry['channel'],
    storeId: string | null,
    paidFen: number,
    tier: string | null,
    firstOrder: boolean,
    blocked: boolean,
    givenBackFen: number,
  ],
  judgedMs: number,
  ticket: string | null,
  outcome: DrawOutcome,
  awardFen: number,
  paidOutFen: number,
  by: ExportRecord['by'],
  memberId: string,
  erased: 0 | 1,
];

const toPacked = ({ entry, ...record }: ExportRecord): Packed => [
  [
    entry.orderId,
    entry.member,
    entry.timeMs,
    entry.channel,
    entry.storeId,
    entry.paidFen,
    entry.tier,
    entry.firstOrder,
    entry.blocked,
    entry.givenBackFen,
  ],
  record.judgedMs,
  record.ticket,
  record.outcome,
  record.awardFen,
  record.paidOutFen,
  record.by,
  record.memberId,
  record.erased ? 1 : 0,
];

const fromPacked = ([
  entry,
  judgedMs,
  ticket,
  outcome,
  awardFen,
  paidOutFen,
  by,
  memberId,
  erased,
]: Packed): ExportRecord => {
  const [orderId, member, timeMs, channel, storeId, paidFen, tier, firstOrder, blocked, givenBackFen] = entry;
  return {
    entry: { orderId, member, timeMs, channel, storeId, paidFen, tier, firstOrder, blocked, givenBackFen },
    judgedMs,
    ticket,
    outcome,
    awardFen,
    paidOutFen,
    by,
    memberId,
    ...(erased === 1 ? { erased: true } : {}),
  };
};

export const packRecords = (records: readonly ExportRecord[]): Uint8Array =>
  compress(Buffer.from(JSON.stringify(records.map(toPacked))));

export const unpackRecords = (bytes: Uint8Array): ExportRecord[] =>
  (JSON.parse(Buffer.from(decompress(bytes)).toString()) as Packed[]).map(fromPacked);

/**
 * The record that counts among those of one entry: the one that the tables confirm, else the first by {@link byPrecedence} that
 * explains the outcome. The others come from repeated deliveries, or from other events of the order. Throws if no record
 * explains the outcome: then the draw is not over.
 */
export const standingRecord = (records: readonly ExportRecord[]): ExportRecord => {
  if (records.length === 1 && records[0]!.by !== 'unknown') return records[0]!;
  const stored = records.find(({ by }) => by === 'stored');
  const [derived] = records.filter(({ by }) => by === 'derived').sort(byPrecedence);
  const standing = stored ?? derived;
  if (standing !== undefined) return standing;
  throw new Error(
    `${records.length} records of an order: expected its winning ticket to be granted or refused, got neither`,
  );
};
