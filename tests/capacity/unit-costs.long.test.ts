import { describe, expect, it } from 'vitest';
import { addCost } from '#domain/capacity/cost.ts';
import { type Cost, type LinearCost, PATHS, UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { synthesizeStack } from '../world/stack.ts';
import { measureUnitCosts } from './measure.ts';

const TIMEOUT_MS = 300_000;
const BRANDS = [35, 2_000];
/**
 * The share by which the stored costs may differ from those measured now, in addition to {@link SLACK} (in the unit of
 * each cost). CPU is not compared, because it depends on the machine.
 */
const TOLERANCE = 0.05;
const SLACK = 0.005;
/** Refreshes are compared without orders and with this many: what one order adds to a refresh is less than the slack. */
const MANY_ORDERS = 10_000;

const countsOf = ({ rounds, writeUnits, readUnits, sends }: Cost): [string, number][] => [
  ['rounds', rounds],
  ['sends', sends],
  ...Object.entries(writeUnits).map(([table, units]): [string, number] => [`written to ${table}`, units]),
  ...Object.entries(readUnits).map(([table, units]): [string, number] => [`read of ${table}`, units]),
];

const differences = (name: string, stored: Cost, measured: Cost): string[] => {
  const now = new Map(countsOf(measured));
  return countsOf(stored).flatMap(([what, before]) => {
    const after = now.get(what) ?? 0;
    return Math.abs(after - before) <= before * TOLERANCE + SLACK
      ? []
      : [`${name}, ${what}: ${before}, now ${after}`];
  });
};

describe('the unit costs that capacity uses', () => {
  it('are what the functions take today', { timeout: TIMEOUT_MS }, async () => {
    const now = await measureUnitCosts(synthesizeStack(), { measuredOn: '', paths: PATHS, brands: BRANDS });
    const found = PATHS.flatMap((path) =>
      Object.entries(UNIT_COSTS.paths[path]).flatMap(([name, stored]) => {
        const measured = now.paths[path][name as 'intake'] as LinearCost;
        return [
          ...differences(`${path} ${name}, an invocation`, stored.invocation, measured.invocation),
          ...differences(`${path} ${name}, an order`, stored.each, measured.each),
        ];
      }),
    );
    const ofRefreshes = now.refreshes.flatMap(({ brands, cost }) => {
      const stored = UNIT_COSTS.refreshes.find((one) => one.brands === brands)!.cost;
      return [0, MANY_ORDERS].flatMap((orders) =>
        differences(
          `refresh of ${brands} brands and ${orders} orders`,
          addCost(stored.invocation, stored.each, orders),
          addCost(cost.invocation, cost.each, orders),
        ),
      );
    });
    expect([...found, ...ofRefreshes]).toEqual([]);
  });
});
