import { FEATURE_STEPS_MAX, STEPS_PER_UNIT, toFeatureSteps } from '#domain/learning/fixed-point.ts';
import { type Column, isText, textPlace } from './column.ts';

/**
 * How one column becomes features. Its numbers become a rank (between -2 and 2, so that outliers have no extra weight) and
 * flags for being above some quantiles. Each frequent text becomes a flag. A missing value becomes a flag, with the median in
 * its place. All of this is learned from training rows.
 */

export type FeatureGroup = 'main' | 'bins';
export type FeatureKind = { readonly name: string; readonly group: FeatureGroup };

/** `encode` writes a cell's features, in steps (whole numbers of 1 / {@link STEPS_PER_UNIT}), from index `from` on. */
export type ColumnCode = {
  readonly features: readonly FeatureKind[];
  readonly encode: (cell: number, into: Int32Array, from: number) => void;
};

export type CodeLimits = { readonly bins: number; readonly levels: number };

const KNOTS = 64;
const RANK_REACH = 2;
const ONE = STEPS_PER_UNIT;
/** A value gets no feature if fewer rows of the sample than this have it; a text also needs this share of the rows. */
const LEVEL_ROWS_MIN = 20;
const LEVEL_SHARE_MIN = 0.002;
/** A column with more different texts than this also gets a feature for a text's frequency. */
const MANY_TEXTS = 20;

const quantileOf = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

/** How many of the sorted numbers are below a value, or, if inclusive, not above it. */
const countBelow = (sorted: Float64Array, value: number, inclusive: boolean): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const isBelow = inclusive ? sorted[middle]! <= value : sorted[middle]! < value;
    if (isBelow) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Ranks by linear interpolation between quantiles. Equal quantiles get their middle rank. */
const rankOf = (sorted: Float64Array): ((value: number) => number) => {
  const distinct = [...new Set(Array.from({ length: KNOTS + 1 }, (_, k) => quantileOf(sorted, k / KNOTS)))];
  const knots = Float64Array.from(distinct);
  const ranks = Float64Array.from(distinct, (knot) => {
    const middle = (countBelow(sorted, knot, false) + countBelow(sorted, knot, true)) / 2;
    return (2 * middle) / sorted.length - 1;
  });
  const last = knots.length - 1;
  return (value) => {
    const above = countBelow(knots, value, true);
    if (above === 0) return ranks[0]!;
    if (above > last) return ranks[last]!;
    const share = (value - knots[above - 1]!) / (knots[above]! - knots[above - 1]!);
    return ranks[above - 1]! + share * (ranks[above]! - ranks[above - 1]!);
  };
};

/**
 * Where flags change: between any two neighbouring values if there are few values, else at quantiles. A column with only two
 * values needs no flag, because the rank distinguishes them.
 */
const cutsOf = (sorted: Float64Array, bins: number): number[] => {
  const values: number[] = [];
  for (const value of sorted) {
    if (value === values.at(-1)) continue;
    values.push(value);
    if (values.length > bins + 1) break;
  }
  if (values.length <= 2) return [];
  if (values.length <= bins + 1) return values.slice(0, -1);
  const cuts = Array.from({ length: bins }, (_, k) => quantileOf(sorted, (k + 1) / (bins + 1)));
  return [...new Set(cuts)].filter((cut) => cut < sorted.at(-1)!);
};

type Part = { features: FeatureKind[]; encode: (cell: number, into: Int32Array, from: number) => void };

const numberPart = (name: string, cells: readonly number[], bins: number): Part | undefined => {
  const sorted = Float64Array.from(cells.filter((cell) => !Number.isNaN(cell) && !isText(cell))).sort();
  if (sorted.length < LEVEL_ROWS_MIN || sorted[0] === sorted.at(-1)) return undefined;
  const rank = rankOf(sorted);
  const cuts = cutsOf(sorted, bins);
  const median = quantileOf(sorted, 0.5);
  return {
    features: [
      { name, group: 'main' },
      ...cuts.map((cut): FeatureKind => ({ name: `${name} > ${cut}`, group: 'bins' })),
    ],
    encode: (cell, into, from) => {
      const value = Number.isNaN(cell) || isText(cell) ? median : cell;
      into[from] = toFeatureSteps(RANK_REACH * rank(value));
      for (let k = 0; k < cuts.length; k++) into[from + 1 + k] = value > cuts[k]! ? ONE : 0;
    },
  };
};

const flagPart = (name: string, holds: (cell: number) => boolean): Part => ({
  features: [{ name, group: 'main' }],
  encode: (cell, into, from) => {
    into[from] = holds(cell) ? ONE : 0;
  },
});

const textPart = (column: Column, cells: readonly number[], limits: CodeLimits): Part | undefined => {
  const counts = new Map<number, number>();
  for (const cell of cells) {
    if (!isText(cell)) continue;
    const place = textPlace(cell);
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const least = Math.max(LEVEL_ROWS_MIN, LEVEL_SHARE_MIN * cells.length);
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  const frequent = ordered.filter(([, count]) => count >= least).slice(0, limits.levels);
  const shown = frequent.reduce((sum, [, count]) => sum + count, 0);
  const texts = ordered.reduce((sum, [, count]) => sum + count, 0);
  if (texts < LEVEL_ROWS_MIN) return undefined;
  // If every row has a text, the most frequent one gets no flag: the others are compared with it.
  const flagged = texts === cells.length ? frequent.slice(1) : frequent;
  const flags = new Map(flagged.map(([place], flag) => [place, flag]));
  const known = new Set(frequent.map(([place]) => place));
  const hasRare = texts - shown >= least;
  const hasFrequency = ordered.length > MANY_TEXTS;
  const features = flagged.map(([place]) => `${column.name} = ${column.texts[place] ?? '…'}`);
  if (hasRare) features.push(`${column.name} is rare`);
  if (hasFrequency) features.push(`${column.name}: how frequent`);
  if (features.length === 0) return undefined;
  return {
    features: features.map((name) => ({ name, group: 'main' })),
    encode: (cell, into, from) => {
      into.fill(0, from, from + features.length);
      if (!isText(cell)) return;
      const place = textPlace(cell);
      const flag = flags.get(place);
      if (flag !== undefined) into[from + flag] = ONE;
      if (hasRare && !known.has(place)) into[from + flagged.length] = ONE;
      if (hasFrequency) {
        const share = (counts.get(place) ?? 0) / cells.length;
        into[from + features.length - 1] = toFeatureSteps(Math.log1p(share * FEATURE_STEPS_MAX));
      }
    },
  };
};

/** Learns how to code a column from the cells of a sample of training rows. */
export const columnCode = (column: Column, cells: readonly number[], limits: CodeLimits): ColumnCode => {
  const missing = cells.filter((cell) => Number.isNaN(cell)).length;
  const isSome = missing >= LEVEL_ROWS_MIN && missing < cells.length;
  const parts = [
    numberPart(column.name, cells, limits.bins),
    textPart(column, cells, limits),
    isSome ? flagPart(`${column.name} is missing`, (cell) => Number.isNaN(cell)) : undefined,
  ].filter((part) => part !== undefined);
  const starts: number[] = [];
  let size = 0;
  for (const part of parts) {
    starts.push(size);
    size += part.features.length;
  }
  return {
    features: parts.flatMap((part) => part.features),
    encode: (cell, into, from) => {
      for (let p = 0; p < parts.length; p++) parts[p]!.encode(cell, into, from + starts[p]!);
    },
  };
};
