import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { digestOf } from '#platform/hash.ts';

/** What an order paid and what of it was refunded, as far as its events have arrived; `refundedMs` is 0 without a refund. */
export type Account = { paidFen: number; refundedFen: number; refundedMs: number };

/**
 * Accounts are kept for orders that have used no coupon so far but may still use one: a refund may come before its order, and
 * an order may pay at one brand before it pays at the brand whose amount lets it use its coupon. When an order uses a coupon,
 * its account moves into that coupon. Nothing shows whether a refund is early, so every refund without a coupon is kept until
 * this many other orders were. Far fewer events lie between two messages that change places.
 */
const MAX_ACCOUNTS = 8;
/** 64 bits of a hash of the order's id. */
const KEY_BYTES = 8;

type AccountEntry = { key: Buffer; account: Account };

const keyOf = (orderId: string): Buffer => digestOf(orderId).subarray(0, KEY_BYTES);

/** Oldest first. */
const decode = (bytes: Uint8Array): AccountEntry[] => {
  const entries: AccountEntry[] = [];
  const reader = new ByteReader(bytes);
  const count = bytes.length === 0 ? 0 : reader.uint();
  for (let i = 0; i < count; i++) {
    const key = Buffer.from(reader.raw(KEY_BYTES));
    entries.push({
      key,
      account: { paidFen: reader.uint(), refundedFen: reader.uint(), refundedMs: reader.uint() },
    });
  }
  return entries;
};

/** At most 241 bytes, about 18 an order. */
const encode = (entries: readonly AccountEntry[]): Uint8Array => {
  if (entries.length === 0) return new Uint8Array();
  const writer = new ByteWriter();
  writer.uint(entries.length);
  for (const { key, account } of entries) {
    writer.raw(key);
    writer.uint(account.paidFen);
    writer.uint(account.refundedFen);
    writer.uint(account.refundedMs);
  }
  return writer.bytes();
};

/** The account of an order; all zero where nothing is kept of it. */
export const accountOf = (accounts: Uint8Array, orderId: string): Account => {
  const key = keyOf(orderId);
  const entry = decode(accounts).find((other) => other.key.equals(key));
  return entry?.account ?? { paidFen: 0, refundedFen: 0, refundedMs: 0 };
};

/** The accounts with an order's set, in place of the one that was set the longest ago. */
export const withAccount = (accounts: Uint8Array, orderId: string, account: Account): Uint8Array => {
  const key = keyOf(orderId);
  const others = decode(accounts).filter((other) => !other.key.equals(key));
  return encode([...others, { key, account }].slice(-MAX_ACCOUNTS));
};

/** The accounts without an order's. */
export const withoutAccount = (accounts: Uint8Array, orderId: string): Uint8Array => {
  if (accounts.length === 0) return accounts;
  const key = keyOf(orderId);
  return encode(decode(accounts).filter((other) => !other.key.equals(key)));
};

export const withPayment = <Kept extends Account>(account: Kept, amountFen: number): Kept => ({
  ...account,
  paidFen: account.paidFen + amountFen,
});

export const withRefund = <Kept extends Account>(account: Kept, amountFen: number, timeMs: number): Kept => ({
  ...account,
  refundedFen: account.refundedFen + amountFen,
  refundedMs: Math.max(account.refundedMs, timeMs),
});
