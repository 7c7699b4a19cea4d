/** The lines of orders, as accounts keep them: each line is a payment or a refund. */
import type { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { digestOf } from '#platform/hash.ts';

/** 64 bits of an event's id: the probability that two lines of one member share them is below 10^-12. */
const ID_BYTES = 8;
/** 24 bits of a hash are enough to distinguish the brands, sources and coupons of one order. */
const HASH_BYTES = 3;

/** A payment of an order, or a refund. The lines of an order are a set: a redelivered event is the same line. */
export type OrderLine = {
  /** The first 64 bits of the event's id, as hexadecimal text. */
  id: string;
  kind: 'paid' | 'refunded';
  channel: 'far' | 'near';
  timeMs: number;
  fen: number;
  /** What discounts took off; -1 if the event does not say. */
  discountFen: number;
  /** Hashes, see {@link lineHashOf}; '' for a line without one. An unknown brand matches every brand. */
  brand: string;
  source: string;
  coupon: string;
};

/** The hash by which lines compare their brand, source or coupon. */
export const lineHashOf = (text: string): string =>
  text === '' ? '' : digestOf('line', text).subarray(0, HASH_BYTES).toString('hex');

export const lineIdOf = (eventId: string): string =>
  Buffer.from(eventId, 'base64url').subarray(0, ID_BYTES).toString('hex');

/** The line for an event. */
export const orderLineOf = (event: {
  id: string;
  kind: 'paid' | 'refunded';
  channel: 'far' | 'near';
  timeMs: number;
  amountFen: number;
  brand: string;
  couponId: string;
  source?: string;
  discountFen?: number;
}): OrderLine => ({
  id: lineIdOf(event.id),
  kind: event.kind,
  channel: event.channel,
  timeMs: event.timeMs,
  fen: event.amountFen,
  discountFen: event.discountFen ?? -1,
  brand: lineHashOf(event.brand),
  source: lineHashOf(event.source ?? ''),
  coupon: lineHashOf(event.couponId),
});

/** Sorts lines as refunds are applied to them: oldest first, and by id if times are equal. */
export const byAge = (a: OrderLine, b: OrderLine): number =>
  a.timeMs - b.timeMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The union of lines by their ids. If two lines share an id, the first one counts. */
export const unionOf = <Line extends OrderLine>(...lists: readonly (readonly Line[])[]): Line[] => {
  const lines = new Map<string, Line>();
  for (const line of lists.flat()) if (!lines.has(line.id)) lines.set(line.id, line);
  return [...lines.values()];
};

const FLAGS = { refunded: 1, near: 2, discount: 4, brand: 8, source: 16, coupon: 32 };

const writeHash = (writer: ByteWriter, hash: string): void => {
  if (hash !== '') writer.raw(Buffer.from(hash, 'hex'));
};

/** Packs a line, usually into 16 to 34 bytes. Times are stored relative to `baseMs`. */
export const writeLine = (writer: ByteWriter, line: OrderLine, baseMs: number): void => {
  writer.raw(Buffer.from(line.id, 'hex'));
  writer.uint(
    (line.kind === 'refunded' ? FLAGS.refunded : 0) |
      (line.channel === 'near' ? FLAGS.near : 0) |
      (line.discountFen < 0 ? 0 : FLAGS.discount) |
      (line.brand === '' ? 0 : FLAGS.brand) |
      (line.source === '' ? 0 : FLAGS.source) |
      (line.coupon === '' ? 0 : FLAGS.coupon),
  );
  writer.int(line.timeMs - baseMs);
  writer.uint(line.fen);
  if (line.discountFen >= 0) writer.uint(line.discountFen);
  writeHash(writer, line.brand);
  writeHash(writer, line.source);
  writeHash(writer, line.coupon);
};

export const readLine = (reader: ByteReader, baseMs: number): OrderLine => {
  const id = Buffer.from(reader.raw(ID_BYTES)).toString('hex');
  const flags = reader.uint();
  const hash = (flag: number): string =>
    (flags & flag) === 0 ? '' : Buffer.from(reader.raw(HASH_BYTES)).toString('hex');
  return {
    id,
    kind: (flags & FLAGS.refunded) === 0 ? 'paid' : 'refunded',
    channel: (flags & FLAGS.near) === 0 ? 'far' : 'near',
    timeMs: baseMs + reader.int(),
    fen: reader.uint(),
    discountFen: (flags & FLAGS.discount) === 0 ? -1 : reader.uint(),
    brand: hash(FLAGS.brand),
    source: hash(FLAGS.source),
    coupon: hash(FLAGS.coupon),
  };
};
