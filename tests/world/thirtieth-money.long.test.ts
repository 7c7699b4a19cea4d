import { hash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { FEWEST_SHARDS, type Shards } from '#domain/campaigns/layout.ts';
import { DEFAULT_DEMAND } from '#domain/capacity/demand.ts';
import { planCapacity } from '#domain/capacity/plan.ts';
import { UNIT_COSTS } from '#domain/capacity/unit-costs.ts';
import { SETUPS } from '#lib/capacity.ts';
import type { LambdaFunction, LocalStack } from '#local/aws/template.ts';
import { AWS_LIMITS } from '#local/emulator/store.ts';
import { UNBOUNDED, type UnitRates } from '#local/emulator/throughput.ts';
import { stackOf } from './deployed.ts';
import { synthesize } from './stack.ts';
import { opened, paid, timeText } from './workload/events.ts';
import { World } from './world.ts';

/** Orders a second, brands and the limits of AWS are divided by this. */
const PART = 30;
const PEAK = 60_000;
const BRANDS = 37_000;
const SECOND_MS = 1_000;
/** How long the peak lasts. */
const PEAK_SECONDS = 10;
const HOUR_MS = 3_600_000;
/** The default quota of an AWS account. */
const CONCURRENCY = 1_000;
const START_MS = Date.parse('2026-11-10T15:59:00.000Z');
const SALE_MS = START_MS + 60 * SECOND_MS;
const PER_MESSAGE = DEFAULT_DEMAND.ordersPerMessage;
const PER_SECOND = PEAK / PART;
const TIMEOUT_MS = 300_000;
/** How long the presale after the sale may take. */
const PRESALE_MS = 120_000;

const partOf = ({ read, write }: UnitRates): UnitRates => ({ read: read / PART, write: write / PART });
/** Tables have no limit, as if they were warmed for the plan: these tests are about the limits of single keys. */
const LIMITS = { table: UNBOUNDED, partition: partOf(AWS_LIMITS.partition) };

const plan = planCapacity(
  {
    ...DEFAULT_DEMAND,
    ...{ ordersPerSecond: PEAK, brands: BRANDS, broughtShare: 1, usedShare: 0, enteredShare: 1 },
  },
  UNIT_COSTS,
  SETUPS,
);

const PLANNED = plan.sizes.shards;

const couponsOf = (presaleShare: number) => ({
  budgets: [{ pool: 'platform', totalFen: 100_000_000_000, presaleShare }],
  offers: [500, 1_000, 2_000].map((discountFen) => ({
    ...{ offerId: `off-${discountFen}`, pool: 'platform', thresholdFen: 4 * discountFen, discountFen },
    ...{ scope: 'all', validHours: 24 },
  })),
  arms: { engine: 90, baseline: 5, control: 5 },
  ...{ baselineOffer: 'off-1000', salt: 'salt', objective: 'incremental-gmv' },
  ...{ perMemberLimit: 20, epsilon: 0 },
});

/** A sale in which nearly every order earns a coupon, and every order enters a draw. */
const SALE = {
  campaignId: 'peak',
  startsAt: timeText(SALE_MS),
  endsAt: timeText(SALE_MS + HOUR_MS),
  coupons: couponsOf(0),
  freeOrders: {
    mode: 'instant',
    odds: { win: 3, in: 1_000 },
    channels: ['far', 'near'],
    ...{ capFen: 5_000, quota: 1_000_000, budgetFen: 100_000_000_000 },
  },
};

/** The campaign that gives coupons to all who have ordered in the sale. */
const presaleAt = (atMs: number) => ({
  campaignId: 'presale',
  startsAt: timeText(atMs + HOUR_MS),
  endsAt: timeText(atMs + 2 * HOUR_MS),
  coupons: couponsOf(1),
});

/** An id as random as those that shops use, so that packing does not make it smaller. */
const digits = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** Sends the orders of one second, spread over it. */
const sendSecond = (world: World, second: number): void => {
  for (let first = 0; first < PER_SECOND; first += PER_MESSAGE) {
    const timeMs = SALE_MS + second * SECOND_MS + Math.floor((first / PER_SECOND) * SECOND_MS);
    const orders = Array.from({ length: PER_MESSAGE }, (_, i) => {
      const n = second * PER_SECOND + first + i;
      return paid({
        ...{ id: digits(`event ${n}`), order: digits(`order ${n}`), member: digits(`member ${n}`) },
        ...{ timeMs, fen: 20_000 + ((n * 37) % 9_000), brand: `brand-${(n * 31) % (BRANDS / PART)}` },
      });
    });
    world.scheduler.at(timeMs, () => world.send('events', JSON.stringify(orders)));
  }
};

/** A stack whose campaigns have these shards. */
const stackWith = (stack: LocalStack, shards: Shards): LocalStack => {
  const changed = <Called extends { function: LambdaFunction }>(called: Called): Called => ({
    ...called,
    function: withShards(called.function),
  });
  const withShards = (one: LambdaFunction): LambdaFunction => ({
    ...one,
    environment: { ...one.environment, CAMPAIGN_SHARDS: JSON.stringify(shards) },
  });
  return {
    ...stack,
    functions: stack.functions.map(withShards),
    mappings: stack.mappings.map(changed),
    schedules: stack.schedules.map(changed),
  };
};

/** The keys of rows of figures. They may be throttled, because no order waits for their writes; see `thirtieth.sim.test.ts`. */
const ROW = /#[1-9]\d*#/;

type Throttled = { sale: string[]; presale: string[] };

/** The keys that were throttled at the peak, and in a presale after it, with these shards. */
const throttledWith = async (stack: LocalStack, shards: Shards): Promise<Throttled> => {
  const throttled = new Set<string>();
  const world = new World({
    ...{ stack: stackWith(stack, shards), seed: 1, faults: new Set<never>(), startMs: START_MS },
    ...{ limits: LIMITS, concurrencyAt: () => CONCURRENCY / PART, onStep: () => {} },
    onThrottle: (kind, table, partition = '') => {
      if (!ROW.test(partition)) throttled.add(`${kind} ${table} ${partition.slice(1)}`);
    },
  });
  const grants = stack.queues.find(({ shortName }) => shortName === 'grants')!.name;
  world.send('events', JSON.stringify(opened(SALE, START_MS)));
  for (let second = 0; second < PEAK_SECONDS; second++) sendSecond(world, second);
  await world.runUntil(SALE_MS + (PEAK_SECONDS + 1) * SECOND_MS);
  const sale = [...throttled];
  const granted = world.depth(grants);
  expect(granted).toBeGreaterThan(0);
  throttled.clear();
  const atMs = world.scheduler.nowMs;
  world.send('events', JSON.stringify(opened(presaleAt(atMs), atMs)));
  await world.runUntil(atMs + PRESALE_MS);
  world.end();
  expect(world.depth(grants)).toBeGreaterThan(granted);
  // Keys of metrics are left out: time passes only in calls here, so coupons are counted faster than any CPU could.
  return { sale, presale: [...throttled].filter((key) => !key.includes(' zhihui-metrics ')) };
};

describe(`coupons and free orders at a thirtieth of a peak of ${PEAK} orders a second, with a thirtieth of AWS’s limits on a key`, () => {
  let stack: LocalStack;
  beforeAll(() => {
    stack = stackOf(synthesize({}));
  });

  it('are not throttled with as many shards as the capacity plan computes, nor is a presale', {
    timeout: TIMEOUT_MS,
  }, async () => {
    // The peak needs more shards than the fewest.
    expect(PLANNED.budgets).toBeGreaterThan(FEWEST_SHARDS.budgets);
    expect(await throttledWith(stack, PLANNED)).toEqual({ sale: [], presale: [] });
  });

  // The capacity plan fills a budget's key to a tenth of its units, because debits of one key conflict long before it
  // is full. So a budget with half of its planned shards is not throttled yet.
  it('are throttled at a budget and at the entries if each has one shard', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { sale, presale } = await throttledWith(stack, { ...PLANNED, budgets: 1, entries: 1 });
    expect(sale).toContain('write zhihui-campaigns peak#BUDGET#engine/platform#00');
    expect(sale).toContain('write zhihui-draws peak#entries#00000#0');
    expect(presale).toContain('write zhihui-campaigns presale#BUDGET#engine/platform#00');
  });
});
