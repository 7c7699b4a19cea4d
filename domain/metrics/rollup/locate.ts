import type { RowKey } from '#domain/metrics/levels.ts';
import type { Watcher } from './composition.ts';
import { netFenOf, type Row } from './row.ts';

/**
 * What a span of windows added to an amount: `netFen` is what it added in all, and `peakFen` is the most that it had added by the
 * end of any of its base windows, or 0 if that was never above 0.
 */
type Part = { netFen: number; peakFen: number };

/**
 * Where a brand first reached the line (`brandLineFen`): in which row, and its amount when that row began. `basis` identifies the
 * contents of the row in which this was found: as long as it is the same, so is the time of the crossing.
 */
export type Crossing = { brand: string; key: RowKey; basis: string; beforeFen: number };

/**
 * The first of successive parts in which an amount reached the line at the end of a base window. The amount starts at
 * `beforeFen`, below the line. Undefined if it did not reach the line.
 */
export const firstReaching = (
  parts: Iterable<Part | undefined>,
  beforeFen: number,
  lineFen: number,
): { index: number; beforeFen: number } | undefined => {
  let sumFen = beforeFen;
  let index = 0;
  for (const part of parts) {
    if (part !== undefined) {
      if (sumFen + part.peakFen >= lineFen) return { index, beforeFen: sumFen };
      sumFen += part.netFen;
    }
    index++;
  }
  return undefined;
};

/** What a brand added in each of these rows. */
export const partsOf = (rows: readonly Row[], brand: string): (Part | undefined)[] =>
  rows.map((row) => {
    const tally = row.brands.get(brand);
    return tally && { netFen: netFenOf(tally), peakFen: tally.peakFen };
  });

export type LineWatch = Watcher & { readonly crossings: ReadonlyMap<string, Crossing> };

/**
 * While a row is put together in the order of time, notes where each brand first reached the line: in what the stored row
 * holds, or in the later child that brought the brand's peak to the line. Each row's brands are visited once.
 */
export const watchLine = (lineFen: number): LineWatch => {
  const crossings = new Map<string, Crossing>();
  return {
    crossings,
    covered(sum, { key, root }) {
      for (const [brand, { peakFen }] of sum.brands)
        if (peakFen >= lineFen) crossings.set(brand, { brand, key, basis: `covered ${root}`, beforeFen: 0 });
    },
    appended(row, sum, { key, version }) {
      for (const [brand, tally] of row.brands) {
        const total = sum.brands.get(brand)!;
        if (total.peakFen < lineFen || crossings.has(brand)) continue;
        crossings.set(brand, { brand, key, basis: version, beforeFen: netFenOf(total) - netFenOf(tally) });
      }
    },
  };
};
