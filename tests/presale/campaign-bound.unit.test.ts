import { describe, expect, it } from 'vitest';
import { listCampaign } from '#domain/campaigns/campaigns-table.ts';
import { MAX_OPEN_CAMPAIGNS, refusalWhereFull } from '#domain/presale/campaign-bound.ts';
import type { CampaignDefinition, PresaleStarted } from '#events/contract.ts';
import { DAY_MS, HOUR_MS } from '#platform/duration.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { presaleStarted } from '../support/presale-world.ts';
import { testRuntime } from '../support/runtime.ts';

const NOW_MS = Date.parse('2026-11-10T12:00:00.000Z');

const campaign = (campaignId: string, endsMs = NOW_MS + HOUR_MS): CampaignDefinition => ({
  campaignId,
  startsAt: new Date(endsMs - 2 * HOUR_MS).toISOString(),
  endsAt: new Date(endsMs).toISOString(),
  metrics: { horizonHours: 24 },
});

const open = async (...campaigns: CampaignDefinition[]) => {
  const runtime = testRuntime({
    clients: { dynamodb: emulatedTables() },
    clock: { nowMs: () => NOW_MS, wait: async () => {} },
  });
  for (const one of campaigns) await listCampaign(runtime, one);
  const received = { messageId: '1', body: '', attributes: { SentTimestamp: String(NOW_MS) } };
  return (campaignId: string) =>
    refusalWhereFull(runtime, presaleStarted(campaign(campaignId)) as PresaleStarted, received);
};

const many = (count: number, endsMs?: number): CampaignDefinition[] =>
  Array.from({ length: count }, (_, i) => campaign(`sale-${endsMs ?? ''}-${i}`, endsMs));

describe('the bound on open campaigns', () => {
  it('lets in the last campaign that fits, and refuses the next one by name', async () => {
    expect(await (await open(...many(MAX_OPEN_CAMPAIGNS - 1)))('next')).toBeUndefined();
    expect(await (await open(...many(MAX_OPEN_CAMPAIGNS)))('next')).toMatchObject({
      reason: 'too-many-campaigns',
      field: 'data.campaignId',
      message: expect.stringContaining('at most 100 campaigns that take orders, got "next"'),
    });
  });

  it('lets in a campaign that is open already, so that its opening can be finished', async () => {
    expect(await (await open(...many(MAX_OPEN_CAMPAIGNS)))('sale--0')).toBeUndefined();
  });

  it('does not count campaigns that take no more orders', async () => {
    const over = many(50, NOW_MS - 2 * DAY_MS);
    expect(await (await open(...many(MAX_OPEN_CAMPAIGNS - 1), ...over))('next')).toBeUndefined();
    const inHorizon = many(1, NOW_MS - 23 * HOUR_MS);
    expect(await (await open(...many(MAX_OPEN_CAMPAIGNS - 1), ...inHorizon))('next')).toBeDefined();
  });
});
