import { Logger } from '@aws-lambda-powertools/logger';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { debitAction } from '#domain/campaigns/budget-items.ts';
import { applySwitch, readSwitchProgress } from '#domain/campaigns/issuing-switch.ts';
import { rollUp } from '#domain/metrics/rollup/tree.ts';
import { paceCampaigns } from '#domain/pacing/pace-campaigns.ts';
import { pauseWhenAhead, readPausedAhead } from '#domain/pacing/pause-ahead.ts';
import { campaignSettings } from '#events/campaign.ts';
import { formatTime } from '#events/contract.ts';
import { eventIdOf } from '#platform/hash.ts';
import type { Runtime } from '#platform/runtime.ts';
import { coupons, definition, offer, START_MS } from '../coupons/factories.ts';
import { paid } from '../metrics/factories.ts';
import { append, type World } from '../metrics/world.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { budgetIn } from '../support/layouts.ts';
import { testRuntime } from '../support/runtime.ts';

const MINUTE_MS = 60_000;
const BUDGET_FEN = 100_000;
const SALE = definition(
  'sale',
  coupons({
    arms: { engine: 50, baseline: 50, control: 0 },
    baselineOffer: 'ten',
    offers: [offer()],
    budgets: [{ pool: 'platform', totalFen: 2 * BUDGET_FEN, presaleShare: 0.2 }],
    shards: 1,
    pauseAheadShare: 0.1,
  }),
);
const SALE_MS = Date.parse(SALE.endsAt) - START_MS;
const HALF_WAY_MS = START_MS + SALE_MS / 2;
/** The planned spending by {@link HALF_WAY_MS}: a fifth of the budget in the presale, and half of the rest. */
const PLANNED_FEN = 60_000;

const opened = async (changes: object = {}): Promise<Runtime> => {
  const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
  await open(runtime, { ...SALE, coupons: { ...SALE.coupons!, ...changes } });
  return runtime;
};
const spend = async (runtime: Runtime, key: string, amountFen: number): Promise<void> => {
  const { Update } = debitAction(runtime, budgetIn('sale', SALE.coupons!, key), { shard: 0, amountFen });
  await runtime.dynamodb.send(new UpdateItemCommand(Update!));
};
const tick = async (runtime: Runtime, nowMs: number): Promise<void> => {
  expect((await paceCampaigns(runtime, nowMs)).failures).toEqual(new Map());
};
const stateOf = async (runtime: Runtime) => {
  const { state, shards, switched } = await readSwitchProgress(runtime, 'sale');
  return { ...state, isWhole: shards === switched };
};

describe('a campaign that spends ahead of its plan', () => {
  it('pauses as soon as its spending is ahead of the plan by more than the share in its definition', async () => {
    const runtime = await opened();
    await spend(runtime, 'engine/platform', PLANNED_FEN + 10_000);
    await tick(runtime, HALF_WAY_MS);
    expect(await stateOf(runtime)).toMatchObject({ isPaused: false });
    await spend(runtime, 'engine/platform', 1_000);
    await tick(runtime, HALF_WAY_MS);
    expect(await stateOf(runtime)).toMatchObject({ isPaused: true, sinceMs: HALF_WAY_MS, isWhole: true });
    expect(await readPausedAhead(runtime, 'sale')).toBe(HALF_WAY_MS);
  });

  it('does not pause again after somebody has resumed it', async () => {
    const runtime = await opened();
    await spend(runtime, 'engine/platform', BUDGET_FEN - 1_000);
    await tick(runtime, HALF_WAY_MS);
    const sinceMs = HALF_WAY_MS + MINUTE_MS;
    await applySwitch(runtime, 'sale', { isPaused: false, sinceMs, order: `${formatTime(sinceMs)}#` });
    await tick(runtime, HALF_WAY_MS + 2 * MINUTE_MS);
    expect(await stateOf(runtime)).toMatchObject({ isPaused: false, sinceMs, isWhole: true });
  });

  it('is paused completely by the next tick if a tick crashed after deciding to pause it', async () => {
    let isStruck = true;
    const dynamodb = emulatedTables({
      before: async ({ name }) => {
        if (isStruck && name === 'UpdateItem') throw new Error('died');
      },
    });
    const runtime = testRuntime({ clients: { dynamodb } });
    await open(runtime, SALE);
    isStruck = false;
    await spend(runtime, 'engine/platform', BUDGET_FEN - 1_000);
    isStruck = true;
    expect((await paceCampaigns(runtime, HALF_WAY_MS)).failures.size).toBe(1);
    expect(await stateOf(runtime)).toMatchObject({ isWhole: false });
    isStruck = false;
    await tick(runtime, HALF_WAY_MS + MINUTE_MS);
    expect(await stateOf(runtime)).toMatchObject({ isPaused: true, sinceMs: HALF_WAY_MS, isWhole: true });
  });

  it('is paused with a warning that names the budget, and by an event whose id never changes', async () => {
    const warnings: unknown[][] = [];
    const logger = Object.assign(new Logger({ logLevel: 'SILENT' }), {
      warn: (...given: unknown[]) => warnings.push(given),
    });
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() }, logger });
    await open(runtime, SALE);
    await spend(runtime, 'engine/platform', PLANNED_FEN + 11_000);
    await tick(runtime, HALF_WAY_MS);
    expect(warnings.map(([, content]) => content)).toEqual([
      { campaignId: 'sale', budgetKey: 'engine/platform', spentFen: 71_000, plannedFen: PLANNED_FEN },
    ]);
    expect((await stateOf(runtime)).order).toBe(
      `${formatTime(HALF_WAY_MS)}#${eventIdOf('/zhihui/pacer', 'sale')}`,
    );
  });

  it('is measured against the course of the sale that it is compared with', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    const last = definition('last', undefined);
    await open(runtime, last);
    const settings = campaignSettings(last);
    // All orders of the last sale came at its start.
    const events = [{ ...paid({ order: 'all' }), timeMs: settings.startsAtMs, count: 10_000 }];
    await rollUp(runtime, settings, await append({ aside: runtime } as World, settings, events));
    await open(runtime, { ...SALE, compareWith: 'last' });
    await spend(runtime, 'engine/platform', PLANNED_FEN + 11_000);
    await tick(runtime, HALF_WAY_MS);
    expect(await stateOf(runtime)).toMatchObject({ isPaused: false });
  });

  it('is not looked at if its definition asks for no pause', async () => {
    const { pauseAheadShare: _, ...section } = SALE.coupons!;
    // Without clients, any call would fail.
    await pauseWhenAhead(testRuntime(), campaignSettings(SALE), section, HALF_WAY_MS);
  });

  it.each([
    ['the baseline spends as fast as it can', {}, 'baseline/platform', HALF_WAY_MS],
    ['its definition asks for no pause', { pauseAheadShare: undefined }, 'engine/platform', HALF_WAY_MS],
    ['the sale is nearly over and all was to be spent by now', {}, 'engine/platform', START_MS + SALE_MS - 1],
  ])('is not paused if %s', async (_, changes, key, nowMs) => {
    const runtime = await opened(changes);
    await spend(runtime, key, BUDGET_FEN - 1_000);
    await tick(runtime, nowMs);
    expect(await stateOf(runtime)).toMatchObject({ isPaused: false });
  });
});
