import { describe, expect, it } from 'vitest';
import { brandLineFenOf, campaignSettings, parseCampaignDefinition } from '#events/contract.ts';
import { MAX_AMOUNT_FEN, MAX_ID_LENGTH } from '#events/fields.ts';
import { definition } from './factories.ts';

describe('the settings of a campaign', () => {
  it('have the documented defaults if the definition says nothing', () => {
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

  it('name the campaign to compare with', () => {
    expect(campaignSettings(definition({ compareWith: 'double11-2025' }))).toMatchObject({
      compareWith: 'double11-2025',
    });
  });
});

describe('the line at which a brand reaches a milestone', () => {
  it('is CNY 100 M unless the definition names another, and the settings contain it only then', () => {
    const settings = campaignSettings(definition());
    expect(settings).not.toHaveProperty('brandLineFen');
    expect(brandLineFenOf(settings)).toBe(10_000_000_000);
    const lower = campaignSettings(definition({ metrics: { brandLineFen: 10_000_000 } }));
    expect(brandLineFenOf(lower)).toBe(10_000_000);
  });

  it.each([0, 1.5, '100', 9_000_000_000_001])(
    'is a whole number of fen from 1 to 9,000,000,000,000, not %j',
    (brandLineFen) => {
      const parsed = parseCampaignDefinition({ ...definition(), metrics: { brandLineFen } });
      expect(parsed).toMatchObject({ ok: false, rejection: { field: 'metrics.brandLineFen' } });
    },
  );
});

describe('within the limits', () => {
  it('900,000 orders of the largest amount sum exactly in a double', () => {
    expect(900_000 * MAX_AMOUNT_FEN).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });

  it('the longest id takes at most half of a DynamoDB sort key', () => {
    expect(Buffer.byteLength('😀'.repeat(MAX_ID_LENGTH))).toBeLessThanOrEqual(1_024 / 2);
  });
});

describe('how a sale presents itself', () => {
  const named = { name: '双十一 2026', currency: 'BRL', timeZone: 'America/Sao_Paulo', locale: 'en' };

  it('is kept as it is written, and may be left empty', () => {
    expect(parseCampaignDefinition(definition({ display: named }))).toEqual({
      ok: true,
      definition: definition({ display: named }),
    });
    expect(parseCampaignDefinition(definition({ display: {} }))).toMatchObject({ ok: true });
  });

  it.each([
    [{ currency: 'yuan' }, 'display.currency: expected a currency code of ISO 4217 such as CNY, got "yuan"'],
    [{ currency: 'QQQ' }, 'display.currency: expected a currency code of ISO 4217 such as CNY, got "QQQ"'],
    [
      { timeZone: 'Mars/Olympus' },
      'display.timeZone: expected a time zone of the IANA database such as Asia/Shanghai, got "Mars/Olympus"',
    ],
    [{ locale: 'fr' }, 'display.locale: expected "zh-CN" or "en", got "fr"'],
    [{ title: 'x' }, 'display.title: expected no such field, got "x"'],
    [
      { name: 'a\u202eb' },
      'display.name: expected 1 to 80 characters, no control characters, no white space at either end, got "a\u202eb"',
    ],
  ])('is refused if it is %j', (display, message) => {
    expect(parseCampaignDefinition({ ...definition(), display })).toMatchObject({
      ok: false,
      rejection: { message },
    });
  });
});

describe('coupons in a definition', () => {
  const budgets = [{ pool: 'platform', totalFen: 1_000, presaleShare: 0.5 }];
  const offers = [
    {
      offerId: 'ten',
      pool: 'platform',
      thresholdFen: 5_000,
      discountFen: 1_000,
      scope: 'all',
      validHours: 1,
    },
  ];
  const coupons = { budgets, offers, salt: 's', objective: 'conversions', perMemberLimit: 1 };
  const of = (fields: object) => parseCampaignDefinition({ ...definition(), ...fields });

  it('allow a presale no later than the start, whose time is then given in the canonical form', () => {
    expect(of({ coupons, presaleAt: '2026-11-11T00:00:00+08:00' })).toMatchObject({
      ok: true,
      definition: { presaleAt: '2026-11-10T16:00:00.000Z' },
    });
    expect(of({ coupons, presaleAt: '2026-11-10T16:00:00.001Z' })).toMatchObject({
      ok: false,
      rejection: { reason: 'rule-broken', field: 'presaleAt' },
    });
  });

  it('are needed for a presale', () => {
    expect(of({ presaleAt: '2026-11-10T15:00:00Z' })).toMatchObject({
      ok: false,
      rejection: { reason: 'rule-broken', field: 'presaleAt' },
    });
  });

  it('are refused if a budget cannot pay even one coupon of its pool', () => {
    const low = { ...coupons, budgets: [{ ...budgets[0], totalFen: 999 }] };
    expect(of({ coupons: low })).toMatchObject({
      ok: false,
      rejection: {
        message:
          'coupons.budgets[0].totalFen: expected an integer from 1000 (one coupon of the pool) to 9000000000000, got 999',
      },
    });
  });
});
