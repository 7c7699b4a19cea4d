import { describe, expect, it } from 'vitest';
import { budgetItems, heldBackIn, readBudgetShards, remainingOf } from '#domain/campaigns/budget-items.ts';
import { putItemsOnce } from '#domain/campaigns/campaigns-table.ts';
import { openFormerly } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { campaign, coupons } from '../support/presale-world.ts';
import { testRuntime } from '../support/runtime.ts';

describe('what a shard may give', () => {
  it('is what remains in it, nothing while a ceiling is being applied, and unknown if its item does not say what remains', () => {
    expect(remainingOf({ remaining: { N: '7' } })).toBe(7);
    expect(remainingOf({ remaining: { N: '7' }, capped: { BOOL: true } })).toBe(0);
    expect(remainingOf({ isOpen: { BOOL: true } })).toBeUndefined();
    expect(remainingOf(undefined)).toBeUndefined();
  });
});

describe('the shards of a budget', () => {
  it('are read without those of a budget whose name begins with its name, in the layout of the previous version', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    await openFormerly(runtime, campaign({ coupons: coupons() }));
    const longer = { campaignId: 'sale', key: 'engine/platform-2', shards: 2, hasOwnKeys: false };
    await putItemsOnce(runtime, 'sale', budgetItems(longer, 1_000));
    const keysOf = async (key?: string) =>
      new Set((await readBudgetShards(runtime, 'sale', key)).map(({ budgetKey }) => budgetKey));
    expect(await keysOf('engine/platform')).toEqual(new Set(['engine/platform']));
    expect(await keysOf()).toEqual(new Set(['engine/platform', 'engine/platform-2', 'baseline/platform']));
  });

  it('are none for an unknown campaign', async () => {
    const runtime = testRuntime({ clients: { dynamodb: emulatedTables() } });
    expect(await readBudgetShards(runtime, 'nobody')).toEqual([]);
  });
});

describe('what a ceiling holds back', () => {
  const shard = (budgetKey: string, remaining: number, held: number, isCapped = false) => ({
    ...{ key: {}, budgetKey, remaining, held, isCapped, ceilingOrder: '', halt: undefined },
    ...{ isPaused: false, switchOrder: '' },
  });

  it('is summed over a budget’s shards, and includes what remains in a shard while the ceiling is being applied; a budget of which nothing is held back is left out', () => {
    expect(
      heldBackIn([shard('a', 5, 2), shard('a', 5, 0), shard('a', 5, 3, true), shard('b', 5, 0)]),
    ).toEqual({ a: 10 });
  });
});
