import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_DEMAND } from '#domain/capacity/demand.ts';
import { loadsOf } from '#domain/capacity/load.ts';
import { planCapacity } from '#domain/capacity/plan.ts';
import { rollupLoad } from '#domain/capacity/rollup.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { SETUPS } from '#lib/capacity.ts';
import type { LocalStack } from '#local/aws/template.ts';
import { AWS_LIMITS } from '#local/emulator/store.ts';
import type { UnitRates } from '#local/emulator/throughput.ts';
import { stackOf } from './deployed.ts';
import { synthesize } from './stack.ts';
import { opened, paid, timeText } from './workload/events.ts';
import { World } from './world.ts';

/** The orders a second, the brands and the limits of AWS are divided by this number. */
const PART = 30;
/** A peak, in orders a second, for which the capacity plan gives metrics more than one shard. */
const PEAK = 60_000;
const BRANDS = 37_000;
/** An account's default quota of concurrent invocations. */
const CONCURRENCY = 1_000;
const SECOND_MS = 1_000;
/** How long the peak lasts. */
const PEAK_SECONDS = 30;
const START_MS = Date.parse('2026-11-10T15:59:00.000Z');
const SALE_MS = START_MS + 60 * SECOND_MS;
const PER_MESSAGE = DEFAULT_DEMAND.ordersPerMessage;
const PER_SECOND = PEAK / PART;
const TIMEOUT_MS = 300_000;

const partOf = ({ read, write }: UnitRates): UnitRates => ({ read: read / PART, write: write / PART });

const DEMAND = { ...DEFAULT_DEMAND, ordersPerSecond: PEAK, brands: BRANDS };
const plan = planCapacity(DEMAND, UNIT_COSTS, SETUPS);

/** Write units/s of a shard's row with a thirtieth of the orders: more than a thirtieth of the full peak's, see {@link ROW}. */
const rowUnitsOfPart = (): number => {
  const demand = { ...DEMAND, ordersPerSecond: PER_SECOND, brands: BRANDS / PART };
  const { metrics } = loadsOf(demand, UNIT_COSTS, SETUPS);
  const { brands } = demand;
  const shards = plan.sizes.shards.metrics;
  return rollupLoad({ metrics, brands, shards, setup: SETUPS.rollup, costs: UNIT_COSTS }).shardUnits;
};

const partition = partOf(AWS_LIMITS.partition);
const LIMITS = {
  table: partOf(AWS_LIMITS.table),
  // A key has room for a thirtieth of its blocks at the full peak, and for all that its row takes here.
  partition: {
    ...partition,
    write: partition.write + rowUnitsOfPart() - plan.rollup.shardUnits / PART,
  },
};

/** Sends the orders of one second, spread over it. */
const sendSecond = (world: World, second: number): void => {
  for (let first = 0; first < PER_SECOND; first += PER_MESSAGE) {
    const timeMs = SALE_MS + second * SECOND_MS + Math.floor((first / PER_SECOND) * SECOND_MS);
    const orders = Array.from({ length: PER_MESSAGE }, (_, i) => {
      const n = second * PER_SECOND + first + i;
      return paid({
        ...{ id: `paid-${n}`, order: `order-${n}`, timeMs, fen: 3_000 + ((n * 37) % 9_000) },
        ...{ member: `member-${(n * 7_919) % 100_000}`, brand: `brand-${(n * 31) % (BRANDS / PART)}` },
      });
    });
    world.scheduler.at(timeMs, () => world.send('events', JSON.stringify(orders)));
  }
};

/**
 * The key of a row on a level above 0, where no blocks are. A row's sketch of members has the same size for any number of orders,
 * so it is thirty times too large for a thirtieth of a key. Its writes may be throttled, because no order waits for them.
 */
const ROW = /#[1-9]\d*#/;

/** The keys that were throttled at the peak with this many shards of metrics, except those of {@link ROW}. */
const throttledWith = async (stack: LocalStack, shards: number): Promise<string[]> => {
  const throttled: string[] = [];
  const world = new World({
    ...{ stack, seed: 1, faults: new Set<never>(), startMs: START_MS, onStep: () => {} },
    ...{ limits: LIMITS, concurrencyAt: () => CONCURRENCY / PART },
    onThrottle: (kind, table, partition = '') => {
      if (!ROW.test(partition)) throttled.push(`${kind} ${table} ${partition}`);
    },
  });
  const definition = {
    campaignId: 'peak',
    startsAt: timeText(SALE_MS),
    endsAt: timeText(SALE_MS + 3_600_000),
    metrics: { shards },
  };
  world.send('events', JSON.stringify(opened(definition, START_MS)));
  for (let second = 0; second < PEAK_SECONDS; second++) sendSecond(world, second);
  await world.runUntil(SALE_MS + (PEAK_SECONDS + 1) * SECOND_MS);
  world.end();
  expect(world.account.throttled).toBe(0);
  return throttled;
};

describe(`a thirtieth of a peak of ${PEAK} orders a second, on tables that take a thirtieth of what AWS's take`, () => {
  let stack: LocalStack;
  beforeAll(() => {
    stack = stackOf(synthesize({}));
  });

  it('is not throttled with as many shards as are planned', { timeout: TIMEOUT_MS }, async () => {
    expect(plan.sizes.shards.metrics).toBeGreaterThan(1);
    expect(await throttledWith(stack, plan.sizes.shards.metrics)).toEqual([]);
  });

  it('is throttled only in its writes to the metrics table with half as many shards', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const throttled = await throttledWith(stack, Math.floor(plan.sizes.shards.metrics / 2));
    expect(throttled).not.toEqual([]);
    for (const one of throttled) expect(one).toMatch(/^write zhihui-metrics /);
  });
});
