import { ROWS_MAX } from './fixed-point.ts';

/**
 * What a linear model needs to know of a set of rows: A = Σ x·xᵀ, b = Σ x·y and n. All are whole numbers, in steps of the
 * features and outcomes, and exact. Adding is commutative and associative bit for bit, and what was added can be taken
 * away again.
 */
export type Statistics = {
  /** Features, the constant included; x[0] is the constant. */
  readonly size: number;
  /** Outcomes a row; their sums share A. */
  readonly outcomes: number;
  rows: number;
  /** A's lower triangle, row by row: A[i][j] with j ≤ i is at i(i + 1)/2 + j. */
  readonly products: Float64Array;
  /** b of each outcome, one after the other. */
  readonly sums: Float64Array;
};

export const triangleSize = (size: number): number => (size * (size + 1)) / 2;

export const emptyStatistics = (size: number, outcomes = 1): Statistics => ({
  size,
  outcomes,
  rows: 0,
  products: new Float64Array(triangleSize(size)),
  sums: new Float64Array(size * outcomes),
});

/**
 * Adds rows to statistics. `features` and `outcomes` are whole numbers of steps. It keeps a list of what is not zero from
 * one row to the next, because most features of a row are.
 */
export const rowAdder = (size: number) => {
  const nonZero = new Int32Array(size);
  return (into: Statistics, features: Int32Array, outcomes: ArrayLike<number>): void => {
    if (into.rows >= ROWS_MAX)
      throw new RangeError(`rows: expected at most ${Math.floor(ROWS_MAX)}, got more`);
    const { products, sums } = into;
    let count = 0;
    for (let i = 0; i < size; i++) if (features[i] !== 0) nonZero[count++] = i;
    for (let a = 0; a < count; a++) {
      const i = nonZero[a]!;
      const value = features[i]!;
      const row = (i * (i + 1)) / 2;
      for (let c = 0; c <= a; c++) {
        const j = nonZero[c]!;
        products[row + j]! += value * features[j]!;
      }
      for (let y = 0; y < into.outcomes; y++) sums[y * size + i]! += value * outcomes[y]!;
    }
    into.rows += 1;
  };
};

const sameShape = (a: Statistics, b: Statistics): void => {
  if (a.size !== b.size || a.outcomes !== b.outcomes) {
    throw new RangeError(
      `statistics: expected ${a.size} features and ${a.outcomes} outcomes, got ${b.size} and ${b.outcomes}`,
    );
  }
};

/** Adds (or with sign -1 takes away) the second's rows to the first. */
export const mergeInto = (into: Statistics, from: Statistics, sign: 1 | -1 = 1): Statistics => {
  sameShape(into, from);
  into.rows += sign * from.rows;
  for (let i = 0; i < into.products.length; i++) into.products[i]! += sign * from.products[i]!;
  for (let i = 0; i < into.sums.length; i++) into.sums[i]! += sign * from.sums[i]!;
  return into;
};

/** The statistics of all the rows; throws RangeError if there are none to tell the shape by, or shapes differ. */
export const sumOfStatistics = (parts: readonly Statistics[]): Statistics => {
  const [first] = parts;
  if (first === undefined) throw new RangeError('statistics: expected at least one part, got none');
  return parts.reduce((sum, part) => mergeInto(sum, part), emptyStatistics(first.size, first.outcomes));
};
