import { PAID } from '#domain/metrics/metric-event.ts';
import { compareText } from '#platform/collections.ts';
import { membersOf, netFenOf, type Row, rowNetFen, tallyOf } from './row.ts';

/** The figures of a row that are shown beside those of another year. */
export type YearFigures = {
  netFen: number;
  /** Paid orders, including those refunded later. */
  orders: number;
  /** Distinct members who paid, an estimate with a standard error of 0.57 %, and never more than the orders. */
  members: number;
};

export const yearFiguresOf = (row: Row): YearFigures => ({
  netFen: rowNetFen(row),
  orders: tallyOf(row, PAID).count,
  members: membersOf(row, PAID),
});

/** A brand's net amount in a row, in fen; 0 for a brand that is not in it. */
export const brandNetFenOf = (row: Row, brand: string): number => {
  const tally = row.brands.get(brand);
  return tally === undefined ? 0 : netFenOf(tally);
};

/**
 * The brands whose net amount is strictly more than twice last year's at the same elapsed time, in the order of their names. A
 * brand without a positive amount last year has not doubled: otherwise every new brand would count, and a sale would seem to
 * grow just because its list of brands did.
 */
export const doubledBrands = (row: Row, lastYear: Row): string[] =>
  [...row.brands]
    .filter(([brand, tally]) => {
      const lastYearFen = brandNetFenOf(lastYear, brand);
      return lastYearFen > 0 && netFenOf(tally) > 2 * lastYearFen;
    })
    .map(([brand]) => brand)
    .sort(compareText);

/** The brands whose net amount is at or above the line, in the order of their names. */
export const brandsAtLine = (row: Row, lineFen: number): string[] =>
  [...row.brands]
    .filter(([, tally]) => netFenOf(tally) >= lineFen)
    .map(([brand]) => brand)
    .sort(compareText);
