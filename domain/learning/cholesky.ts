/**
 * Solves symmetric positive definite systems, by the Cholesky factorisation (Golub and Van Loan, Matrix Computations, 4th ed.,
 * algorithm 4.2.1). Matrices are dense and stored row by row. Only the lower triangle is read.
 */

/** A pivot below this share of its diagonal entry is lost to rounding. */
const LEAST_PIVOT_SHARE = 1e-13;

/** Overwrites the lower triangle with L, where L·Lᵀ is the matrix. Throws RangeError if it is not positive definite. */
export const factorize = (matrix: Float64Array, size: number): Float64Array => {
  for (let j = 0; j < size; j++) {
    const rowJ = j * size;
    for (let i = j; i < size; i++) {
      const rowI = i * size;
      let sum = matrix[rowI + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[rowI + k]! * matrix[rowJ + k]!;
      if (i > j) {
        matrix[rowI + j] = sum / matrix[rowJ + j]!;
      } else {
        if (!(sum > LEAST_PIVOT_SHARE * matrix[rowJ + j]!)) {
          throw new RangeError(`matrix: expected a positive definite one, got pivot ${sum} in row ${j}`);
        }
        matrix[rowJ + j] = Math.sqrt(sum);
      }
    }
  }
  return matrix;
};

/** The solution x of L·Lᵀ·x = right. */
export const solveFactorized = (factor: Float64Array, right: Float64Array): Float64Array => {
  const size = right.length;
  const solution = Float64Array.from(right);
  for (let i = 0; i < size; i++) {
    let sum = solution[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * solution[k]!;
    solution[i] = sum / factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = solution[i]! / factor[i * size + i]!;
    solution[i] = value;
    for (let k = 0; k < i; k++) solution[k]! -= factor[i * size + k]! * value;
  }
  return solution;
};
