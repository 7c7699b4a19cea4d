import { describe, expect, it } from 'vitest';
import { campaignToShow } from '#domain/board/choose.ts';
import { couponView } from '#domain/board/coupon-view.ts';
import { curveOf, type Series } from '#domain/board/curve.ts';
import { type BoardData, viewOf } from '#domain/board/view-of.ts';
import { emptyRow, type Row } from '#domain/metrics/rollup/row.ts';
import {
  type CampaignDefinition,
  type CampaignSettings,
  campaignSettings,
  formatTime,
} from '#events/contract.ts';

type Sketch = Row['sketches'] extends Map<string, infer One> ? One : never;

import { START_MS, settings } from '../metrics/factories.ts';
import { coupons } from '../support/presale-world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe('the campaign to show', () => {
  const at = (
    campaignId: string,
    startsInMs: number,
    lengthMs: number,
    compareWith?: string,
  ): CampaignSettings =>
    settings({
      campaignId,
      startsAtMs: START_MS + startsInMs,
      endsAtMs: START_MS + startsInMs + lengthMs,
      ...(compareWith === undefined ? {} : { compareWith }),
    });
  const everyday = at('everyday', -100 * DAY_MS, 1_000 * DAY_MS);
  const before = at('sale-2025', -365 * DAY_MS, HOUR_MS);
  const sale = at('sale-2026', 0, HOUR_MS, 'sale-2025');
  const flash = at('flash', 10 * MINUTE_MS, HOUR_MS);
  const shown = (open: CampaignSettings[], nowMs: number) => campaignToShow(open, nowMs)?.campaignId;

  it('is the sale while it is on, not the everyday campaign or a newer one at the same time', () => {
    expect(shown([everyday, before, sale, flash], START_MS + 20 * MINUTE_MS)).toBe('sale-2026');
    expect(shown([flash, sale, before, everyday], START_MS + 20 * MINUTE_MS)).toBe('sale-2026');
  });

  it('is one that is on, else one to come, else one that is over', () => {
    expect(shown([everyday, before, sale], START_MS - 1)).toBe('everyday');
    expect(shown([before, sale], START_MS - 1)).toBe('sale-2026');
    expect(shown([before], START_MS - 1)).toBe('sale-2025');
    expect(shown([before, sale], START_MS + 2 * HOUR_MS)).toBe('sale-2026');
  });

  it('is the next of several to come, but one that is compared with another goes before the others', () => {
    expect(shown([at('later', DAY_MS, HOUR_MS), flash], START_MS - 1)).toBe('flash');
    expect(shown([flash, at('later', DAY_MS, HOUR_MS, 'sale-2025')], START_MS - 1)).toBe('later');
  });

  it('is the one that started last of several that are on, and none if none is open', () => {
    expect(shown([flash, at('flash-2', 12 * MINUTE_MS, HOUR_MS)], START_MS + 20 * MINUTE_MS)).toBe('flash-2');
    expect(shown([], START_MS)).toBeUndefined();
  });
});

describe('a curve', () => {
  const point = (startMs: number, netFen: number) => ({ startMs, orders: 1, netFen, peakFen: netFen });

  it('has every window up to the elapsed time, even one without orders', () => {
    const points = [point(START_MS, 5), point(START_MS + 2 * MINUTE_MS, 7)];
    expect(curveOf({ settings: settings(), points }, 3.5 * MINUTE_MS, undefined)).toEqual({
      windowMs: MINUTE_MS,
      points: [
        { elapsedMs: 0, orders: 1, netFen: 5 },
        { elapsedMs: MINUTE_MS, orders: 0, netFen: 0 },
        { elapsedMs: 2 * MINUTE_MS, orders: 1, netFen: 7 },
        { elapsedMs: 3 * MINUTE_MS, orders: 0, netFen: 0 },
      ],
      lastYear: [],
    });
  });

  it('begins with the campaign even if the campaign starts within a window', () => {
    const late = settings({ startsAtMs: START_MS + 30_000 });
    const { points } = curveOf(
      { settings: late, points: [point(START_MS, 5), point(START_MS + MINUTE_MS, 7)] },
      MINUTE_MS,
      undefined,
    );
    expect(points).toEqual([
      { elapsedMs: 0, orders: 1, netFen: 5 },
      { elapsedMs: 30_000, orders: 1, netFen: 7 },
    ]);
  });

  it('adds up last year’s windows to the length of this year’s, and shows nothing of last year if last year’s are longer', () => {
    const long = settings({ endsAtMs: START_MS + 5 * DAY_MS });
    const hours = {
      settings: settings({ endsAtMs: START_MS + 20 * HOUR_MS }),
      points: [point(START_MS + HOUR_MS, 3), point(START_MS + 2 * HOUR_MS, 4)],
    };
    const days = { settings: long, points: [point(Math.floor(START_MS / DAY_MS) * DAY_MS, 9)] };
    const { lastYear } = curveOf(days, DAY_MS, hours);
    expect(lastYear.reduce((sum, { netFen }) => sum + netFen, 0)).toBe(7);
    expect(curveOf(hours, HOUR_MS, days).lastYear).toEqual([]);
  });

  it('has no point if no time has elapsed', () => {
    expect(curveOf({ settings: settings(), points: [] }, 0, undefined).points).toEqual([]);
  });
});

describe('what the shop gave beyond the rules', () => {
  it('leaves out money that came back, and coupons whose terms were kept after all', () => {
    const row = emptyRow();
    const count = (label: string, times: number, fen: number) =>
      row.tallies.set(`coupon-${label}`, { count: times, fen });
    count('overdraft/engine/ten', 3, 3_000);
    count('overdraft-returned/engine/ten', 1, 1_000);
    count('redeemed-against-terms/threshold', 4, 0);
    count('redeemed-against-terms/zero', 1, 0);
    count('redeemed-within-terms-after-all/threshold', 2, 0);
    const data = { settings: settings(), coupons: coupons(), row, lastYear: undefined };
    const view = couponView({ ...data, money: { remaining: new Map(), prices: {} } }, START_MS);
    expect(view).toMatchObject({ overdraftFen: 2_000, againstTerms: 3, redeemed: 0 });
  });
});

describe('what is planned to be spent', () => {
  const section = coupons({ budgets: [{ pool: 'platform', totalFen: 200_000, presaleShare: 0.5 }] });
  const plannedAt = (elapsedMs: number, lastYear?: Series): number =>
    couponView(
      {
        settings: settings(),
        coupons: section,
        row: emptyRow(),
        money: { remaining: new Map(), prices: {} },
        lastYear,
      },
      START_MS + elapsedMs,
    ).plannedSpentFen;

  it('is the presale’s share until the opening, grows evenly in the sale, and is the whole budget from the end on', () => {
    expect(plannedAt(-HOUR_MS)).toBe(100_000);
    expect(plannedAt(0)).toBe(100_000);
    expect(plannedAt(HOUR_MS / 4)).toBe(125_000);
    expect(plannedAt(HOUR_MS)).toBe(200_000);
    expect(plannedAt(DAY_MS)).toBe(200_000);
  });

  it('follows last year’s demand, as the pacer does', () => {
    const rush = { startMs: START_MS, orders: 9_000, netFen: 1, peakFen: 1 };
    const rest = { startMs: START_MS + 30 * MINUTE_MS, orders: 1_000, netFen: 1, peakFen: 1 };
    const lastYear = { settings: settings(), points: [rush, rest] };
    expect(plannedAt(0, lastYear)).toBe(100_000);
    expect(plannedAt(HOUR_MS / 4, lastYear)).toBeGreaterThan(180_000);
    expect(plannedAt(HOUR_MS, lastYear)).toBe(200_000);
  });
});

describe('an estimate', () => {
  const estimated = (members: number): Sketch => ({ estimate: () => members }) as Sketch;
  const rowOf = (orders: number, members: number): Row => ({
    ...emptyRow(),
    tallies: new Map([
      ['paid', { count: orders, fen: orders }],
      ['free-order/not-drawn', { count: orders, fen: 0 }],
    ]),
    sketches: new Map([
      ['paid', estimated(members)],
      ['free-order', estimated(members)],
    ]),
  });
  const DEFINITION: CampaignDefinition = {
    campaignId: 'c',
    startsAt: formatTime(START_MS),
    endsAt: formatTime(START_MS + HOUR_MS),
    freeOrders: {
      mode: 'instant',
      odds: { win: 1, in: 10 },
      channels: ['far'],
      minimumPaidFen: 1,
      perMember: 1,
      capFen: 100,
      quota: 10,
      budgetFen: 1_000,
    },
  };
  const data = (row: Row): BoardData => ({
    definition: DEFINITION,
    settings: campaignSettings(DEFINITION),
    total: { row, watermarkMs: undefined, pendingFromMs: undefined },
    elapsedMs: 0,
    lastYear: { prefix: row, series: { settings: settings(), points: [] } },
    milestones: [],
    money: undefined,
    seed: { seedCommitment: undefined, seed: undefined },
    health: undefined,
  });

  it('of members is never above the number of orders', () => {
    const { headline, freeOrders } = viewOf(data(rowOf(53_000, 53_058)), START_MS);
    expect(headline.members).toEqual({ value: 53_000, lastYear: 53_000 });
    expect(freeOrders?.participants).toBe(53_000);
  });

  it('of members that is below the number of orders is shown as it is', () => {
    const { headline, freeOrders } = viewOf(data(rowOf(53_000, 40_007)), START_MS);
    expect(headline.members).toEqual({ value: 40_007, lastYear: 40_007 });
    expect(freeOrders?.participants).toBe(40_007);
  });
});
