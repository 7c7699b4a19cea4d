import { PAID } from '#domain/metrics/metric-event.ts';
import { compareText } from '#platform/collections.ts';
import { netFenOf, type Row, rowNetFen, tallyOf } from './row.ts';

/** The figures of a row that are shown beside those of another year. */
export type YearFigures = {
  netFen: number;
  /** Paid orders, those that were given back included. */
  orders: number;
  /** Distinct members who paid, an estimate within a standard error of 0.57 %. */
  members: number;
};

export const yearFiguresOf = (row: Row): YearFigures => ({
  netFen: rowNetFen(row),
  orders: tallyOf(row, PAID).count,
  members: row.sketches.get(PAID)?.estimate() ?? 0,
});

/** What is left of a brand's sales in a row; 0 for a brand that is not in it. */
export const brandNetFenOf = (row: Row, brand: string): number => {
  const tally = row.brands.get(brand);
  return tally === undefined ? 0 : netFenOf(tally);
};

/**
 * The brands whose net amount is strictly more than twice last year's at the same elapsed time, in the order of their names.
 * A brand that sold nothing last year, or got more back than it sold, has not doubled: there is nothing to be twice of, and
 * to count every newcomer would say that a sale grew because its list of brands did.
 */
export const doubledBrands = (row: Row, lastYear: Row): string[] =>
  [...row.brands]
    .filter(([brand, tally]) => {
      const lastYearFen = brandNetFenOf(lastYear, brand);
      return lastYearFen > 0 && netFenOf(tally) > 2 * lastYearFen;
    })
    .map(([brand]) => brand)
    .sort(compareText);

/** The brands whose net amount is the line or more, in the order of their names. */
export const brandsAtLine = (row: Row, lineFen: number): string[] =>
  [...row.brands]
    .filter(([, tally]) => netFenOf(tally) >= lineFen)
    .map(([brand]) => brand)
    .sort(compareText);
