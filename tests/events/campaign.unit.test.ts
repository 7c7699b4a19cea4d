import { describe, expect, test as it } from 'vitest';
import { brandLineFenOf, campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import { MAX_AMOUNT_FEN, MAX_ID_LENGTH } from '#events/fields.ts';
import { definition } from './factories.ts';

describe('the settings of a campaign', () => {
  it('have the documented defaults where the definition says nothing', () => {
    expect(campaignSettings(definition())).toEqual({
      campaignId: 'double11-2026',
      startsAtMs: Date.UTC(2026, 10, 10, 16),
      endsAtMs: Date.UTC(2026, 10, 11, 16),
      windowMs: 10_000,
      shards: 1,
      horizonMs: 168 * 3_600_000,
    });
    expect(campaignSettings(definition({ metrics: {} }))).toEqual(campaignSettings(definition()));
  });

  it('are what the definition says', () => {
    expect(
      campaignSettings(definition({ metrics: { windowSeconds: 60, shards: 8, horizonHours: 2 } })),
    ).toMatchObject({ windowMs: 60_000, shards: 8, horizonMs: 7_200_000 });
  });
});

describe('the line that makes a brand a milestone', () => {
  it('is CNY 100 M unless the definition tells another, and travels only then', () => {
    const settings = campaignSettings(definition());
    expect(settings).not.toHaveProperty('brandLineFen');
    expect(brandLineFenOf(settings)).toBe(10_000_000_000);
    const lower = campaignSettings(definition({ metrics: { brandLineFen: 10_000_000 } }));
    expect(brandLineFenOf(lower)).toBe(10_000_000);
  });

  it.each([0, 1.5, '100', 9_000_000_000_001])('is a whole positive number of fen, not %j', (brandLineFen) => {
    const parsed = parseCampaignDefinition({ ...definition(), metrics: { brandLineFen } });
    expect(parsed).toMatchObject({ ok: false, rejection: { field: 'metrics.brandLineFen' } });
  });

  it('the campaign to compare with travels in the settings', () => {
    expect(campaignSettings(definition({ compareWith: 'double11-2025' }))).toMatchObject({
      compareWith: 'double11-2025',
    });
  });
});

describe('limits', () => {
  it('900,000 orders of the largest amount sum exactly in a double', () => {
    expect(900_000 * MAX_AMOUNT_FEN).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });

  it('the longest id fits in a DynamoDB sort key beside as much again', () => {
    expect(Buffer.byteLength('😀'.repeat(MAX_ID_LENGTH))).toBeLessThanOrEqual(1_024 / 2);
  });
});
