import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { budgetItems, issuableIn, readBudgetShards, readBudgets } from '#domain/campaigns/budget-items.ts';
import {
  definitionKeyOf,
  layoutOf,
  putItemsOnce,
  readStoredDefinition,
  registerCampaign,
} from '#domain/campaigns/campaigns-table.ts';
import { applyCeiling } from '#domain/campaigns/ceiling.ts';
import { budgetOf, layoutFor, partitionOf, shardsOfNew } from '#domain/campaigns/layout.ts';
import { openingItems } from '#domain/campaigns/opening.ts';
import { readPrices, writePrices } from '#domain/campaigns/prices.ts';
import { entryShardsOf } from '#domain/free-orders/entries/draws-table.ts';
import { sumOf } from '#platform/collections.ts';
import { instantRules } from '../free-orders/factory.ts';
import { openFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { campaign, coupons, offer, scanAll } from '../support/presale-world.ts';
import { testRuntime } from '../support/runtime.ts';

const SALE = { ...campaign({ coupons: coupons() }), freeOrders: instantRules() };
const BILLION_YUAN_FEN = 100_000_000_000;
const PEAK = { metrics: 54, budgets: 96, entries: 16 };
/** Coupons whose definition names no number of shards. */
const { shards: _, ...unnamed } = coupons({
  budgets: [{ pool: 'platform', totalFen: BILLION_YUAN_FEN, presaleShare: 0.5 }],
});
const NAMELESS = campaign({ coupons: unnamed });

const worker = (shards = PEAK) => {
  const dynamodb = emulatedTables();
  const another = () =>
    testRuntime({ clients: { dynamodb }, environment: { CAMPAIGN_SHARDS: JSON.stringify(shards) } });
  return { dynamodb, runtime: another(), another };
};

describe('the layout of a campaign', () => {
  it('has a key of its own for each shard of a budget and for the prices', async () => {
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
      expect(layout).toMatchObject({ hasOwnKeys: true, entryShards: 16 });
      expect(budgetOf(layout, 'engine/platform').shards).toBe(96);
      expect(await entryShardsOf(reader, 'sale')).toBe(16);
    }
    const again = await registerCampaign(later, NAMELESS);
    expect(again).toMatchObject({ kind: 'known', definition: NAMELESS });
    expect(budgetOf(again.stored.layout, 'engine/platform').shards).toBe(96);
  });

  it('follows the definition if it names shards', async () => {
    const { runtime } = worker();
    const { stored } = await registerCampaign(runtime, { ...SALE, metrics: { shards: 3 } });
    expect(stored.definition.metrics).toEqual({ shards: 3 });
    expect(budgetOf(stored.layout, 'engine/platform').shards).toBe(8);
  });

  it('puts all items under the campaign’s own key if the previous version opened the campaign, so that workers of both versions find them', async () => {
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

  /** A campaign with these pools, each with its money in fen; the first has the baseline's offer. */
  const openedWith = async (totals: Record<string, number>) => {
    const budgets = Object.entries(totals).map(([pool, totalFen]) => ({ pool, totalFen, presaleShare: 0.5 }));
    const offers = Object.keys(totals).map((pool) => offer({ offerId: pool, pool }));
    const ofSale = { ...unnamed, budgets, offers, baselineOffer: offers[0]!.offerId };
    const { runtime } = worker();
    const { layout } = (await registerCampaign(runtime, campaign({ coupons: ofSale }))).stored;
    await putItemsOnce(runtime, 'sale', openingItems(layout, ofSale));
    return { runtime, ofSale };
  };
  const shardsWith = async (totals: Record<string, number>): Promise<Record<string, number>> => {
    const { runtime } = await openedWith(totals);
    const read = await readBudgets(runtime, 'sale');
    return Object.fromEntries([...read].map(([key, { length }]) => [key, length]));
  };

  it('divides a budget as far as the peak needs, even if an arm has no money in some pools', async () => {
    expect(await shardsWith({ platform: BILLION_YUAN_FEN, stores: BILLION_YUAN_FEN })).toEqual({
      'engine/platform': 96,
      'engine/stores': 96,
      'baseline/platform': 96,
      'baseline/stores': 8,
    });
  });

  it('divides a small budget no further than its coupons allow, and a large one beside it as far as if it were alone', async () => {
    expect(await shardsWith({ platform: BILLION_YUAN_FEN, small: 200_000, middle: 3_000_000 })).toEqual({
      'engine/platform': 96,
      'engine/small': 8,
      'engine/middle': 30,
      'baseline/platform': 96,
      'baseline/small': 8,
      'baseline/middle': 8,
    });
  });

  it('lets a ceiling apply to all budgets of a pool, even if they have different numbers of shards', async () => {
    const { runtime, ofSale } = await openedWith({ platform: 3_000_000 });
    expect((await readBudgets(runtime, 'sale')).get('engine/platform')).toHaveLength(22);
    expect((await readBudgets(runtime, 'sale')).get('baseline/platform')).toHaveLength(8);
    await applyCeiling(runtime, 'sale', ofSale, {
      ...{ pool: 'platform', ceilingFen: 1_000_000 },
      ...{ sinceMs: 0, order: '1' },
    });
    const issuable = issuableIn(await readBudgetShards(runtime, 'sale'));
    expect(sumOf([...issuable.values()].flat())).toBe(1_000_000);
  });

  it('gives no budget more shards than the stage says', () => {
    expect(shardsOfNew(NAMELESS, { ...PEAK, budgets: 1 }).budgets).toEqual({
      'engine/platform': 1,
      'baseline/platform': 1,
    });
  });

  it('is as the previous version stored it, with one number of shards for all budgets', async () => {
    const { runtime, dynamodb, another } = worker();
    await registerCampaign(runtime, NAMELESS);
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: 'Campaigns',
        Key: definitionKeyOf('sale'),
        UpdateExpression: 'SET shards = :shards',
        ExpressionAttributeValues: { ':shards': { S: '{"metrics":54,"budgets":24,"entries":16}' } },
      }),
    );
    const { stored } = await registerCampaign(another(), NAMELESS);
    expect(stored.layout.budgets.map(({ key, shards }) => [key, shards])).toEqual([
      ['engine/platform', 24],
      ['baseline/platform', 24],
    ]);
    expect(stored.layout.entryShards).toBe(16);
  });

  it('has no other budgets than those of the definition', () => {
    expect(() => budgetOf(layoutFor(SALE, PEAK), 'engine/other')).toThrow(
      'campaign sale: expected a budget engine/other, got none',
    );
  });
});
