import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import {
  appendInto,
  countTooLate,
  emptyRow,
  membersOf,
  mergeInto,
  netFenOf,
  OVERDRAFT,
  type Row,
  rowNetFen,
  rowOfEvents,
  tallyOf,
  unnamedOf,
} from '#domain/metrics/rollup/row.ts';
import { STORES_KEPT } from '#domain/metrics/rollup/store-sums.ts';
import { paid, START_MS } from './factories.ts';

const rowOf = (...events: MetricEvent[]): Row => rowOfEvents(events.map(toBlockEvent));
const refunded = (order: string, changes: Partial<MetricEvent> = {}): MetricEvent =>
  paid({ order, label: 'refunded/far', ...changes });
const coupon = (changes: Partial<MetricEvent> & { order?: string } = {}): MetricEvent =>
  paid({ label: 'coupon-granted/engine', ...changes });

describe('the figures of a row', () => {
  it('of brands are those of orders and refunds that name a brand', () => {
    const row = rowOf(
      paid({ order: 'a', amountFen: 500 }),
      refunded('b', { amountFen: 700 }),
      paid({ order: 'c', brand: '' }),
      coupon({ order: 'd', brand: 'jade' }),
    );
    expect(Object.fromEntries(row.brands)).toEqual({
      lotus: { orders: 1, grossFen: 500, refunds: 1, refundedFen: 700, peakFen: 0 },
    });
    expect(netFenOf(row.brands.get('lotus')!)).toBe(-200);
  });

  it('of the sale are what was paid less what was refunded, and their peak is never below zero', () => {
    const row = rowOf(
      paid({ order: 'a', amountFen: 500 }),
      refunded('b', { amountFen: 700 }),
      coupon({ order: 'c' }),
    );
    expect([rowNetFen(row), row.peakFen]).toEqual([-200, 0]);
    const before = rowOf(paid({ order: 'x', amountFen: 900 }));
    const sum = emptyRow();
    for (const next of [before, row, rowOf(paid({ order: 'y', amountFen: 250 }))]) appendInto(sum, next);
    expect([rowNetFen(sum), sum.peakFen]).toEqual([950, 950]);
    expect(sum.brands.get('lotus')!.peakFen).toBe(950);
  });

  it('of a label include those of all labels that begin with the same whole words', () => {
    const row = rowOf(
      paid({ order: 'a', label: 'paid', amountFen: 1 }),
      paid({ order: 'b', label: 'paid/near/control', amountFen: 2 }),
      paid({ order: 'c', label: 'paid-back', amountFen: 4 }),
    );
    expect(tallyOf(row, 'paid')).toEqual({ count: 2, fen: 3 });
    expect(tallyOf(row, 'paid/near')).toEqual({ count: 1, fen: 2 });
    expect(row.brands.get('lotus')).toMatchObject({ orders: 2, grossFen: 3 });
    const honoured = rowOf(
      coupon({ label: 'coupon-overdraft/engine/ten', amountFen: 8 }),
      paid({ order: 'd' }),
    );
    expect(tallyOf(honoured, OVERDRAFT)).toEqual({ count: 1, fen: 8 });
  });

  it('of members count each member once, are never above the number of events, and are 0 for a word without events', () => {
    const row = rowOf(
      paid({ order: 'a', member: 'm1' }),
      paid({ order: 'b', member: 'm1' }),
      paid({ order: 'c', member: 'm2' }),
    );
    expect(membersOf(row, 'paid')).toBe(2);
    expect(membersOf(row, 'refunded')).toBe(0);
    row.tallies.set('paid/far', { count: 1, fen: 0 });
    expect(membersOf(row, 'paid')).toBe(1);
  });

  it('reach up to the newest order or refund, in merged rows too, and not up to a later coupon', () => {
    const early = rowOf(paid(), coupon({ order: 'x', timeMs: START_MS + 9_000 }));
    expect(early.newestMs).toBe(START_MS);
    const late = rowOf(refunded('b', { timeMs: START_MS + 5_000 }));
    for (const [one, other] of [
      [early, late],
      [late, early],
    ] as const) {
      const sum = emptyRow();
      for (const row of [one, other]) mergeInto(sum, row);
      expect(sum.newestMs).toBe(START_MS + 5_000);
    }
  });
});

describe('a conflict', () => {
  it('is counted among orders and refunds only, and merging rows adds up their conflicts', () => {
    const orders = rowOf(paid({ amountFen: 1 }), paid({ amountFen: 2 }), paid({ order: 'b' }));
    expect(orders.conflicts).toBe(1);
    expect(rowOf(coupon({ amountFen: 1 }), coupon({ amountFen: 2 })).conflicts).toBe(0);
    expect(rowOf(paid({ amountFen: 1 }), coupon({ amountFen: 2 })).conflicts).toBe(0);
    const sum = emptyRow();
    for (const row of [
      orders,
      rowOf(),
      rowOf(refunded('c', { amountFen: 1 }), refunded('c', { amountFen: 2 })),
    ])
      mergeInto(sum, row);
    expect(sum.conflicts).toBe(2);
  });
});

describe('the sample of an arm', () => {
  it('has the orders and the net amount of each member under labels that name the arm', () => {
    const row = rowOf(
      paid({ order: 'a', label: 'paid/far/engine', amountFen: 500 }),
      paid({ order: 'b', label: 'refunded/far/engine', amountFen: 200 }),
      paid({ order: 'c', label: 'paid/far/control', member: 'm2', amountFen: 900, count: 3 }),
      paid({ order: 'e', label: 'paid/far', member: 'm3' }),
      coupon({ order: 'f' }),
    );
    const sampled = (of: Row) =>
      Object.fromEntries([...of.samples].map(([arm, one]) => [arm, one.members()]));
    expect(sampled(row)).toEqual({
      engine: [{ orders: 1, netFen: 300 }],
      control: [{ orders: 3, netFen: 900 }],
    });
    const without = { ...toBlockEvent(paid({ order: 'd', label: 'paid/far/control' })), memberHash: 0 };
    expect(sampled(rowOfEvents([without]))).toEqual({});
    const sum = emptyRow();
    for (const one of [row, rowOf(paid({ order: 'x', label: 'paid/near/engine', amountFen: 50 }))])
      mergeInto(sum, one);
    expect(sampled(sum)).toEqual({
      engine: [{ orders: 2, netFen: 350 }],
      control: [{ orders: 3, netFen: 900 }],
    });
  });
});

describe('the stores of a row', () => {
  it('have the orders and refunds that name them; a near order or refund that names none may be of any store', () => {
    const row = rowOf(
      paid({ order: 'a', label: 'paid/near', store: 's1', amountFen: 500, count: 2 }),
      refunded('b', { label: 'refunded/near', store: 's1', amountFen: 100 }),
      paid({ order: 'c', label: 'paid/near', amountFen: 70 }),
      refunded('d', { label: 'refunded/near', amountFen: 30 }),
      coupon({ order: 'e', store: 's2' }),
      paid({ order: 'f', label: 'paid/far', amountFen: 9_000 }),
    );
    const missing = { orders: 1, grossFen: 70, refundedFen: 30 };
    expect(Object.fromEntries(row.stores.stores)).toEqual({
      s1: { known: { orders: 2, grossFen: 500, refundedFen: 100 }, missing },
      s2: { known: { orders: 0, grossFen: 0, refundedFen: 0 }, missing },
    });
    expect(row.stores.leftOut).toEqual(missing);
    expect(unnamedOf(row)).toEqual(missing);
  });

  it('are all kept when rows are merged; when a row is appended, only those that sold most are kept', () => {
    const many = rowOf(
      ...Array.from({ length: STORES_KEPT + 1 }, (_, i) =>
        paid({ order: `o${i}`, label: 'paid/near', store: `s${i}`, amountFen: 100 + i }),
      ),
    );
    const [merged, appended] = [emptyRow(), emptyRow()];
    mergeInto(merged, many);
    appendInto(appended, many);
    expect(merged.stores.stores.size).toBe(STORES_KEPT + 1);
    expect(appended.stores.stores.has('s0')).toBe(false);
    expect(appended.stores.leftOut.grossFen).toBe(100);
  });
});

describe('what came too late', () => {
  it('is counted by the first word of its label, each event once, and changes nothing else', () => {
    const row = rowOf(paid({ order: 'a' }));
    const late = [
      paid({ order: 'b', amountFen: 5 }),
      paid({ order: 'b', amountFen: 5 }),
      paid({ order: 'c', count: 3, amountFen: 2 }),
    ];
    expect(countTooLate(row, late.map(toBlockEvent))).toBe(row);
    expect(tallyOf(row, 'too-late/paid')).toEqual({ count: 4, fen: 7 });
    expect(tallyOf(row, 'paid').count).toBe(1);
  });
});
