import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { contributionOf } from '#domain/metrics/hyperloglog.ts';
import { fromTuple, type MetricEvent, toTuple } from '#domain/metrics/metric-event.ts';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { readAllStores } from '#domain/metrics/rollup/read-stores.ts';
import { emptyRow, mergeInto, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { packRowParts, unpackRowParts } from '#domain/metrics/rollup/row-codec.ts';
import {
  addToStore,
  keepLargest,
  mergeStores,
  noFigures,
  noStores,
  STORE_FIELDS,
  STORES_KEPT,
  type StoreFigures,
  type StoreSums,
} from '#domain/metrics/rollup/store-sums.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { seededRandom } from '../support/random.ts';
import { paid, START_MS, settings } from './factories.ts';
import { append, metricsWorld } from './world.ts';

const near = (order: string, store: string, changes: Partial<MetricEvent> = {}): MetricEvent =>
  paid({ order, label: 'paid/near', store, member: `m-${order}`, ...changes });

type Sale = { store: string; fen: number; isRefund: boolean };

const sumsOf = (sales: readonly Sale[]): StoreSums => {
  const sums = noStores();
  for (const { store, fen, isRefund } of sales)
    addToStore(
      sums,
      store,
      isRefund ? { orders: 0, grossFen: 0, refundedFen: fen } : { orders: 1, grossFen: fen, refundedFen: 0 },
    );
  return sums;
};

const knownOf = ({ stores }: StoreSums): Map<string, StoreFigures> =>
  new Map([...stores].map(([name, { known }]) => [name, known]));

const sorted = (map: ReadonlyMap<string, StoreFigures>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

const sales = fc.array(
  fc.record({
    store: fc.integer({ min: 0, max: 11 }).map((n) => `s${n}`),
    fen: fc.integer({ min: 1, max: 1_000 }),
    isRefund: fc.boolean(),
  }),
  { maxLength: 30 },
);

describe('the stores that sold most', () => {
  it('lack no more than they state, which is at most 1 / (stores kept + 1) of all sales, however rows are grouped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(sales, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 6 }),
        (groups, kept) => {
          const append = (parts: readonly StoreSums[]): StoreSums => {
            const sum = noStores();
            for (const part of parts) {
              mergeStores(sum, part);
              keepLargest(sum, kept);
            }
            return sum;
          };
          const all = append(groups.map((windows) => append(windows.map(sumsOf))));
          const truth = knownOf(sumsOf(groups.flat(2)));
          const soldFen = [...truth.values()].reduce((sum, { grossFen }) => sum + grossFen, 0);
          expect(all.stores.size).toBeLessThanOrEqual(kept);
          for (const [name, figures] of truth) {
            const tally = all.stores.get(name);
            for (const field of STORE_FIELDS) {
              const known = tally?.known[field] ?? 0;
              const missing = (tally?.missing ?? all.leftOut)[field];
              expect(figures[field]).toBeGreaterThanOrEqual(known);
              expect(figures[field]).toBeLessThanOrEqual(known + missing);
            }
          }
          for (const missing of [all.leftOut, ...[...all.stores.values()].map((one) => one.missing)])
            expect(missing.grossFen).toBeLessThanOrEqual(soldFen / (kept + 1));
        },
      ),
    );
  });

  it('are all stores, with exact figures, if there are few', () => {
    fc.assert(
      fc.property(fc.array(sales, { maxLength: 5 }), (windows) => {
        const sum = noStores();
        for (const window of windows) {
          mergeStores(sum, sumsOf(window));
          keepLargest(sum);
        }
        expect(sorted(knownOf(sum))).toEqual(sorted(knownOf(sumsOf(windows.flat()))));
        expect(sum.leftOut).toEqual(noFigures());
      }),
    );
  });
});

describe('an order of a store', () => {
  it('is read as before by a reader that knows nothing of stores', () => {
    const order = near('a', 's1');
    const [, , , , , , count, differences] = toTuple(order);
    expect([count, differences]).toEqual([1, [contributionOf('m-a')]]);
    expect(toBlockEvent(fromTuple(toTuple(order)))).toEqual(toBlockEvent(order));
    expect(toBlockEvent(fromTuple(toTuple(near('b', 's1', { member: '' })))).contributions).toEqual([]);
  });

  it('is the same order as one that names no store, but not as one that names another store', () => {
    const { store: _, ...former } = near('a', 's1');
    const events = [former, near('a', 's1')].map(toBlockEvent);
    for (const order of [events, events.toReversed()]) {
      const row = rowOfEvents(order);
      expect(row.conflicts).toBe(0);
      expect(row.stores.stores.get('s1')!.known).toEqual({ orders: 1, grossFen: 1999, refundedFen: 0 });
      expect(row.stores.leftOut).toEqual(noFigures());
    }
    const different = [...events, toBlockEvent(near('a', 's2'))];
    const rows = [different, different.toReversed()].map(rowOfEvents);
    expect(rows[0]!.conflicts).toBe(1);
    expect(packRowParts(rows[0]!)).toEqual(packRowParts(rows[1]!));
  });

  it('counts as possibly missing from every store if it names none', () => {
    const { store: _, ...unnamed } = near('b', '', { amountFen: 700 });
    const row = rowOfEvents([near('a', 's1'), unnamed].map(toBlockEvent));
    const missing = { orders: 1, grossFen: 700, refundedFen: 0 };
    expect(row.stores.stores.get('s1')!.missing).toEqual(missing);
    expect(row.stores.leftOut).toEqual(missing);
    expect(unpackRowParts(packRowParts(row))).toEqual(row);
  });

  it('is found in a row of several parts', () => {
    const row = emptyRow();
    const orders = Array.from({ length: 3_000 }, (_, i) => near(`o${i}`, `store-${i}`, { amountFen: i + 1 }));
    mergeInto(row, rowOfEvents(orders.map(toBlockEvent)));
    const parts = packRowParts(row, 8_000);
    expect(parts.length).toBeGreaterThan(2);
    const { stores, leftOut } = unpackRowParts(parts).stores;
    expect(sorted(knownOf({ stores, leftOut }))).toEqual(sorted(knownOf(row.stores)));
    expect(leftOut).toEqual(noFigures());
  });
});

/**
 * Near orders and refunds of more stores than a row keeps, over ten minutes and not in the order of time; the n-th store sells
 * about 1/n of what the first one sells.
 */
const saleOf = (orders: number): MetricEvent[] => {
  const random = seededRandom(7);
  return Array.from({ length: orders }, (_, i) => {
    const store = Math.floor((3 * STORES_KEPT) ** random());
    const isRefund = random() < 0.05;
    return near(`o${i}`, `store-${store}`, {
      timeMs: START_MS + Math.floor(random() * 600_000),
      label: isRefund ? 'refunded/near' : 'paid/near',
      amountFen: 1_000 + Math.floor(random() * 20_000),
    });
  });
};

describe('the stores of a sale', () => {
  const events = saleOf(4_000);
  const truth = knownOf(rowOfEvents(events.map(toBlockEvent)).stores);
  const campaign = settings({ shards: 3 });
  const countedIn = async (batches: readonly MetricEvent[][]) => {
    const world = metricsWorld();
    for (const batch of batches) await rollUp(world.aside, campaign, await append(world, campaign, batch));
    return world;
  };
  const batchesOf = (list: readonly MetricEvent[]) =>
    Array.from({ length: 3 }, (_, i) => list.filter((_, at) => at % 3 === i));

  it('are the same bit for bit in whatever order the events come, within their bounds, and exact in an export', async () => {
    const [world, other] = await Promise.all([
      countedIn(batchesOf(events)),
      countedIn(batchesOf(events).toReversed()),
    ]);
    const { row } = await readTotal(world.aside, campaign);
    expect(packRowParts((await readTotal(other.aside, campaign)).row)).toEqual(packRowParts(row));
    expect(truth.size).toBeGreaterThan(STORES_KEPT);
    expect(row.stores.stores.size).toBe(STORES_KEPT);
    for (const [name, { known, missing }] of row.stores.stores)
      for (const field of STORE_FIELDS) {
        expect(truth.get(name)![field]).toBeGreaterThanOrEqual(known[field]);
        expect(truth.get(name)![field]).toBeLessThanOrEqual(known[field] + missing[field]);
      }
    const leaders = [...row.stores.stores].sort(([, a], [, b]) => b.known.grossFen - a.known.grossFen);
    for (const [name, { known }] of leaders.slice(0, 10)) expect(known).toEqual(truth.get(name));

    const exported = await readAllStores(world.aside, campaign);
    expect(sorted(knownOf(exported))).toEqual(sorted(truth));
    expect(exported.leftOut).toEqual(noFigures());
  });
});
