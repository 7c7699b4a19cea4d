import { ascending, type Columns, signed, unsigned } from '#platform/columns.ts';

/**
 * The figures of a row's tables, and how they are written. A new figure of labels or of sampled members needs
 * a line in their columns, in their sums and in the function that makes zeros; a new figure of brands belongs
 * in `brand-codec.ts` and `row.ts`. Either changes the stored format: see docs/deploying-formats.md.
 */

/** Figures by field, which are added up when rows are merged. */
type Sums<Field extends string> = Record<Field, number>;

/** Adds figures to others, field by field. */
export const addSums = <Field extends string>(
  fields: readonly Field[],
  target: Sums<Field>,
  source: Readonly<Sums<Field>>,
): void => {
  for (const field of fields) target[field] += source[field];
};

/** What the events of one label add up to. */
export type LabelTally = { count: number; fen: number };

export const LABEL_COLUMNS: Columns<LabelTally> = { count: unsigned, fen: unsigned };
export const LABEL_SUMS = ['count', 'fen'] as const satisfies (keyof LabelTally)[];
export const noLabelTally = (): LabelTally => ({ count: 0, fen: 0 });

export type BrandTally = {
  orders: number;
  grossFen: number;
  refunds: number;
  refundedFen: number;
  /** The largest net amount from the row's start to the end of any base window in it; at least 0. */
  peakFen: number;
};

/**
 * Brands in rows of format 3, which are no longer written, only read. `peakFen` is the peak less the net
 * amount.
 */
export const BRAND_COLUMNS: Columns<BrandTally> = {
  orders: unsigned,
  grossFen: unsigned,
  refunds: unsigned,
  refundedFen: unsigned,
  peakFen: unsigned,
};
export const noBrandTally = (): BrandTally => ({
  orders: 0,
  grossFen: 0,
  refunds: 0,
  refundedFen: 0,
  peakFen: 0,
});

/** The figures of one of the rows that a row is made of. Its peak counts from its own start, like a row's. */
export type SeriesPoint = { startMs: number; orders: number; netFen: number; peakFen: number };

/** A point is written with its peak less its net amount, or less 0 if the net amount is negative; see `row-codec.ts`. */
export const SERIES_COLUMNS: Columns<SeriesPoint> = {
  startMs: ascending,
  orders: unsigned,
  netFen: signed,
  peakFen: unsigned,
};
export const noSeriesPoint = (): SeriesPoint => ({ startMs: 0, orders: 0, netFen: 0, peakFen: 0 });

/** What a sampled member ordered: the number of orders paid, and the amount paid less refunds. */
export type SampledMember = { orders: number; netFen: number };

export const MEMBER_COLUMNS: Columns<SampledMember> = { orders: signed, netFen: signed };
export const MEMBER_SUMS = ['orders', 'netFen'] as const satisfies (keyof SampledMember)[];
export const noSampledMember = (): SampledMember => ({ orders: 0, netFen: 0 });
