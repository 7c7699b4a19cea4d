import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { advance, readProgress } from '#domain/campaigns/progress-items.ts';
import { putEntryBlocks } from '#domain/free-orders/entries/draws-table.ts';
import { carryOut } from '#domain/grants/claims.ts';
import { couponGrant } from '#domain/grants/grant.ts';
import { putRow } from '#domain/metrics/row-items.ts';
import { campaignSettings } from '#events/contract.ts';
import { RETENTION_DAYS } from '#platform/expiry.ts';
import { coupons, definition, END_MS, offer, START_MS } from '../coupons/factories.ts';
import { open } from '../support/coupon-world.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { budgetIn } from '../support/layouts.ts';
import { testRuntime } from '../support/runtime.ts';

const DAY_MS = 86_400_000;
const SALE = definition('sale', coupons());

const worldAt = async (nowMs: number) => {
  const dynamodb = emulatedTables();
  const runtime = testRuntime({ clients: { dynamodb }, clock: { nowMs: () => nowMs, wait: async () => {} } });
  await open(runtime, SALE);
  /** The expiries in a table, in ms since the epoch; undefined for an item that stays. */
  const expiries = async (table: string): Promise<(number | undefined)[]> => {
    const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }));
    return items.map(({ expiresAt }) => (expiresAt === undefined ? undefined : Number(expiresAt.N) * 1_000));
  };
  return { runtime, expiries };
};

const grantValidFor = (validHours: number) =>
  couponGrant({
    campaignId: 'sale',
    member: 'm1',
    slot: 0,
    offer: offer({ validHours }),
    arm: 'engine',
    trigger: 'AAAAAAAAAAAAAAAA',
    grantedMs: START_MS,
    reason: {},
    idKey: undefined,
  });

describe('what belongs to a campaign', () => {
  it.each([
    ['during the sale', START_MS, END_MS],
    ['in a replay long after the sale', END_MS + 4_000 * DAY_MS, END_MS + 4_000 * DAY_MS],
  ])('is kept for the retention period after the end or a later write (%s)', async (_, nowMs, fromMs) => {
    const { runtime, expiries } = await worldAt(nowMs);
    const keptUntil = fromMs + RETENTION_DAYS * DAY_MS;
    const grant = grantValidFor(1);
    const debit = { grant, budget: budgetIn('sale', SALE.coupons!, grant.budget) };
    expect(await carryOut(runtime, [{ debits: [debit] }])).toEqual([{ kind: 'done' }]);
    expect(await expiries('Grants')).toEqual([keptUntil]);
    await putEntryBlocks(runtime, 'sale', [{ id: 'AAAA', body: Uint8Array.of(1), slot: 0 }]);
    expect(await expiries('Draws')).toEqual([keptUntil]);
    const before = (await expiries('Campaigns')).length;
    const key = { campaign: 'sale', item: 'ISSUE#1#00000' };
    await advance(runtime, key, await readProgress(runtime, key), { isDone: true });
    const stored = await expiries('Campaigns');
    expect(stored.filter((one) => one !== undefined)).toEqual([keptUntil]);
    expect(stored).toHaveLength(before + 1);
  });

  it('is kept for the retention period after its own expiry if it is a coupon that outlives the sale', async () => {
    const { runtime, expiries } = await worldAt(START_MS);
    const grant = grantValidFor(1_000);
    await carryOut(runtime, [{ debits: [{ grant, budget: budgetIn('sale', SALE.coupons!, grant.budget) }] }]);
    expect(await expiries('Grants')).toEqual([grant.expiresMs + RETENTION_DAYS * DAY_MS]);
  });

  it('is kept for the retention period after the end plus the horizon if it is a row, and its further parts 30 days longer', async () => {
    const { runtime, expiries } = await worldAt(START_MS);
    const settings = campaignSettings(SALE);
    const row = {
      blocks: 1,
      version: 'v',
      parts: [Uint8Array.of(1), Uint8Array.of(2)],
      madeOf: { kind: 'children' as const, counts: [1] },
    };
    const key = { level: 0, startMs: settings.startsAtMs, shard: 0 };
    await putRow(runtime, settings, key, { row, before: undefined });
    const keptUntil = settings.endsAtMs + settings.horizonMs + RETENTION_DAYS * DAY_MS;
    expect((await expiries('Metrics')).sort()).toEqual([keptUntil, keptUntil + 30 * DAY_MS]);
  });

  it('has an expiry, but what belongs to no campaign has none', async () => {
    const { runtime, expiries } = await worldAt(START_MS);
    const key = { campaign: '#sweep', item: 'GRANTS' };
    await advance(runtime, key, await readProgress(runtime, key), { isDone: true });
    expect((await expiries('Campaigns')).filter((one) => one !== undefined)).toEqual([]);
  });
});
