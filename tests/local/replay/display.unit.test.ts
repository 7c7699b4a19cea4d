import { describe, expect, it } from 'vitest';
import { formatCount, formatFen, formatSeconds, formatTable } from '#local/console/format.ts';
import { stageBar, stageText } from '#local/replay/progress.ts';
import type { Report } from '#local/replay/report.ts';
import { summaryText } from '#local/replay/summary.ts';

describe('figures for people', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('show the count %i as %s', (count, text) => expect(formatCount(count)).toBe(text));

  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [123_456, '1,234.56'],
    [-123_456, '-1,234.56'],
    [Number.MAX_SAFE_INTEGER, '90,071,992,547,409.91'],
  ])('show %i fen as %s', (fen, text) => expect(formatFen(fen)).toBe(text));

  it.each([
    [0, '0 s'],
    [6.2, '7 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [7_500, '2 h 5 min'],
    [90 * 86_400, '90 d'],
    [86_401, '1 d 1 s'],
  ])('show %d seconds as %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it('are aligned in columns', () => {
    expect(
      formatTable([
        ['a', '1'],
        ['bbb', '100'],
      ]),
    ).toEqual(['a      1', 'bbb  100']);
    expect(formatTable([])).toEqual([]);
  });
});

describe('progress', () => {
  const stage = { sent: 25_000, total: 100_000, waiting: 37, elapsedMs: 2_500 };

  it('says how far it is, how fast, and how long it will still take', () => {
    expect(stageText(stage)).toBe('25,000 of 100,000 sent, 10,000/s, 37 messages waiting, 8 s left');
    expect(stageText({ ...stage, sent: 100_000, waiting: 1 })).toBe(
      '100,000 of 100,000 sent, 1 message waiting, counting',
    );
    expect(stageText({ sent: 0, total: 0, waiting: 0, elapsedMs: 0 })).toContain('0 of 0 sent');
  });

  it('never takes more than one line of the terminal', () => {
    expect(stageBar(stage, 200)).toContain('██████░░░░░░░░░░░░░░░░░░  25 %  25,000 of');
    for (const columns of [20, 40, 80]) expect(stageBar(stage, columns).length).toBeLessThan(columns);
    expect(stageBar({ ...stage, sent: 0, total: 0 }, 80)).toContain('100 %');
  });
});

describe('the summary', () => {
  const brand = (netFen: number) => ({ orders: 2, refunds: 1, grossFen: netFen + 100, netFen });
  const report: Report = {
    campaigns: {
      double11: {
        orders: 1_234,
        refunds: 5,
        grossFen: 12_345_678,
        netFen: 12_300_000,
        members: 1_001.6,
        watermark: '2026-11-11T16:00:00.000Z',
        conflicts: 0,
        brands: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`brand-${i}`, brand(i * 1_000)])),
        decisions: {
          'coupon-issued/engine/ten-off': { count: 7, amountFen: 7_000 },
          'free-order/won': { count: 2, amountFen: 39_800 },
        },
        decidedMembers: { 'free-order': 345 },
        brandLineFen: 1_000_000,
        aboveLine: 3,
        milestones: [
          { kind: 'brand-line', brand: 'brand-4', at: '2026-11-11T00:10:00.000Z' },
          { kind: 'passed-last-year', at: '2026-11-11T09:30:00.000Z' },
        ],
        comparison: {
          compareWith: 'double11-2025',
          elapsedSeconds: 86_400,
          doubled: 1_802,
          doubledBrands: [],
          lastYear: { netFen: 10_000_000, orders: 1_111, members: 900.4 },
        },
      },
    },
    accepted: 1_239,
    rejected: { 'not-json': 3, 'bad-time': 2 },
    unreadable: 4,
    consumed: { metrics: { readUnits: 10.5, writeUnits: 61.95, calls: 12 } },
    seconds: 9.87,
  };

  it('shows the most important figures', () => {
    const text = summaryText(report);
    expect(text).toMatch(/orders +1,234\n/);
    expect(text).toMatch(/gross CNY +123,456\.78\n/);
    expect(text).toMatch(/net CNY +123,000\.00\n/);
    expect(text).toMatch(/members \(about\) +1,002\n/);
    expect(text).toContain('2026-11-11T16:00:00.000Z');
    expect(text).toContain('1,239 accepted, 5 rejected, 4 unreadable in 9.9 s');
    expect(text).toMatch(/not-json +3\n/);
    expect(text).toMatch(/table metrics +62 write units +0\.0500 an order/);
  });

  it('says how many brands reached the line of their campaign, and compares this year with last year', () => {
    const text = summaryText(report);
    expect(text).toContain('  3 brands at CNY 10,000.00 or more, the first by 2026-11-11T00:10:00.000Z\n');
    expect(text).toContain(
      '  1,802 brands at more than twice their net in double11-2025 by the same time; all of double11-2025 then had net CNY 100,000.00, 1,111 orders, 900 members\n',
    );
    expect(text).toContain('  passed the whole of double11-2025 by 2026-11-11T09:30:00.000Z\n');
  });

  it('says nothing of a line that no brand reached, nor of another year if there is none to compare with', () => {
    const { comparison: _, ...alone } = report.campaigns.double11!;
    const text = summaryText({ ...report, campaigns: { double11: { ...alone, milestones: [] } } });
    expect(text).not.toContain('or more');
    expect(text).not.toContain('double11-2025');
  });

  it('lists the ten brands with the highest net amounts, the highest first', () => {
    const text = summaryText(report);
    expect(text).toContain('top 10 of 12 brands');
    expect([...text.matchAll(/brand-\d+/g)].map(([name]) => name)).toEqual(
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((i) => `brand-${i}`),
    );
  });

  it('says what was decided, how often, for how much, and for about how many members', () => {
    const text = summaryText(report);
    expect(text).toMatch(/coupon-issued\/engine\/ten-off +7 +70\.00\n/);
    expect(text).toMatch(/free-order\/won +2 +398\.00\n/);
    expect(text).toMatch(/decided for +members \(about\)\n +free-order +345\n/);
  });

  it('divides nothing by zero if nothing was accepted', () => {
    const text = summaryText({ ...report, campaigns: {}, accepted: 0, rejected: {} });
    expect(text).toContain('0 accepted, 0 rejected');
    expect(text).not.toContain('NaN');
  });
});
