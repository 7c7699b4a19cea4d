import type { RowKey } from '#domain/metrics/levels.ts';
import type { Watcher } from './composition.ts';
import { netFenOf, type Row } from './row.ts';

/** What a span of windows added to an amount, and the most that it was above its start at the end of a base window. */
type Part = { netFen: number; peakFen: number };

/**
 * Where a line was first reached: in which row, and what the amount was when that row began. While `basis` stays the same, so
 * does the time.
 */
export type Crossing = { brand: string; key: RowKey; basis: string; beforeFen: number };

/**
 * Of successive parts, the first in which an amount that was `beforeFen`, below the line, reached it at the end of a base
 * window. Undefined where it did not.
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

/** What a brand added to in each of these rows. */
export const partsOf = (rows: readonly Row[], brand: string): (Part | undefined)[] =>
  rows.map((row) => {
    const tally = row.brands.get(brand);
    return tally && { netFen: netFenOf(tally), peakFen: tally.peakFen };
  });

export type LineWatch = Watcher & { readonly crossings: ReadonlyMap<string, Crossing> };

/**
 * Notes, while a row is put together in the order of time, where each brand first reached the line: in what is covered, or in the child
 * with which the brand's peak in the sum reached it. Each row's brands are visited once.
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
