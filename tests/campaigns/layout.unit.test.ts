import { describe, expect, it } from 'vitest';
import { budgetItems, readBudgets } from '#domain/campaigns/budget-items.ts';
import {
  layoutOf,
  putItemsOnce,
  readStoredDefinition,
  registerCampaign,
} from '#domain/campaigns/campaigns-table.ts';
import { budgetOf, layoutFor, partitionOf, shardsOfNew } from '#domain/campaigns/layout.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { readPrices, writePrices } from '#domain/campaigns/prices.ts';
import { entryShardsOf } from '#domain/free-orders/entries/draws-table.ts';
import { instantRules } from '../free-orders/factory.ts';
import { openFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { campaign, coupons, scanAll } from '../support/presale-world.ts';
import { testRuntime } from '../support/runtime.ts';

const SALE = { ...campaign({ coupons: coupons() }), freeOrders: instantRules() };
const PEAK = { metrics: 54, budgets: 96, entries: 16 };
const { shards: _, ...unnamed } = coupons({
  budgets: [{ pool: 'platform', totalFen: 100_000_000_000, presaleShare: 0.5 }],
});
const NAMELESS = campaign({ coupons: unnamed });

const worker = (shards = PEAK) => {
  const dynamodb = emulatedTables();
  const another = () =>
    testRuntime({ clients: { dynamodb }, environment: { CAMPAIGN_SHARDS: JSON.stringify(shards) } });
  return { dynamodb, runtime: another(), another };
};

describe('where the items of a campaign are', () => {
  it('is under a key of its own for each shard of a budget and for the prices', async () => {
    const { dynamodb, runtime } = worker();
    const { layout } = (await registerCampaign(runtime, SALE)).stored;
    await putItemsOnce(runtime, 'sale', [
      ...openingItems(layout, SALE.coupons),
      ...budgetItems(budgetOf(layout, 'free/quota'), 1_000),
    ]);
    await writePrices(runtime, 'sale', { 'engine/platform': 0.5 }, 0);
    const keys = (await scanAll(dynamodb as never, 'Campaigns')).map(({ campaign: key }) => key!.S!);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain('sale#BUDGET#engine/platform#00');
    expect(keys).toContain('sale#BUDGET#free/quota#09');
    expect(keys).toContain('sale#PRICE');
    expect((await readPrices(runtime, 'sale')).prices).toEqual({ 'engine/platform': 0.5 });
    const budgets = await readBudgets(runtime, 'sale');
    expect([...budgets].map(([key, { length }]) => [key, length])).toEqual([
      ['engine/platform', 8],
      ['baseline/platform', 8],
      ['free/quota', 10],
    ]);
  });

  it('stays as it was registered, whatever the stage says later', async () => {
    const { runtime, another, dynamodb } = worker();
    await registerCampaign(runtime, NAMELESS);
    const later = testRuntime({ clients: { dynamodb } });
    for (const reader of [another(), later]) {
      const { definition, layout } = (await readStoredDefinition(reader, 'sale'))!;
      expect(definition.metrics).toEqual({ shards: 54 });
      expect(layout).toMatchObject({ hasOwnKeys: true, budgetShards: 96, entryShards: 16 });
      expect(await entryShardsOf(reader, 'sale')).toBe(16);
    }
    const again = await registerCampaign(later, NAMELESS);
    expect(again).toMatchObject({ kind: 'known', definition: NAMELESS });
    expect(again.stored.layout.budgetShards).toBe(96);
  });

  it('follows the definition if it names shards', async () => {
    const { runtime } = worker();
    const { stored } = await registerCampaign(runtime, { ...SALE, metrics: { shards: 3 } });
    expect(stored.definition.metrics).toEqual({ shards: 3 });
    expect(stored.layout.budgetShards).toBe(8);
  });

  it('is under the campaign’s own key if the previous version opened it, for workers of both versions', async () => {
    const { runtime, dynamodb } = worker();
    await openFormerly(runtime, SALE);
    await writePrices(runtime, 'sale', { 'engine/platform': 0.5 }, 0);
    const layout = (await layoutOf(runtime, 'sale'))!;
    expect(layout).toMatchObject({ hasOwnKeys: false, entryShards: 8 });
    expect(partitionOf(layout, 'PRICE')).toBe('sale');
    const keys = (await scanAll(dynamodb as never, 'Campaigns')).map(({ campaign: key }) => key!.S!);
    expect(new Set(keys)).toEqual(new Set(['sale', '#open']));
    expect([...(await readBudgets(runtime, 'sale')).keys()].sort()).toEqual([
      'baseline/platform',
      'engine/platform',
    ]);
  });

  it('divides a small budget no further than its coupons allow', () => {
    expect(shardsOfNew(SALE, PEAK).budgets).toBe(8);
    expect(shardsOfNew(NAMELESS, PEAK)).toEqual(PEAK);
    expect(() => budgetOf(layoutFor(SALE, PEAK), 'engine/other')).toThrow(
      'campaign sale: expected a budget engine/other, got none',
    );
  });
});
