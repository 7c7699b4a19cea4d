import { describe, expect, it } from 'vitest';
import { billOf } from '#domain/capacity/bill.ts';
import { type Burden, shareOf } from '#domain/capacity/burdens.ts';
import { DEFAULT_DEMAND, type Demand } from '#domain/capacity/demand.ts';
import { type CapacityPlan, planCapacity } from '#domain/capacity/plan.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { SETUPS } from '#local/capacity/setups.ts';

const planOf = (changes: Partial<Demand>): CapacityPlan =>
  planCapacity({ ...DEFAULT_DEMAND, ...changes }, UNIT_COSTS, SETUPS);

const burden = ({ burdens }: CapacityPlan, name: string): Burden => burdens.find((one) => one.name === name)!;

describe('the capacity of a sale', () => {
  it('the writes of a table grow in proportion to the orders', () => {
    const [few, many] = [planOf({ ordersPerSecond: 5_000 }), planOf({ ordersPerSecond: 50_000 })];
    expect(many.tables.members.writeUnits / few.tables.members.writeUnits).toBeCloseTo(10, 1);
  });

  it('an order that brings a coupon writes its grant and its member, each in a transaction', () => {
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
      if (plan.metricShards > 1)
        expect(
          (burden(plan, 'newest window of a shard of metrics').load * plan.metricShards) /
            (plan.metricShards - 1),
        ).toBeGreaterThan(800 * 0.95);
    }
  });

  it('names what breaks first: the limits are sorted, the fullest first', () => {
    const plan = planOf({ ordersPerSecond: 583_000 });
    expect(plan.burdens[0]).toMatchObject({ kind: 'quota', name: 'table members' });
    expect(plan.burdens.map(shareOf)).toEqual(plan.burdens.map(shareOf).sort((a, b) => b - a));
  });

  it('a table is warmed where a new one would not take the peak', () => {
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
