/** The orders of a draw as its blocks keep them: packed, so that a loser costs a fraction of a write. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ByteReader, ByteWriter } from '#lambdas/shared/bytes.ts';
import { fingerprintOf } from '#lambdas/shared/hash.ts';
import type { Pseudonyms } from './commitment.ts';
import type { Entry } from './entry.ts';
import type { Rules } from './rules.ts';

/** DynamoDB's limit of an item is 400 KB; what remains is for the keys and attribute names. */
export const MAX_BLOCK_BYTES = 390_000;
const FORMAT_VERSION = 1;

/** An order as it is kept. The member stands by its own id: pseudonyms are for those outside. */
export type KeptOrder = {
  orderId: string;
  memberId: string;
  timeMs: number;
  channel: 'far' | 'near';
  /** '' for a far order. */
  storeId: string;
  paidFen: number;
  /** '' where the member has none, or where the rules do not ask. */
  tier: string;
  firstOrder: boolean;
};

export type Block = {
  /** A hash of the content: the same orders give the same block, so that writing it again changes nothing. */
  id: string;
  /** At most {@link MAX_BLOCK_BYTES}. */
  body: Uint8Array;
};

/** The entry of a kept order, as the draw and third parties see it. */
export const toEntry = (
  order: KeptOrder,
  rules: Rules,
  pseudonyms: Pseudonyms,
  refunded: boolean,
): Entry => ({
  orderId: order.orderId,
  member: pseudonyms.of(order.memberId),
  timeMs: order.timeMs,
  channel: order.channel,
  storeId: order.storeId === '' ? null : order.storeId,
  paidFen: order.paidFen,
  tier: order.tier === '' ? null : order.tier,
  firstOrder: order.firstOrder,
  blocked: rules.blockedMembers.has(order.memberId),
  refunded,
});

const keyOf = (order: KeptOrder): string =>
  JSON.stringify([
    order.orderId,
    order.memberId,
    order.timeMs,
    order.channel,
    order.storeId,
    order.paidFen,
    order.tier,
    order.firstOrder,
  ]);

/** The orders as a set, in an order that depends on nothing but their content. */
const canonical = (orders: readonly KeptOrder[]): KeptOrder[] =>
  [...new Map(orders.map((order) => [keyOf(order), order]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, order]) => order);

/** Neighbours in a column resemble each other, which is what deflate lives on. */
const textColumn = (writer: ByteWriter, values: readonly string[]): void => {
  for (const value of values) writer.text(value);
};

const packBody = (orders: readonly KeptOrder[]): Uint8Array => {
  const columns = new ByteWriter();
  const firstMs = Math.min(...orders.map(({ timeMs }) => timeMs));
  columns.uint(firstMs);
  textColumn(
    columns,
    orders.map(({ orderId }) => orderId),
  );
  textColumn(
    columns,
    orders.map(({ memberId }) => memberId),
  );
  for (const { timeMs } of orders) columns.uint(timeMs - firstMs);
  for (const { paidFen } of orders) columns.uint(paidFen);
  for (const { channel, firstOrder } of orders) {
    columns.uint((channel === 'near' ? 1 : 0) + (firstOrder ? 2 : 0));
  }
  textColumn(
    columns,
    orders.map(({ storeId }) => storeId),
  );
  textColumn(
    columns,
    orders.map(({ tier }) => tier),
  );
  const body = new ByteWriter();
  body.uint(FORMAT_VERSION);
  body.uint(orders.length);
  body.raw(deflateRawSync(columns.bytes(), { level: 9 }));
  return body.bytes();
};

/** Packs orders into blocks, several only where one would outgrow an item: a pure function of the set of orders. */
export const packOrders = (orders: readonly KeptOrder[]): Block[] => packCanonical(canonical(orders));

const packCanonical = (orders: readonly KeptOrder[]): Block[] => {
  if (orders.length === 0) return [];
  const body = packBody(orders);
  if (body.length > MAX_BLOCK_BYTES) {
    const middle = orders.length >> 1;
    return [...packCanonical(orders.slice(0, middle)), ...packCanonical(orders.slice(middle))];
  }
  return [{ id: fingerprintOf(body), body }];
};

/** Reads a block's orders back. Throws RangeError for bytes that are no block. */
export const unpackOrders = (body: Uint8Array): KeptOrder[] => {
  const reader = new ByteReader(body);
  const version = reader.uint();
  if (version !== FORMAT_VERSION) {
    throw new RangeError(`entry block version: expected ${FORMAT_VERSION}, got ${version}`);
  }
  const count = reader.uint();
  const columns = new ByteReader(inflateRawSync(reader.rest()));
  const column = <Value>(read: () => Value): Value[] => Array.from({ length: count }, read);
  const firstMs = columns.uint();
  const orderIds = column(() => columns.text());
  const memberIds = column(() => columns.text());
  const ages = column(() => columns.uint());
  const paid = column(() => columns.uint());
  const flags = column(() => columns.uint());
  const stores = column(() => columns.text());
  const tiers = column(() => columns.text());
  return orderIds.map((orderId, i) => ({
    orderId,
    memberId: memberIds[i]!,
    timeMs: firstMs + ages[i]!,
    channel: (flags[i]! & 1) === 1 ? 'near' : 'far',
    storeId: stores[i]!,
    paidFen: paid[i]!,
    tier: tiers[i]!,
    firstOrder: (flags[i]! & 2) === 2,
  }));
};
