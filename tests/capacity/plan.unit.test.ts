import { describe, expect, it } from 'vitest';
import { billOf } from '#domain/capacity/bill.ts';
import { type Burden, shareOf } from '#domain/capacity/burdens.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/capacity/demand.ts';
import { type CapacityPlan, planCapacity } from '#domain/capacity/plan.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { SETUPS } from '#lib/capacity.ts';

const planOf = (changes: Partial<Demand>): CapacityPlan =>
  planCapacity({ ...DEFAULT_DEMAND, ...changes }, UNIT_COSTS, SETUPS);

const burden = ({ burdens }: CapacityPlan, name: string): Burden => burdens.find((one) => one.name === name)!;

describe('in the capacity plan of a sale,', () => {
  it('the writes of a table grow in proportion to the orders', () => {
    const [few, many] = [planOf({ ordersPerSecond: 5_000 }), planOf({ ordersPerSecond: 50_000 })];
    expect(many.tables.members.writeUnits / few.tables.members.writeUnits).toBeCloseTo(10, 1);
  });

  it('an order takes two write units of the grants table if it brings a coupon, and otherwise one of the members table', () => {
    const none = planOf({ broughtShare: 0, usedShare: 0 });
    const all = planOf({ broughtShare: 1, usedShare: 0 });
    const rate = DEFAULT_DEMAND.ordersPerSecond;
    expect(all.tables.grants.writeUnits / rate).toBeGreaterThan(1.8);
    expect(all.tables.grants.writeUnits / rate).toBeLessThan(2.1);
    expect(none.tables.members.writeUnits / rate).toBeLessThan(1.1);
  });

  it('metrics get the fewest shards that keep the newest window of each below 800 write units a second', () => {
    for (const ordersPerSecond of [1, 4_000, 50_000, 583_000]) {
      const plan = planOf({ ordersPerSecond });
      expect(burden(plan, 'newest window of a shard of metrics').load).toBeLessThanOrEqual(800);
      if (plan.sizes.shards.metrics > 1)
        expect(
          (burden(plan, 'newest window of a shard of metrics').load * plan.sizes.shards.metrics) /
            (plan.sizes.shards.metrics - 1),
        ).toBeGreaterThan(800 * 0.95);
    }
  });

  it('the limits are sorted with the fullest first, because that is the one that is exceeded first', () => {
    const plan = planOf({ ordersPerSecond: 583_000 });
    expect(plan.burdens[0]).toMatchObject({ kind: 'quota', name: 'table members' });
    expect(plan.burdens.map(shareOf)).toEqual(plan.burdens.map(shareOf).sort((a, b) => b - a));
  });

  it.each([
    [1, 1_000],
    [50, 10_000],
    [4_000, 1_000_000],
    [50_000, 53_000_000],
    [583_000, 1_000_000_000],
  ])('%i orders/s fit: no key, setting or item is over its limit', (ordersPerSecond, members) => {
    const { burdens, items } = planOf({ ordersPerSecond, members, audience: members });
    const named = (kind: Burden['kind']): Burden[] => burdens.filter((one) => one.kind === kind);
    for (const { name, load } of named('key')) expect(load, name).toBeLessThanOrEqual(800);
    for (const one of named('setting')) expect(shareOf(one), one.name).toBeLessThanOrEqual(1);
    for (const { name, bytes } of items) expect(bytes, name).toBeLessThanOrEqual(300_000);
  });

  it('rollup has enough workers to keep up, and each of them ends its run within its turn', () => {
    const rollups = [1, 50, 4_000, 50_000, 583_000].map((ordersPerSecond) => {
      const { rollup, sizes } = planOf({ ordersPerSecond });
      expect(sizes.concurrency.rollup).toBeGreaterThan(rollup.concurrencyMin);
      expect(rollup.durationMs).toBeLessThan(1_000 * rollup.turnSeconds);
      return { ...rollup, allowed: sizes.concurrency.rollup };
    });
    expect(rollups.slice(0, 4).map(({ allowed }) => allowed)).toEqual([2, 2, 2, 2]);
    // Two workers would fall behind at the largest peak. If a merge followed each refresh of a shard, the merged row's key
    // would be too full.
    expect(rollups[4]!.concurrencyMin).toBeGreaterThan(2);
    const { mergedUnits, mergesPerSecond, refreshesPerSecond } = rollups[4]!;
    const { metrics } = planOf({ ordersPerSecond: 583_000 }).sizes.shards;
    expect((mergedUnits / mergesPerSecond) * metrics * refreshesPerSecond).toBeGreaterThan(1_000);
  });

  it('more brands make the row of a window larger, so that its shards take fewer orders', () => {
    const [few, many] = [35, 37_000].map((brands) => planOf({ ordersPerSecond: 50_000, brands }));
    expect(many!.rollup.shardUnits).toBeGreaterThan(2 * few!.rollup.shardUnits);
    expect(many!.sizes.shards.metrics).toBeGreaterThanOrEqual(few!.sizes.shards.metrics);
  });

  it('a presale of 53 million members takes at most twenty minutes', () => {
    const { presale, sizes } = planOf({ members: 53_000_000, audience: 53_000_000 });
    expect(presale.seconds).toBeLessThanOrEqual(1_200);
    expect(sizes.segments).toBeGreaterThanOrEqual(sizes.concurrency.audience);
  });

  it('at a large peak, half the shards of metrics and entries are too few, and budgets get more shards than at a small one', () => {
    const { sizes, burdens } = planOf({
      ordersPerSecond: 583_000,
      members: 53_000_000,
      audience: 53_000_000,
    });
    const loadOf = (name: string): number => burdens.find((one) => one.name === name)!.load;
    expect(2 * loadOf('newest window of a shard of metrics')).toBeGreaterThan(800);
    expect(2 * loadOf('entries of a shard of a draw')).toBeGreaterThan(400);
    expect(sizes.shards.budgets).toBeGreaterThan(planOf({ ordersPerSecond: 50 }).sizes.shards.budgets);
  });

  it('a mapping has provisioned pollers if so many messages come that Lambda would add its own pollers too slowly', () => {
    expect(planOf({ ordersPerSecond: 1_000 }).sizes.pollers).toEqual({});
    const { pollers } = planOf({ ordersPerSecond: 583_000 }).sizes;
    // A poller receives a hundred messages a second.
    expect(pollers.intake!.max).toBeGreaterThan(583);
    expect(pollers.intake!.min).toBe(200);
  });

  it('a small audience has few segments', () => {
    const segmentsOf = (members: number): number => planOf({ members, audience: members }).sizes.segments;
    expect([100, 5_000, 1_000_000].map(segmentsOf)).toEqual([1, 5, 48]);
  });

  it('a table is warmed if a new one would not take the peak', () => {
    expect(planOf({ ordersPerSecond: 1_000 }).tables.members.warmWriteUnits).toBe(0);
    const { writeUnits, warmWriteUnits } = planOf({ ordersPerSecond: 50_000 }).tables.members;
    expect(warmWriteUnits).toBeGreaterThan(writeUnits);
  });

  it('batches that fill make an order cheaper', () => {
    const total = (plan: CapacityPlan): number =>
      Object.values(billOf(plan)).reduce((sum, one) => sum + one, 0);
    expect(total(planOf({ ordersPerSecond: 1 }))).toBeGreaterThan(
      3 * total(planOf({ ordersPerSecond: 4_000 })),
    );
  });
});
