import { orderKeyOf } from '#domain/grants/coupon-account.ts';
import { type OrderLine, readLine, unionOf, writeLine } from '#domain/grants/order-line.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { DAY_MS } from '#platform/duration.ts';

/**
 * The lines of a member's latest orders. They are kept because an order may arrive in several parts, a refund may arrive before
 * its order, and a later part may be the one that names a coupon. From then on, the coupon's own account keeps the lines for
 * good.
 */

/** How many orders are kept. Orders known only by early refunds are kept in addition, up to {@link MAX_EARLY_ORDERS}. */
const MAX_ORDERS = 7;
/** Lines kept of one order. A further line is refused, and the refusal is published. */
export const MAX_ORDER_LINES = 100;
/** A queue holds a message for up to 14 days, so an order may arrive that much later than its refund. */
const EARLY_REFUND_MS = 14 * DAY_MS;
const MAX_EARLY_ORDERS = 64;

/** Marks this format. The older format began with its number of orders, which was always smaller. */
const FORMAT = 0x7f;
const ORDER_KEY_BYTES = 6;
const OLD_KEY_BYTES = 8;

/** `order` is the key from `orderKeyOf`. */
type OrderAccount = { order: string; lines: OrderLine[] };

/** The lines of the latest orders, the least recently changed one first. */
type Accounts = { orders: OrderAccount[]; hasEvicted: boolean };

const sumLine = (kind: OrderLine['kind'], key: string, fen: number, timeMs: number): OrderLine => ({
  id: `${key}${kind === 'paid' ? '0000' : '0001'}`,
  kind,
  channel: 'far',
  timeMs,
  fen,
  discountFen: -1,
  brand: '',
  source: '',
  coupon: '',
});

/** Reads the older format, which kept sums by order. */
const decodeSums = (reader: ByteReader, count: number): Accounts => {
  const orders: OrderAccount[] = [];
  for (let i = 0; i < count; i++) {
    // The old and the new key are prefixes of the same digest.
    const key = Buffer.from(reader.raw(OLD_KEY_BYTES)).subarray(0, ORDER_KEY_BYTES).toString('hex');
    const [paidFen, refundedFen, refundedMs] = [reader.uint(), reader.uint(), reader.uint()];
    const lines = [
      ...(paidFen > 0 ? [sumLine('paid', key, paidFen, refundedMs)] : []),
      ...(refundedFen > 0 ? [sumLine('refunded', key, refundedFen, refundedMs)] : []),
    ];
    orders.push({ order: key, lines });
  }
  return { orders, hasEvicted: true };
};

const decode = (bytes: Uint8Array): Accounts => {
  if (bytes.length === 0) return { orders: [], hasEvicted: false };
  const reader = new ByteReader(bytes);
  const first = reader.uint();
  if (first !== FORMAT) return decodeSums(reader, reader.holding(first));
  const hasEvicted = reader.uint() === 1;
  const orders: OrderAccount[] = [];
  while (!reader.isAtEnd()) {
    const order = Buffer.from(reader.raw(ORDER_KEY_BYTES)).toString('hex');
    const baseMs = reader.uint();
    orders.push({ order, lines: Array.from({ length: reader.count() }, () => readLine(reader, baseMs)) });
  }
  return { orders, hasEvicted };
};

const encode = ({ orders, hasEvicted }: Accounts): Uint8Array => {
  const writer = new ByteWriter();
  writer.uint(FORMAT);
  writer.uint(hasEvicted ? 1 : 0);
  for (const { order, lines } of orders) {
    const baseMs = lines[0]!.timeMs;
    writer.raw(Buffer.from(order, 'hex'));
    writer.uint(baseMs);
    writer.uint(lines.length);
    for (const line of lines) writeLine(writer, line, baseMs);
  }
  return writer.bytes();
};

/**
 * What is known of an order: its lines, and whether there may have been more that were dropped. An order with lines may have
 * lost others: a refund that comes after the order was dropped starts its account again.
 */
export type KnownOrder = { lines: OrderLine[]; mayHaveGone: boolean };

export const knownOrder = (accounts: Uint8Array, orderId: string): KnownOrder => {
  const { orders, hasEvicted } = decode(accounts);
  const key = orderKeyOf(orderId);
  const found = orders.find(({ order }) => order === key);
  return { lines: found?.lines ?? [], mayHaveGone: hasEvicted };
};

/** Whether an order still waits for its payment: all its lines are refunds from the 14 days before `newestMs`. */
const isEarly = ({ lines }: OrderAccount, newestMs: number): boolean =>
  lines.every(({ kind, timeMs }) => kind === 'refunded' && timeMs > newestMs - EARLY_REFUND_MS);

/** The latest orders among these, and those that still wait for their payment; the others are dropped. */
const keptOf = (all: readonly OrderAccount[]): OrderAccount[] => {
  const newestMs = Math.max(...all.flatMap((one) => one.lines.map(({ timeMs }) => timeMs)));
  const latest = new Set(all.slice(-MAX_ORDERS));
  const early = new Set(all.filter((one) => isEarly(one, newestMs)).slice(-MAX_EARLY_ORDERS));
  return all.filter((one) => latest.has(one) || early.has(one));
};

/** Adds a line of an order. The least recently changed orders are dropped to make room. */
export const withLine = (accounts: Uint8Array, orderId: string, line: OrderLine): Uint8Array => {
  const { orders, hasEvicted } = decode(accounts);
  const order = orderKeyOf(orderId);
  const lines = unionOf(orders.find((one) => one.order === order)?.lines ?? [], [line]);
  const all = [...orders.filter((one) => one.order !== order), { order, lines }];
  const kept = keptOf(all);
  return encode({ orders: kept, hasEvicted: hasEvicted || kept.length < all.length });
};

const newestOf = ({ lines }: OrderAccount): number => Math.max(...lines.map(({ timeMs }) => timeMs));

/** The lines of two ids of one member together. If there is no room for all, the orders that changed longest ago are dropped. */
export const mergedAccounts = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  if (one.length === 0 || other.length === 0) return one.length === 0 ? other : one;
  const [a, b] = [decode(one), decode(other)];
  const byOrder = Map.groupBy([...a.orders, ...b.orders], ({ order }) => order);
  const all = [...byOrder]
    .map(([order, accounts]) => ({ order, lines: unionOf(...accounts.map(({ lines }) => lines)) }))
    .sort((x, y) => newestOf(x) - newestOf(y));
  const kept = keptOf(all);
  return encode({ orders: kept, hasEvicted: a.hasEvicted || b.hasEvicted || kept.length < all.length });
};
