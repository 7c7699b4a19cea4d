/** A linear system: a square matrix, row by row, and its right-hand side. */
export type LinearSystem = { readonly matrix: Float64Array; readonly right: Float64Array };

/**
 * Solves a symmetric positive definite system over the variables in `free` alone, by Gaussian elimination. Returns a value for
 * each of them, in their order; undefined if the system over them is not positive definite.
 */
export const solvePositiveDefinite = (
  { matrix, right }: LinearSystem,
  free: readonly number[],
): Float64Array | undefined => {
  const width = right.length;
  const size = free.length;
  const a = free.map((row) =>
    Float64Array.from([...free.map((column) => matrix[row * width + column]!), right[row]!]),
  );
  for (let k = 0; k < size; k++) {
    const pivot = a[k]![k]!;
    if (!(pivot > 0)) return undefined;
    for (let row = k + 1; row < size; row++) {
      const factor = a[row]![k]! / pivot;
      if (factor === 0) continue;
      for (let column = k; column <= size; column++) a[row]![column]! -= factor * a[k]![column]!;
    }
  }
  const x = new Float64Array(size);
  for (let k = size - 1; k >= 0; k--) {
    let sum = a[k]![size]!;
    for (let column = k + 1; column < size; column++) sum -= a[k]![column]! * x[column]!;
    x[k] = sum / a[k]![k]!;
  }
  return x;
};
