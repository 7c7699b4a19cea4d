import { describe, expect, it } from 'vitest';
import { renderBoard } from '#domain/board/render.ts';
import type { BoardView } from '#domain/board/view.ts';
import { FULL, STARTS_AT_MS, UPCOMING } from './views.ts';

const english = (view: BoardView): string => renderBoard(view, { locale: 'en', theme: 'dark' });
const said = (markup: string, figure: string): string | undefined =>
  new RegExp(`data-figure="${figure}" data-value="([^"]*)"`).exec(markup)?.[1];

describe('the screen of a sale to come', () => {
  it('counts down to the opening, and shows no figures of the sale yet', () => {
    const markup = english(UPCOMING);
    expect(said(markup, 'opens-in-seconds')).toBe('90');
    expect(markup).toContain('01:30');
    expect(markup).toContain('data-phase="upcoming"');
    expect(said(markup, 'net-fen')).toBeUndefined();
    expect(said(markup, 'orders')).toBeUndefined();
  });

  it('shows the total of last year, the members known and the coupons issued', () => {
    const lastYearFen = UPCOMING.curve.lastYear.reduce((sum, { netFen }) => sum + netFen, 0);
    const markup = english({ ...UPCOMING, coupons: { ...UPCOMING.coupons!, issued: 4_711 } });
    expect(said(markup, 'last-year-fen')).toBe(String(lastYearFen));
    expect(said(markup, 'prelude-issued')).toBe('4711');
    // The sum of the members that the presale assigned to arms.
    expect(said(markup, 'members-known')).toBe(String(43_120 + 9_240 + 9_231));
  });

  it('leaves out what is not known yet', () => {
    const markup = english({
      ...UPCOMING,
      coupons: undefined,
      experiment: undefined,
      freeOrders: undefined,
      curve: { ...UPCOMING.curve, lastYear: [] },
    });
    for (const figure of ['last-year-fen', 'members-known', 'prelude-issued']) {
      expect(said(markup, figure)).toBeUndefined();
    }
    expect(markup).toContain('Waiting for the first order');
  });

  it('does not show a running presale as behind plan', () => {
    const markup = english({ ...UPCOMING, coupons: { ...UPCOMING.coupons!, plannedSpentFen: 40_000_000 } });
    expect(markup).toContain('Before the opening');
    expect(markup).not.toContain('behind plan');
  });

  it('no longer counts down once the sale opens', () => {
    expect(said(english({ ...UPCOMING, nowMs: STARTS_AT_MS }), 'opens-in-seconds')).toBeUndefined();
  });
});

describe('the screen of any sale', () => {
  it('shows its name, or its id if it has none', () => {
    const markup = english({ ...FULL, display: { name: 'Double 11 <2026>' } });
    expect(markup).toContain('title="double-eleven-2026">Double 11 &lt;2026&gt;</span>');
    expect(markup).toContain('data-name="Double 11 &lt;2026&gt;"');
    expect(english(FULL)).toContain('data-name="double-eleven-2026"');
  });

  it("shows every amount in the sale's own currency", () => {
    const markup = english({ ...FULL, display: { currency: 'BRL' } });
    expect(markup).toContain('R$12,345,678.90');
    expect(markup).not.toContain('¥');
    expect(english({ ...FULL, display: { currency: 'JPY' } })).toContain('¥1,234,567,890');
  });
});

describe('the strip of stores', () => {
  it('is shown if stores are counted, the largest first', () => {
    expect(english(FULL)).not.toContain('zb-stores"');
    expect(english({ ...FULL, stores: [] })).not.toContain('zb-stores"');
    const stores = [
      { store: 'Nanjing Road', netFen: 900_000, orders: 30, missingFen: 0, missingOrders: 0 },
      { store: 'Sanlitun', netFen: 500_000, orders: 20, missingFen: 1_200, missingOrders: 2 },
    ];
    const markup = english({ ...FULL, stores });
    expect(said(markup, 'store-1')).toBe('900000');
    expect(said(markup, 'store-orders-2')).toBe('20');
    expect(markup.indexOf('Nanjing Road')).toBeLessThan(markup.indexOf('Sanlitun'));
    // An exact amount is shown without a remark.
    expect(markup).toContain('title="¥9,000.00, 30 orders"');
    expect(markup).toContain('title="¥5,000.00, 20 orders; to within ¥12.00 and 2 orders"');
    expect(markup.match(/±/g)).toHaveLength(1);
    const chinese = renderBoard({ ...FULL, stores }, { locale: 'zh-CN', theme: 'dark' });
    expect(chinese).toContain('误差不超过 ¥12.00、2 单');
  });
});

describe('the screen in a screen reader', () => {
  it('says in a sentence what the curve shows', () => {
    expect(english(FULL).replaceAll('\u00a0', ' ')).toContain(
      'aria-label="Net GMV a minute, from 20:00 to 21:00. The peak so far is ¥833 K at 20:00. Last year’s peak was ¥588 K at 20:00."',
    );
  });

  it('has as many cells in each row of the table of brands as there are column headers', () => {
    for (const view of [FULL, { ...FULL, brands: { ...FULL.brands, doubled: undefined } }]) {
      const [, table] = /class="zb-leaders"(.*?)<div class="zb-deck/.exec(english(view))!;
      const [heads, ...rows] = table!.split('role="row"').slice(1);
      const columns = heads!.split('role="columnheader"').length;
      expect(rows).toHaveLength(9);
      for (const row of rows) expect(row.split('role="cell"')).toHaveLength(columns);
    }
  });
});
