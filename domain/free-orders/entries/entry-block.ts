/** The orders of a draw as its blocks store them: packed, so that a losing order costs a fraction of a write. */
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { compareText } from '#platform/collections.ts';
import { deflate, inflate } from '#platform/compression.ts';
import { fingerprintOf } from '#platform/hash.ts';
import { PSEUDONYM_CHARS } from '../draw/commitment.ts';
import { readIds, writeIds } from './id-column.ts';
import type { Judged, StoredOrder } from './kept-order.ts';

/** DynamoDB's limit for an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_BLOCK_BYTES = 390_000;
const FORMAT_VERSION = 3;
/** The previous format, in which blocks do not say when their orders were judged. */
const UNDATED_VERSION = 2;

/** An order's flags, which are added up into one number. */
const NEAR = 1;
const FIRST_ORDER = 2;
const PSEUDONYMIZED = 4;
const BLOCKED = 8;
/** The member was erased: the column of members has the erased member's name (`tombstones.ts`), followed by the pseudonym. */
const ERASED = 16;

export type EntryBlock = {
  /** A hash of the body: the same orders, judged at the same time, give the same block, so writing it again changes nothing. */
  id: string;
  /** At most {@link MAX_BLOCK_BYTES}. */
  body: Uint8Array;
};

const memberOf = (order: StoredOrder): string =>
  'memberId' in order ? order.memberId + (order.erased?.pseudonym ?? '') : order.pseudonym;

const flagsOf = (order: StoredOrder): number =>
  (order.channel === 'near' ? NEAR : 0) +
  (order.firstOrder ? FIRST_ORDER : 0) +
  ('memberId' in order
    ? order.erased === undefined
      ? 0
      : ERASED + (order.erased.blocked ? BLOCKED : 0)
    : PSEUDONYMIZED + (order.blocked ? BLOCKED : 0));

const keyOf = (order: StoredOrder): string =>
  JSON.stringify([
    order.orderId,
    memberOf(order),
    flagsOf(order),
    order.storeId,
    order.paidFen,
    order.tier,
    order.timeMs,
  ]);

/** The orders without repetitions, sorted by content alone. They are sorted by time first, so that its steps are small. */
const canonical = (orders: readonly StoredOrder[]): StoredOrder[] =>
  [...new Map(orders.map((order) => [keyOf(order), order]))]
    .sort(([keyA, a], [keyB, b]) => a.timeMs - b.timeMs || compareText(keyA, keyB))
    .map(([, order]) => order);

const packBody = (orders: readonly StoredOrder[], judgedMs: number): Uint8Array => {
  const raw = new ByteWriter();
  const columns = new ByteWriter();
  // Column by column, not order by order: neighbours in a column are similar, which deflate makes use of.
  writeIds(
    orders.map(({ orderId }) => orderId),
    columns,
    raw,
  );
  writeIds(orders.map(memberOf), columns, raw);
  let previousMs = 0;
  for (const { timeMs } of orders) {
    columns.uint(timeMs - previousMs);
    previousMs = timeMs;
  }
  for (const { paidFen } of orders) columns.uint(paidFen);
  for (const order of orders) columns.uint(flagsOf(order));
  for (const { storeId } of orders) columns.text(storeId);
  for (const { tier } of orders) columns.text(tier);
  const rawBytes = raw.bytes();
  const body = new ByteWriter();
  body.uint(FORMAT_VERSION);
  body.uint(judgedMs);
  body.uint(orders.length);
  body.uint(rawBytes.length);
  body.raw(rawBytes);
  body.raw(deflate(columns.bytes(), 9));
  return body.bytes();
};

/**
 * Packs orders that were judged at the time `judgedMs` (since the epoch) into blocks: one, unless that would be too large for
 * an item. A pure function of the set of orders and the time.
 */
export const packOrders = (orders: readonly StoredOrder[], judgedMs: number): EntryBlock[] =>
  packCanonical(canonical(orders), judgedMs);

/**
 * The body of a block in which `change` has replaced some orders; undefined if it has replaced none. The block keeps its id,
 * because the manifest of a closed slot names it.
 */
export const repackOrders = (
  body: Uint8Array,
  change: (order: StoredOrder) => StoredOrder,
): Uint8Array | undefined => {
  const judged = unpackOrders(body);
  const orders = judged.map(({ order }) => change(order));
  return judged.some(({ order }, i) => order !== orders[i])
    ? packBody(canonical(orders), judged[0]!.judgedMs)
    : undefined;
};

const packCanonical = (orders: readonly StoredOrder[], judgedMs: number): EntryBlock[] => {
  if (orders.length === 0) return [];
  const body = packBody(orders, judgedMs);
  if (body.length > MAX_BLOCK_BYTES) {
    const middle = orders.length >> 1;
    return [
      ...packCanonical(orders.slice(0, middle), judgedMs),
      ...packCanonical(orders.slice(middle), judgedMs),
    ];
  }
  return [{ id: fingerprintOf(body), body }];
};

/** Reads the columns of a block, which are the same in both versions. */
const readColumns = (reader: ByteReader): StoredOrder[] => {
  const stated = reader.uint();
  const raw = new ByteReader(reader.raw(reader.uint()));
  const columns = new ByteReader(inflate(reader.rest()));
  const count = columns.holding(stated);
  const column = <Value>(read: () => Value): Value[] => Array.from({ length: count }, read);
  const orderIds = readIds(count, columns, raw);
  const members = readIds(count, columns, raw);
  const ages = column(() => columns.uint());
  const paid = column(() => columns.uint());
  const flags = column(() => columns.uint());
  const stores = column(() => columns.text());
  const tiers = column(() => columns.text());
  let timeMs = 0;
  return orderIds.map((orderId, i): StoredOrder => {
    timeMs += ages[i]!;
    const has = (flag: number): boolean => (flags[i]! & flag) !== 0;
    const facts = {
      orderId,
      timeMs,
      channel: has(NEAR) ? ('near' as const) : ('far' as const),
      storeId: stores[i]!,
      paidFen: paid[i]!,
      tier: tiers[i]!,
      firstOrder: has(FIRST_ORDER),
    };
    const member = members[i]!;
    if (has(PSEUDONYMIZED)) return { ...facts, pseudonym: member, blocked: has(BLOCKED) };
    if (!has(ERASED)) return { ...facts, memberId: member };
    const erased = { pseudonym: member.slice(-PSEUDONYM_CHARS), blocked: has(BLOCKED) };
    return { ...facts, memberId: member.slice(0, -PSEUDONYM_CHARS), erased };
  });
};

/**
 * Reads a block's orders back. Blocks of the previous version are still read, and count as judged before all others: a
 * deployment in the middle of a sale leaves both versions. Throws RangeError for other versions and for bytes that are not a
 * block.
 */
export const unpackOrders = (body: Uint8Array): Judged[] => {
  const reader = new ByteReader(body);
  const version = reader.uint();
  switch (version) {
    case FORMAT_VERSION: {
      const judgedMs = reader.uint();
      return readColumns(reader).map((order) => ({ order, judgedMs }));
    }
    case UNDATED_VERSION:
      return readColumns(reader).map((order) => ({ order, judgedMs: 0 }));
    default:
      throw new RangeError(
        `entry block version: expected ${UNDATED_VERSION} or ${FORMAT_VERSION}, got ${version}`,
      );
  }
};
