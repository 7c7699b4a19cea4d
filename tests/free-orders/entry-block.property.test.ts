import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pseudonyms } from '#domain/free-orders/draw/commitment.ts';
import { MAX_BLOCK_BYTES, packOrders, unpackOrders } from '#domain/free-orders/entries/entry-block.ts';
import { readIds, writeIds } from '#domain/free-orders/entries/id-column.ts';
import {
  type KeptOrder,
  pseudonymize,
  requireMemberId,
  type StoredOrder,
  toEntry,
} from '#domain/free-orders/entries/kept-order.ts';
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { bytes, instantRules, rulesWith, STARTS_AT_MS } from './factory.ts';

const RUNS = { numRuns: 1_000 };
const PSEUDONYMS = new Pseudonyms(bytes(9));
const RULES = rulesWith(instantRules({ blockedMembers: ['blocked'] }));

const hex = (digits: number) =>
  fc.string({ minLength: digits, maxLength: digits, unit: fc.constantFrom(...'0123456789abcdef') });
const upper = (text: string): string => text.toUpperCase();
/** Ids of every form, and texts that only nearly have a form that is stored as bits. */
const id = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  hex(32),
  hex(32).map(upper),
  fc.uuid(),
  fc.uuid().map(upper),
  fc.uuid().map((text) => upper(text.slice(0, 9)) + text.slice(9)),
  fc.uuid().map((text) => `${text}\n`),
  fc.uuid().map((text) => text.replace('-', '_')),
  hex(20),
  hex(20).map(upper),
  hex(31),
  hex(33),
  fc.nat().map((number) => `order-${String(number).padStart(9, '0')}`),
  fc.nat().map((number) => String(number).padStart(32, '0')),
);

const order: fc.Arbitrary<KeptOrder> = fc.record({
  orderId: id,
  memberId: fc.oneof(id, fc.constant('blocked')),
  timeMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  channel: fc.constantFrom('far', 'near'),
  storeId: fc.oneof(fc.constant(''), id),
  paidFen: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  tier: fc.oneof(fc.constant(''), id),
  firstOrder: fc.boolean(),
});
const stored: fc.Arbitrary<StoredOrder> = fc
  .tuple(order, fc.boolean())
  .map(([one, isPseudonymized]) => (isPseudonymized ? pseudonymize(one, RULES, PSEUDONYMS) : one));

const texts = (orders: readonly StoredOrder[]): string[] =>
  [...new Set(orders.map((one) => JSON.stringify(Object.entries(one).sort())))].sort();

describe('a column of ids', () => {
  it('reads back every id to the last character, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 20 }), (ids) => {
        const columns = new ByteWriter();
        const raw = new ByteWriter();
        writeIds(ids, columns, raw);
        const read = readIds(ids.length, new ByteReader(columns.bytes()), new ByteReader(raw.bytes()));
        expect(read).toEqual(ids);
      }),
      RUNS,
    );
  });

  it('refuses an unknown form', () => {
    const columns = new ByteReader(new Uint8Array([6]));
    expect(() => readIds(1, columns, new ByteReader(new Uint8Array()))).toThrow(RangeError);
  });
});

describe('a block of orders', () => {
  it('gives back the set of its orders, and is the same however they are sorted or repeated', () => {
    fc.assert(
      fc.property(fc.array(stored, { minLength: 1, maxLength: 20 }), fc.nat(), (orders, turn) => {
        const blocks = packOrders(orders, 5);
        expect(texts(blocks.flatMap(({ body }) => unpackOrders(body)).map(({ order: one }) => one))).toEqual(
          texts(orders),
        );
        const at = turn % orders.length;
        const others = [...orders.slice(at), ...orders.slice(0, at + 1)];
        expect(packOrders(others, 5)).toEqual(blocks);
      }),
      RUNS,
    );
  });

  it('keeps no member id of a pseudonymized order, which leads to the same entry as the whole order', () => {
    fc.assert(
      fc.property(order, fc.nat(), (one, fen) => {
        const pseudonymized = pseudonymize(one, RULES, PSEUDONYMS);
        const [judged] = packOrders([pseudonymized], 5).flatMap(({ body }) => unpackOrders(body));
        expect(toEntry(judged!.order, RULES, PSEUDONYMS, fen)).toEqual(toEntry(one, RULES, PSEUDONYMS, fen));
        expect(() => requireMemberId(judged!.order)).toThrow("expected its member's id");
        expect(requireMemberId(one)).toBe(one);
      }),
    );
  });

  it('of another version is refused', () => {
    expect(() => unpackOrders(new Uint8Array([1, 0, 0]))).toThrow(
      'entry block version: expected 2 or 3, got 1',
    );
  });

  it('outgrows no item: more orders than fit become several blocks', () => {
    const many = Array.from(
      { length: 12_000 },
      (_, i): KeptOrder => ({
        orderId: PSEUDONYMS.of(`o${i}`) + PSEUDONYMS.of(`p${i}`).slice(0, 12),
        memberId: PSEUDONYMS.of(`m${i}`) + PSEUDONYMS.of(`n${i}`).slice(0, 12),
        timeMs: STARTS_AT_MS + i,
        channel: 'near',
        storeId: 'store-1',
        paidFen: 1_000 + i,
        tier: '',
        firstOrder: false,
      }),
    );
    const blocks = packOrders(many, 5);
    expect(blocks).toHaveLength(2);
    expect(Math.max(...blocks.map(({ body }) => body.length))).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
    expect(blocks.flatMap(({ body }) => unpackOrders(body))).toEqual(
      many.map((one) => ({ order: one, judgedMs: 5 })),
    );
    // Two random ids of 128 bits are 32 bytes. Time, amount, store and the rest add little.
    const bytesAnOrder = blocks.reduce((sum, { body }) => sum + body.length, 0) / many.length;
    expect(bytesAnOrder).toBeLessThan(36);
  });
});
