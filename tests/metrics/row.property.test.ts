import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { contributionOf } from '#domain/metrics/hyperloglog.ts';
import { fromTuple, type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import {
  appendInto,
  emptyRow,
  mergeInto,
  netFenOf,
  type Row,
  rowNetFen,
  rowOfEvents,
  tallyOf,
} from '#domain/metrics/rollup/row.ts';
import { packRowParts, unpackRowParts } from '#domain/metrics/rollup/row-codec.ts';
import { eventIdOf } from '#platform/hash.ts';
import { metricEvents, paid, START_MS } from './factories.ts';

const rowOf = (events: readonly MetricEvent[]): Row => rowOfEvents(events.map(toBlockEvent));
const bytesOf = (row: Row): string => Buffer.from(packRowParts(row)[0]!).toString('hex');
const appended = (rows: readonly Row[]): Row => {
  const sum = emptyRow();
  for (const row of rows) appendInto(sum, row);
  return sum;
};
const merged = (rows: readonly Row[]): Row => {
  const sum = emptyRow();
  for (const row of rows) mergeInto(sum, row);
  return sum;
};

describe('a row', () => {
  it('knows the time of its newest order or refund', () => {
    const refund = paid({ order: 'back', label: 'refunded/far', timeMs: START_MS + 5_000 });
    expect(rowOf([paid(), refund]).newestMs).toBe(START_MS + 5_000);
    expect(rowOf([paid({ timeMs: START_MS + 7_000 }), refund]).newestMs).toBe(START_MS + 7_000);
  });

  it('is a function of the set of events: order and repetition change no byte', () => {
    fc.assert(
      fc.property(
        metricEvents().chain((events) =>
          fc.tuple(
            fc.constant(events),
            fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
          ),
        ),
        ([events, again]) => {
          expect(bytesOf(rowOf(again))).toBe(bytesOf(rowOf(events)));
        },
      ),
    );
  });

  it('merged from the rows of disjoint sets, in any order, is the row of their union', () => {
    fc.assert(
      fc.property(metricEvents(), fc.integer({ min: 1, max: 5 }), (events, parts) => {
        const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
        const rows = Array.from({ length: parts }, (_, part) =>
          rowOf(distinct.filter((_, i) => i % parts === part)),
        );
        expect(bytesOf(merged(rows))).toBe(bytesOf(rowOf(distinct)));
        expect(bytesOf(merged(rows.reverse()))).toBe(bytesOf(rowOf(distinct)));
      }),
    );
  });

  it('knows the peak of each brand and of the sale, however the windows are grouped before they are appended', () => {
    fc.assert(
      fc.property(
        fc.array(metricEvents(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        (sets, group) => {
          const windows = sets.map((events, i) =>
            rowOf(events.map((event) => ({ ...event, id: eventIdOf(String(i), event.id) }))),
          );
          const groups = Array.from({ length: Math.ceil(windows.length / group) }, (_, i) =>
            appended(windows.slice(i * group, (i + 1) * group)),
          );
          const row = appended(groups);
          expect(bytesOf(row)).toBe(bytesOf(appended(windows)));
          const after = windows.map((_, i) => appended(windows.slice(0, i + 1)));
          expect(row.peakFen).toBe(Math.max(0, ...after.map(rowNetFen)));
          for (const [name, { peakFen }] of row.brands) {
            const amounts = after
              .map(({ brands }) => brands.get(name))
              .map((brand) => (brand ? netFenOf(brand) : 0));
            expect(peakFen).toBe(Math.max(0, ...amounts));
          }
        },
      ),
    );
  });

  it('is the same after packing and unpacking, whole and in parts', () => {
    fc.assert(
      fc.property(metricEvents(), (events) => {
        const row = rowOf(events);
        expect(bytesOf(unpackRowParts([packRowParts(row)[0]!]))).toBe(bytesOf(row));
      }),
    );
    const manyBrands = rowOf(
      Array.from({ length: 4_000 }, (_, i) => paid({ order: `o${i}`, brand: `brand-${i}`, member: `m${i}` })),
    );
    const parts = packRowParts(manyBrands, 8_000);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(8_000);
    expect(bytesOf(unpackRowParts(parts))).toBe(bytesOf(manyBrands));
  });

  it('counts two different events under one id as one event and one conflict, and is the same whichever came first', () => {
    const first = paid({ amountFen: 100 });
    const second = paid({ amountFen: 200 });
    const row = rowOf([first, second]);
    expect(row.conflicts).toBe(1);
    expect(tallyOf(row, 'paid').count).toBe(1);
    expect(bytesOf(rowOf([second, first]))).toBe(bytesOf(row));
    expect(bytesOf(rowOf([second, first, first, second]))).toBe(bytesOf(row));
  });

  it('counts the event that was sent first, if different events have one id', () => {
    const early = paid({ amountFen: 100, sentMs: START_MS + 1 });
    const late = paid({ amountFen: 200, sentMs: START_MS + 2 });
    for (const [first, second] of [
      [early, late],
      [
        { ...late, sentMs: early.sentMs! },
        { ...early, sentMs: late.sentMs! },
      ],
    ] as const) {
      const againLater = { ...first, sentMs: START_MS + 9 };
      for (const order of [
        [first, second, againLater],
        [againLater, second, first],
        [second, againLater, first],
      ]) {
        const row = rowOf(order);
        expect(tallyOf(row, 'paid')).toEqual({ count: 1, fen: first.amountFen });
        expect(row.conflicts).toBe(1);
      }
    }
  });

  it('counts the same event once and without a conflict, however late it is sent again', () => {
    const event = paid({ sentMs: START_MS });
    const row = rowOf([event, { ...event, sentMs: START_MS + 86_400_000 }]);
    expect([tallyOf(row, 'paid').count, row.conflicts]).toEqual([1, 0]);
  });

  it('adds up gross and refunded amounts by brand and channel', () => {
    const row = rowOf([
      paid({ order: 'a', amountFen: 300 }),
      paid({ order: 'b', amountFen: 500, label: 'paid/near', member: 'm2' }),
      paid({ order: 'c', amountFen: 300, label: 'refunded/far' }),
    ]);
    expect(tallyOf(row, 'paid')).toEqual({ count: 2, fen: 800 });
    expect(tallyOf(row, 'paid/f')).toEqual({ count: 0, fen: 0 });
    expect(row.tallies.get('paid/near')).toEqual({ count: 1, fen: 500 });
    expect(row.brands.get('lotus')).toEqual({
      orders: 2,
      grossFen: 800,
      refunds: 1,
      refundedFen: 300,
      peakFen: 500,
    });
    expect(row.sketches.get('paid')!.estimate()).toBe(2);
  });

  it('counts all occurrences and members that one event stands for', () => {
    const contributions = ['m1', 'm2', 'm3'].map(contributionOf).sort((a, b) => a - b);
    const many = paid({ label: 'free-order/lost', brand: '', member: '', count: 40, contributions });
    const row = rowOf([many, many, paid({ order: 'o2', label: 'free-order/won', brand: '', member: 'm3' })]);
    expect(tallyOf(row, 'free-order').count).toBe(41);
    expect(row.sketches.get('free-order')!.estimate()).toBe(3);
    expect(fromTuple(toTuple(many))).toEqual(many);
    expect(toTuple(paid())).toHaveLength(6);
  });

  it('cannot be packed if it would need more parts than are allowed, and the error names the limits', () => {
    const row = rowOf(Array.from({ length: 2_000 }, (_, i) => paid({ order: `o${i}`, brand: `brand-${i}` })));
    expect(() => packRowParts(row, 40)).toThrow(
      'row: expected at most 256 parts of 40 bytes, got more with 2000 brands',
    );
  });
});
