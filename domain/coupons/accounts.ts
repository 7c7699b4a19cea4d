import { orderKeyOf } from '#domain/grants/coupon-account.ts';
import { type OrderLine, readLine, unionOf, writeLine } from '#domain/grants/order-line.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { DAY_MS } from '#platform/duration.ts';

/**
 * The lines of a member's latest orders. They are kept because an order comes in parts, its refunds may come before it, and
 * a coupon may be named by a later part. A coupon's own account holds what it needs for good; this is what no coupon holds yet.
 */

/** Orders that are kept. Those of refunds that came before their order are kept beside them, see {@link MAX_EARLY_ORDERS}. */
const MAX_ORDERS = 7;
/** Lines of one order that are kept; a further one is refused, and told. */
export const MAX_ORDER_LINES = 100;
/** A queue holds a message for 14 days, so an order may come so much later than its refund, and so many orders wait for that. */
const EARLY_REFUND_MS = 14 * DAY_MS;
const MAX_EARLY_ORDERS = 64;

/** Larger than the number of orders that an older version began with. */
const FORMAT = 0x7f;
const ORDER_KEY_BYTES = 6;
const OLD_KEY_BYTES = 8;

/** `order` as of `orderKeyOf`. */
type OrderAccount = { order: string; lines: OrderLine[] };

/** The lines of the latest orders, the one that was changed the longest ago first. */
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

/** What an older version wrote: sums by order. */
const decodeSums = (reader: ByteReader, count: number): Accounts => {
  const orders: OrderAccount[] = [];
  for (let i = 0; i < count; i++) {
    // Both keys begin the same digest.
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
  if (first !== FORMAT) return decodeSums(reader, first);
  const hasEvicted = reader.uint() === 1;
  const orders: OrderAccount[] = [];
  while (!reader.isAtEnd()) {
    const order = Buffer.from(reader.raw(ORDER_KEY_BYTES)).toString('hex');
    const baseMs = reader.uint();
    orders.push({ order, lines: Array.from({ length: reader.uint() }, () => readLine(reader, baseMs)) });
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
 * What is known of an order: its lines, and whether there may have been more that are forgotten. That may be so of one that is known too:
 * a refund after its eviction begins its account anew.
 */
export type KnownOrder = { lines: OrderLine[]; mayHaveGone: boolean };

export const knownOrder = (accounts: Uint8Array, orderId: string): KnownOrder => {
  const { orders, hasEvicted } = decode(accounts);
  const found = orders.find(({ order }) => order === orderKeyOf(orderId));
  return { lines: found?.lines ?? [], mayHaveGone: hasEvicted };
};

/** Whether an order waits for a payment: only refunds of it are known, which came lately before `newestMs`. */
const isEarly = ({ lines }: OrderAccount, newestMs: number): boolean =>
  lines.every(({ kind, timeMs }) => kind === 'refunded' && timeMs > newestMs - EARLY_REFUND_MS);

/** The accounts with a line of an order, in place of the orders that were changed the longest ago. */
export const withLine = (accounts: Uint8Array, orderId: string, line: OrderLine): Uint8Array => {
  const { orders, hasEvicted } = decode(accounts);
  const order = orderKeyOf(orderId);
  const lines = unionOf(orders.find((one) => one.order === order)?.lines ?? [], [line]);
  const all = [...orders.filter((one) => one.order !== order), { order, lines }];
  const newestMs = Math.max(...all.flatMap((one) => one.lines.map(({ timeMs }) => timeMs)));
  const latest = new Set(all.slice(-MAX_ORDERS));
  const early = new Set(all.filter((one) => isEarly(one, newestMs)).slice(-MAX_EARLY_ORDERS));
  const kept = all.filter((one) => latest.has(one) || early.has(one));
  return encode({ orders: kept, hasEvicted: hasEvicted || kept.length < all.length });
};
