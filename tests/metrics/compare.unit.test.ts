import { describe, expect, it } from 'vitest';
import { toBlockEvent } from '#domain/metrics/block-event.ts';
import { brandNetFenOf, brandsAtLine, doubledBrands, yearFiguresOf } from '#domain/metrics/rollup/compare.ts';
import { emptyRow, type Row, rowOfEvents } from '#domain/metrics/rollup/row.ts';
import { paid } from './factories.ts';

/** A row in which a brand has an order of `paidFen` and a refund of `backFen`, each only if its amount is given. */
const rowOf = (brands: Record<string, { paidFen?: number; backFen?: number }>): Row =>
  rowOfEvents(
    Object.entries(brands).flatMap(([brand, { paidFen, backFen }]) => [
      ...(paidFen === undefined
        ? []
        : [toBlockEvent(paid({ order: brand, brand, amountFen: paidFen, member: `of ${brand}` }))]),
      ...(backFen === undefined
        ? []
        : [
            toBlockEvent(
              paid({ order: `${brand} back`, brand, label: 'refunded/far', amountFen: backFen, member: '' }),
            ),
          ]),
    ]),
  );

describe('brands that doubled', () => {
  it('are those with strictly more than twice last year’s amount, in the order of their names', () => {
    const lastYear = rowOf({ twice: { paidFen: 100 }, more: { paidFen: 100 }, a: { paidFen: 1 } });
    const row = rowOf({ twice: { paidFen: 200 }, more: { paidFen: 201 }, a: { paidFen: 3 } });
    expect(doubledBrands(row, lastYear)).toEqual(['a', 'more']);
  });

  it('are measured by what is left after refunds in both years', () => {
    const lastYear = rowOf({ given: { paidFen: 300, backFen: 200 }, kept: { paidFen: 100 } });
    const row = rowOf({ given: { paidFen: 250 }, kept: { paidFen: 250, backFen: 50 } });
    expect(doubledBrands(row, lastYear)).toEqual(['given']);
  });

  it('do not include a brand whose net amount last year was zero or less', () => {
    const lastYear = rowOf({ even: { paidFen: 5, backFen: 5 }, less: { backFen: 5 } });
    const row = rowOf({ newcomer: { paidFen: 100 }, even: { paidFen: 100 }, less: { paidFen: 100 } });
    expect(doubledBrands(row, lastYear)).toEqual([]);
  });
});

describe('brands at the line', () => {
  it('are those whose net amount is the line or more', () => {
    const row = rowOf({
      on: { paidFen: 1_000 },
      over: { paidFen: 1_001 },
      under: { paidFen: 999 },
      fallen: { paidFen: 1_000, backFen: 1 },
    });
    expect(brandsAtLine(row, 1_000)).toEqual(['on', 'over']);
  });
});

describe('the figures of a year', () => {
  it('are net amount, orders and members who paid', () => {
    const row = rowOf({ a: { paidFen: 100 }, b: { paidFen: 50, backFen: 20 } });
    expect(yearFiguresOf(row)).toEqual({ netFen: 130, orders: 2, members: 2 });
    expect(brandNetFenOf(row, 'b')).toBe(30);
    expect(brandNetFenOf(row, 'nobody')).toBe(0);
  });

  it('are zero if there are no orders', () => {
    expect(yearFiguresOf(emptyRow())).toEqual({ netFen: 0, orders: 0, members: 0 });
  });
});
