/** Sums of centred and scaled features, computed from sums of the features as they are. */
import { STEPS_PER_UNIT } from './fixed-point.ts';
import type { Statistics } from './statistics.ts';

/** A feature's mean and standard deviation, in units; the constant has mean 0 and deviation 1. */
export type Scaling = { readonly means: Float64Array; readonly deviations: Float64Array };

/**
 * The sums of {@link Statistics}, in units and of features that may be centred and scaled: the dense matrix A (row by row, both
 * triangles), b of each outcome (with the outcome in steps), and the number of rows n.
 */
export type Moments = {
  readonly size: number;
  readonly rows: number;
  readonly products: Float64Array;
  readonly sums: readonly Float64Array[];
};

/** A feature with a smaller deviation counts as constant. */
const LEAST_DEVIATION = 0.5 / STEPS_PER_UNIT / 1_024;

/** Means and deviations of the features, from their sums alone. A feature that never varies keeps a deviation of 1. */
export const scalingOf = ({ size, rows, products }: Statistics): Scaling => {
  const means = new Float64Array(size);
  const deviations = new Float64Array(size).fill(1);
  for (let i = 1; i < size && rows > 0; i++) {
    const at = (i * (i + 1)) / 2;
    const mean = products[at]! / (rows * STEPS_PER_UNIT ** 2);
    const variance = products[at + i]! / (rows * STEPS_PER_UNIT ** 2) - mean * mean;
    const deviation = Math.sqrt(Math.max(0, variance));
    means[i] = mean;
    if (deviation > LEAST_DEVIATION) deviations[i] = deviation;
  }
  return { means, deviations };
};

/**
 * The sums that centred and scaled features would have had. Since x̃ = T·x for a matrix T that depends on the scaling
 * alone, Ã = T·A·Tᵀ and b̃ = T·b: nothing has to be read again. `chosen` picks features, the constant first.
 */
export const scaledMoments = (
  { size, rows, products, sums, outcomes }: Statistics,
  { means, deviations }: Scaling,
  chosen: readonly number[],
): Moments => {
  const count = chosen.length;
  const at = (i: number, j: number): number =>
    (i >= j ? products[(i * (i + 1)) / 2 + j]! : products[(j * (j + 1)) / 2 + i]!) / STEPS_PER_UNIT ** 2;
  const scaled = new Float64Array(count * count);
  for (let p = 0; p < count; p++) {
    const i = chosen[p]!;
    for (let q = 0; q <= p; q++) {
      const j = chosen[q]!;
      const centred =
        at(i, j) - means[i]! * at(j, 0) - means[j]! * at(i, 0) + means[i]! * means[j]! * at(0, 0);
      const value = centred / (deviations[i]! * deviations[j]!);
      scaled[p * count + q] = value;
      scaled[q * count + p] = value;
    }
  }
  return {
    size: count,
    rows,
    products: scaled,
    sums: Array.from({ length: outcomes }, (_, y) =>
      Float64Array.from(chosen, (i) => {
        const [own, total] = [sums[y * size + i]!, sums[y * size]!];
        return (own - means[i]! * total) / STEPS_PER_UNIT / deviations[i]!;
      }),
    ),
  };
};

/** Σ weight·A and Σ weight·b over parts of one shape. Throws RangeError if there are none. */
export const weightedMoments = (parts: readonly Moments[], weights: readonly number[]): Moments => {
  const [first] = parts;
  if (first === undefined) throw new RangeError('moments: expected at least one part, got none');
  const products = new Float64Array(first.products.length);
  const sums = first.sums.map(({ length }) => new Float64Array(length));
  let rows = 0;
  parts.forEach((part, p) => {
    const weight = weights[p]!;
    rows += weight * part.rows;
    for (let i = 0; i < products.length; i++) products[i]! += weight * part.products[i]!;
    sums.forEach((sum, y) => {
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * part.sums[y]![i]!;
    });
  });
  return { size: first.size, rows, products, sums };
};

/** Σ A and Σ b over parts of one shape. Throws RangeError if there are none. */
export const totalMoments = (parts: readonly Moments[]): Moments =>
  weightedMoments(
    parts,
    parts.map(() => 1),
  );

/** A·v */
export const times = (matrix: Float64Array, vector: Float64Array): Float64Array => {
  const size = vector.length;
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += matrix[i * size + j]! * vector[j]!;
    result[i] = sum;
  }
  return result;
};

export const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
