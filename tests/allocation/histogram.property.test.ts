import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, PLAN_BITS } from '#domain/allocation/histogram.ts';
import { priceBand, priceIn } from '#domain/allocation/price.ts';

type Edge = { efficiency: number; costFen: number };

const edges = fc.array(
  fc.record({
    efficiency: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    costFen: fc.integer({ min: 1, max: 1_000_000 }),
  }),
  { maxLength: 80 },
);

const histogramOf = (list: readonly Edge[]): Histogram => {
  const histogram = new Histogram(PLAN_BITS);
  for (const { efficiency, costFen } of list) histogram.addEdge(efficiency, costFen);
  return histogram;
};

/** A plan's histogram is a part of one item, whose limit is 400 KB. */
const MAX_ENCODED_BYTES = 64 * 1024;
/** A bucket's mean efficiency is stored in steps of 1/65,535 of the bucket's width. */
const TOLERANCE = 1e-4;

/** The buckets that hold something, with their costs. */
const costsOf = (histogram: Histogram): [bucket: number, costFen: number][] => {
  const costs: [number, number][] = [];
  for (let bucket = histogram.lowest; bucket <= histogram.highest; bucket++)
    if (histogram.costFenOf(bucket) !== 0) costs.push([bucket, histogram.costFenOf(bucket)]);
  return costs;
};

describe('a histogram of efficiency', () => {
  it('has the same costs, to the fen, whether it is built from all edges or merged from two parts', () => {
    fc.assert(
      fc.property(edges, edges, (a, b) => {
        const merged = histogramOf(a);
        merged.merge(histogramOf(b));
        expect(costsOf(merged)).toEqual(costsOf(histogramOf([...a, ...b])));
      }),
    );
  });

  it('keeps its costs exactly and its price nearly when it is encoded and decoded', () => {
    fc.assert(
      fc.property(edges, fc.integer({ min: 1, max: 10_000_000 }), (list, budgetFen) => {
        const histogram = histogramOf(list);
        const decoded = Histogram.decode(histogram.encode());
        expect(costsOf(decoded)).toEqual(costsOf(histogram));
        const [before, after] = [histogram, decoded].map((one) => priceIn(priceBand(one, budgetFen)));
        expect(Math.abs(after! - before!)).toBeLessThanOrEqual(before! * TOLERANCE);
      }),
    );
  });

  it('gives a larger budget a lower price, or the same', () => {
    fc.assert(
      fc.property(
        edges,
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 0, max: 10_000_000 }),
        (list, budgetFen, moreFen) => {
          const histogram = histogramOf(list);
          const price = priceIn(priceBand(histogram, budgetFen));
          expect(priceIn(priceBand(histogram, budgetFen + moreFen))).toBeLessThanOrEqual(
            price * (1 + Number.EPSILON),
          );
        },
      ),
    );
  });

  it('fits into an item even with a hundred thousand edges, whose efficiencies span six orders of magnitude', () => {
    const histogram = new Histogram(PLAN_BITS);
    for (let i = 0; i < 100_000; i++) histogram.addEdge(10 ** ((i % 6_000) / 1_000 - 3), 1_000_000 + i);
    expect(histogram.encode().length).toBeLessThan(MAX_ENCODED_BYTES);
  });
});
