import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandidateList, mixed } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { demandBucketOf, demandEdges } from '#domain/allocation/demand.ts';
import { Hull } from '#domain/allocation/hull.ts';
import { drawnEdge } from '#domain/coupons/scored.ts';
import { packBlocks } from '#domain/metrics/block.ts';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { demandLabel } from '#domain/metrics/model-calls.ts';
import { eventIdOf } from '#platform/hash.ts';
import { START_MS } from './factories.ts';

const POOLS = 3;
const ORDERS = 4_000;

const offers = (pools: number) =>
  fc.array(
    fc.record({
      value: fc.double({ min: 0, max: 100, noNaN: true }),
      costFen: fc.integer({ min: 1, max: 10_000 }),
      pool: fc.integer({ min: 0, max: pools - 1 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

type Offers = { value: number; costFen: number; pool: number }[];

const memberOf = (of: Offers): CandidateList => {
  const list = new CandidateList();
  list.member(mixed(7));
  for (const { value, costFen, pool } of of) list.offer(value, costFen, pool);
  return list;
};

describe('the demand of a member', () => {
  it('on one pool has the edges of the hull that a plan counts', () => {
    fc.assert(
      fc.property(offers(1), (of) => {
        const member = memberOf(of);
        const hull = new Hull();
        hull.of(member, 0);
        const edges = demandEdges(member, 0, [0.5]);
        expect(edges.map(({ efficiency, costFen }) => [efficiency, costFen])).toEqual(
          Array.from({ length: hull.edges }, (_, edge) => [hull.efficiency[edge], hull.costFen[edge]]),
        );
      }),
    );
  });

  /** Two offers of the same value, except for a tie-breaking factor, when money is nearly free. */
  const nearTie: [Offers, number[], number] = [
    [
      { value: 99.99999999999989, costFen: 6, pool: 1 },
      { value: 99.99999999999973, costFen: 4, pool: 0 },
    ],
    [1e-6, 1e-6, 1.7e-4],
    1.0000000000000014e-6,
  ];

  it('on each of several pools is what the member spends there at any price, with the other prices unchanged', () => {
    fc.assert(
      fc.property(
        offers(POOLS),
        fc.array(fc.double({ min: 1e-6, max: 0.1, noNaN: true }), { minLength: POOLS, maxLength: POOLS }),
        fc.double({ min: 1e-6, max: 0.1, noNaN: true }),
        (of, price, moved) => {
          const member = memberOf(of);
          const edges = demandEdges(member, 0, price);
          for (let pool = 0; pool < POOLS; pool++) {
            const at = choose(member, 0, price.with(pool, moved));
            const spentFen = at !== NONE && member.pool[at] === pool ? member.costFen[at]! : 0;
            const own = edges.filter((edge) => edge.pool === pool);
            // At a price that equals an edge except for rounding, both choices are equally good.
            if (own.some(({ efficiency }) => Math.abs(efficiency / moved - 1) < 1e-6)) continue;
            const boughtFen = own
              .filter(({ efficiency }) => efficiency > moved)
              .reduce((sum, { costFen }) => sum + costFen, 0);
            expect(boughtFen).toBe(spentFen);
          }
        },
      ),
      { examples: [nearTie] },
    );
  });

  it('is published as one edge for each order, which is right on average over many orders', () => {
    const member = memberOf([
      { value: 10, costFen: 100, pool: 0 },
      { value: 16, costFen: 200, pool: 0 },
      { value: 20, costFen: 400, pool: 0 },
    ]);
    const edges = demandEdges(member, 0, [0]);
    expect(edges).toHaveLength(3);
    const published = new Map<number, number>();
    for (let order = 0; order < ORDERS; order++) {
      const { bucket, fen } = drawnEdge(member, [0], `order-${order}`)!;
      expect(fen).toBe(400);
      published.set(bucket, (published.get(bucket) ?? 0) + fen);
    }
    for (const { efficiency, costFen } of edges) {
      const mean = published.get(demandBucketOf(efficiency))! / ORDERS;
      // Three standard errors.
      expect(Math.abs(mean - costFen)).toBeLessThan(3 * Math.sqrt((costFen * 400) / ORDERS));
    }
  });

  it('is the same for an order that is decided again', () => {
    const member = memberOf([
      { value: 10, costFen: 100, pool: 0 },
      { value: 16, costFen: 200, pool: 1 },
    ]);
    expect(drawnEdge(member, [0, 0], 'order')).toEqual(drawnEdge(member, [0, 0], 'order'));
  });
});

describe('publishing what the model saw', () => {
  const BATCH = 100;
  /** A decision without a coupon takes one write unit for the member, and its own metric event. */
  const MEMBER_UNITS = 1;
  const UNIT_BYTES = 1_024;

  const unitsOf = (events: readonly MetricEvent[]): number =>
    packBlocks(events.map(toBlockEvent)).reduce((sum, { body }) => sum + body.length, 0) / UNIT_BYTES;

  it('costs at most 3 % of the write units of the cheapest decision', () => {
    const event = (i: number, source: string, more: Partial<MetricEvent>): MetricEvent => ({
      id: eventIdOf(source, `order-${i}`),
      timeMs: START_MS + i * 97,
      label: 'coupon-withheld/engine/not-worth-its-price',
      brand: '',
      amountFen: 0,
      member: '',
      ...more,
    });
    const decisions = Array.from({ length: BATCH }, (_, i) => event(i, 'decision', {}));
    const seen = Array.from({ length: BATCH }, (_, i) =>
      event(i, 'seen', {
        label: demandLabel('engine/platform', 600 + ((i * 7_919) % 60)),
        amountFen: 100 * (1 + ((i * 104_729) % 97)),
        count: 11,
      }),
    );
    const before = MEMBER_UNITS + unitsOf(decisions) / BATCH;
    const after = MEMBER_UNITS + unitsOf([...decisions, ...seen]) / BATCH;
    console.log(
      `a decision without a coupon: ${before.toFixed(4)} write units, ${after.toFixed(4)} with what the model saw`,
    );
    expect(after / before).toBeLessThan(1.03);
  });
});
