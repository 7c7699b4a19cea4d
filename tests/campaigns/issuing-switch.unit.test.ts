import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { budgetItems } from '#domain/campaigns/budget-items.ts';
import { putItemsOnce, registerCampaign } from '#domain/campaigns/campaigns-table.ts';
import {
  applySwitch,
  NEVER_SWITCHED,
  readSwitch,
  readSwitchProgress,
  switchOfEvent,
} from '#domain/campaigns/issuing-switch.ts';
import type { Hooks } from '#local/emulator/hooks.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { campaign, coupons } from '../support/presale-world.ts';
import { testRuntime } from '../support/runtime.ts';

const SALE = campaign({ coupons: coupons({ shards: 2 }) });
const PAUSE = { isPaused: true, sinceMs: 5, order: '5' };

/** A sale whose budget shards are written. Every call after that runs `before` first. */
const opened = async (before: Hooks['before'] = async () => {}) => {
  let isOpen = false;
  const calls: { name: string; input: object }[] = [];
  const dynamodb = emulatedTables({
    before: async (call) => {
      calls.push(call as (typeof calls)[number]);
      if (isOpen) await before(call);
    },
  });
  const runtime = testRuntime({ clients: { dynamodb } });
  const { layout } = (await registerCampaign(runtime, SALE)).stored;
  await putItemsOnce(
    runtime,
    'sale',
    layout.budgets.flatMap((budget) => budgetItems(budget, 1_000)),
  );
  isOpen = true;
  calls.length = 0;
  return { runtime, calls };
};

const failing = (operation: string, error: Error) =>
  opened(async ({ name }) => {
    if (name === operation) throw error;
  });

describe('the switch of a campaign', () => {
  it('leaves the campaign unpaused before the first event', async () => {
    const { runtime } = await opened();
    expect(await readSwitch(runtime, 'sale')).toEqual({
      ...{ isPaused: false, sinceMs: Number.NEGATIVE_INFINITY, order: '' },
    });
    expect(await readSwitchProgress(runtime, 'sale')).toEqual({
      state: NEVER_SWITCHED,
      shards: 4,
      switched: 4,
    });
  });

  it('takes its state from the type of an event, and its order from the event’s time, source and id', () => {
    const event = { specversion: '1.0', id: 'e', source: '/ops', data: { campaignId: 'sale' } } as const;
    const time = '2026-11-10T12:00:00Z';
    const paused = switchOfEvent({ ...event, type: 'campaign.paused', time });
    expect(paused).toMatchObject({ isPaused: true, sinceMs: Date.parse(time) });
    expect(paused.order).toMatch(/^2026-11-10T12:00:00\.000Z#[\w-]{16}$/);
    expect(switchOfEvent({ ...event, type: 'campaign.resumed', time })).toEqual({
      ...paused,
      isPaused: false,
    });
  });

  it('is read with strong consistency, as the last event left it', async () => {
    const { runtime, calls } = await opened();
    await applySwitch(runtime, 'sale', PAUSE);
    expect(await readSwitch(runtime, 'sale')).toEqual(PAUSE);
    expect(calls.at(-1)).toMatchObject({ name: 'GetItem', input: { ConsistentRead: true } });
  });

  it('says whether an event decides: the latest one does, even if it comes again', async () => {
    const { runtime, calls } = await opened();
    expect(await applySwitch(runtime, 'sale', PAUSE)).toBe(true);
    calls.length = 0;
    expect(await applySwitch(runtime, 'sale', PAUSE)).toBe(true);
    // No shard is written again.
    expect(calls.filter(({ name }) => name === 'UpdateItem')).toEqual([]);
    expect(await applySwitch(runtime, 'sale', { isPaused: false, sinceMs: 4, order: '4' })).toBe(false);
    expect(await readSwitchProgress(runtime, 'sale')).toEqual({ state: PAUSE, shards: 4, switched: 4 });
  });

  it('counts no shard as switched if the event is stored but no shard follows it yet', async () => {
    const { runtime } = await failing('UpdateItem', new Error('died'));
    await expect(applySwitch(runtime, 'sale', PAUSE)).rejects.toThrow('died');
    expect(await readSwitchProgress(runtime, 'sale')).toEqual({ state: PAUSE, shards: 4, switched: 0 });
  });

  it('does not count a shard that was never paused as resumed before the event is applied to it', async () => {
    const { runtime } = await failing('UpdateItem', new Error('died'));
    const resume = { isPaused: false, sinceMs: 6, order: '6' };
    await expect(applySwitch(runtime, 'sale', resume)).rejects.toThrow('died');
    expect(await readSwitchProgress(runtime, 'sale')).toEqual({ state: resume, shards: 4, switched: 0 });
  });

  it('does not count shards that a later, opposite event switched between the reads of switch and shards', async () => {
    let isDue = false;
    const dynamodb = emulatedTables({
      after: async ({ name }) => {
        if (name !== 'GetItem' || !isDue) return;
        isDue = false;
        await applySwitch(other, 'sale', { isPaused: false, sinceMs: 6, order: '6' });
      },
    });
    const [runtime, other] = [testRuntime({ clients: { dynamodb } }), testRuntime({ clients: { dynamodb } })];
    const { layout } = (await registerCampaign(runtime, SALE)).stored;
    await putItemsOnce(
      runtime,
      'sale',
      layout.budgets.flatMap((budget) => budgetItems(budget, 1_000)),
    );
    await applySwitch(runtime, 'sale', PAUSE);
    isDue = true;
    expect(await readSwitchProgress(runtime, 'sale')).toEqual({ state: PAUSE, shards: 4, switched: 0 });
  });

  it('does not change a shard to which a later event was applied in the meantime', async () => {
    const later = { isPaused: false, sinceMs: 6, order: '6' };
    let isFirst = true;
    const { runtime } = await opened(async ({ name }) => {
      if (name !== 'UpdateItem' || !isFirst) return;
      isFirst = false;
      await applySwitch(runtime, 'sale', later);
    });
    expect(await applySwitch(runtime, 'sale', PAUSE)).toBe(true);
    expect(await readSwitchProgress(runtime, 'sale')).toEqual({ state: later, shards: 4, switched: 4 });
  });

  it.each(['PutItem', 'UpdateItem'])(
    'does not count as applied if %s fails for a reason other than its condition',
    async (operation) => {
      const { runtime } = await failing(operation, new Error('no capacity'));
      await expect(applySwitch(runtime, 'sale', PAUSE)).rejects.toThrow('no capacity');
    },
  );

  it('cannot be applied if a refused write does not return the stored switch', async () => {
    const refusal = new ConditionalCheckFailedException({ message: 'refused', $metadata: {} });
    const { runtime } = await failing('PutItem', refusal);
    await expect(applySwitch(runtime, 'sale', PAUSE)).rejects.toBe(refusal);
  });
});
