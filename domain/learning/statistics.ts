import { ROWS_MAX } from './fixed-point.ts';

/**
 * All that a linear model needs to know about a set of rows: A = Σ x·xᵀ, b = Σ x·y and the number of rows n. All are exact whole
 * numbers, because features and outcomes are counted in steps (`fixed-point.ts`). Adding is commutative and associative bit for
 * bit, and what was added can be subtracted again.
 */
export type Statistics = {
  /** The number of features, the constant included; x[0] is the constant. */
  readonly size: number;
  /** The number of outcomes in a row. All share the matrix A. */
  readonly outcomes: number;
  rows: number;
  /** A's lower triangle, row by row: A[i][j] with j ≤ i is at i(i + 1)/2 + j. */
  readonly products: Float64Array;
  /** b of each outcome, one after the other. */
  readonly sums: Float64Array;
};

const triangleSize = (size: number): number => (size * (size + 1)) / 2;

export const emptyStatistics = (size: number, outcomes = 1): Statistics => ({
  size,
  outcomes,
  rows: 0,
  products: new Float64Array(triangleSize(size)),
  sums: new Float64Array(size * outcomes),
});

/** Rows are added in blocks of this size, which takes a third of the time of adding them one by one. */
const BLOCK_ROWS = 8;

/** Adds rows to statistics. `done` must be called after the last one. */
export type RowCollector = {
  /** `features` and `outcomes` are whole numbers of steps. Throws RangeError for more rows than exact sums allow. */
  readonly add: (features: Int32Array, outcomes: ArrayLike<number>) => void;
  readonly done: () => void;
};

/** Adds to A the part of one block. `values` has BLOCK_ROWS values for each of the first `count` features in `present`. */
const addProducts = (
  products: Float64Array,
  present: Int32Array,
  count: number,
  values: Float64Array,
): void => {
  for (let a = 0; a < count; a++) {
    const i = present[a]!;
    const row = (i * (i + 1)) / 2;
    const at = a * BLOCK_ROWS;
    const [a0, a1, a2, a3] = [values[at]!, values[at + 1]!, values[at + 2]!, values[at + 3]!];
    const [a4, a5, a6, a7] = [values[at + 4]!, values[at + 5]!, values[at + 6]!, values[at + 7]!];
    for (let c = 0, v = 0; c <= a; c++, v += BLOCK_ROWS) {
      products[row + present[c]!]! +=
        a0 * values[v]! +
        a1 * values[v + 1]! +
        a2 * values[v + 2]! +
        a3 * values[v + 3]! +
        a4 * values[v + 4]! +
        a5 * values[v + 5]! +
        a6 * values[v + 6]! +
        a7 * values[v + 7]!;
    }
  }
};

export const rowCollector = (into: Statistics): RowCollector => {
  const { size, products, sums } = into;
  const block = Array.from({ length: BLOCK_ROWS }, () => new Int32Array(size));
  const present = new Int32Array(size);
  const values = new Float64Array(size * BLOCK_ROWS);
  let filled = 0;
  const done = (): void => {
    for (let r = filled; r < BLOCK_ROWS; r++) block[r]!.fill(0);
    let count = 0;
    for (let i = 0; i < size; i++) {
      let bits = 0;
      for (let r = 0; r < BLOCK_ROWS; r++) {
        const value = block[r]![i]!;
        values[count * BLOCK_ROWS + r] = value;
        bits |= value;
      }
      // A feature that is 0 in every row of the block is not counted, so the next one overwrites its values.
      if (bits !== 0) present[count++] = i;
    }
    addProducts(products, present, count, values);
    filled = 0;
  };
  return {
    add: (features, outcomes) => {
      if (into.rows >= ROWS_MAX) throw new RangeError(`rows: expected at most ${ROWS_MAX}, got more`);
      block[filled]!.set(features);
      for (let y = 0; y < into.outcomes; y++) {
        const outcome = outcomes[y]!;
        if (outcome === 0) continue;
        for (let i = 0; i < size; i++) sums[y * size + i]! += features[i]! * outcome;
      }
      into.rows += 1;
      filled += 1;
      if (filled === BLOCK_ROWS) done();
    },
    done,
  };
};

const sameShape = (a: Statistics, b: Statistics): void => {
  if (a.size !== b.size || a.outcomes !== b.outcomes) {
    throw new RangeError(
      `statistics: expected ${a.size} features and ${a.outcomes} outcomes, got ${b.size} and ${b.outcomes}`,
    );
  }
};

/** Adds the rows of `from` to `into`, or subtracts them if `sign` is -1. Returns `into`. Throws RangeError if shapes differ. */
export const mergeInto = (into: Statistics, from: Statistics, sign: 1 | -1 = 1): Statistics => {
  sameShape(into, from);
  into.rows += sign * from.rows;
  for (let i = 0; i < into.products.length; i++) into.products[i]! += sign * from.products[i]!;
  for (let i = 0; i < into.sums.length; i++) into.sums[i]! += sign * from.sums[i]!;
  return into;
};

/** The statistics of the rows of all parts. Throws RangeError if there are no parts, or if their shapes differ. */
export const sumOfStatistics = (parts: readonly Statistics[]): Statistics => {
  const [first] = parts;
  if (first === undefined) throw new RangeError('statistics: expected at least one part, got none');
  return parts.reduce((sum, part) => mergeInto(sum, part), emptyStatistics(first.size, first.outcomes));
};
