/** An estimate with its 95 % interval; `se` is its standard error. */
export type Estimate = { estimate: number; low: number; high: number; se: number };

/** A ratio of two estimates. If `low` and `high` are undefined, the denominator may be 0, so the ratio may have any value. */
export type Ratio = { estimate: number; low: number | undefined; high: number | undefined };

/** A standard normal number is between -Z and Z with a probability of 95 %. */
export const Z = 1.959_963_984_540_054;

export const estimateOf = (estimate: number, se: number): Estimate => ({
  estimate,
  low: estimate - Z * se,
  high: estimate + Z * se,
  se,
});

/**
 * Means of several measures of a row, over rows that come one by one. Covariances are kept for the first `paired` measures. For
 * the others, of which there may be many, only variances are kept.
 */
export class Means {
  rows = 0;
  readonly #size: number;
  readonly #paired: number;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #products: Float64Array;

  constructor(size: number, paired: number) {
    this.#size = size;
    this.#paired = paired;
    this.#sums = new Float64Array(size);
    this.#squares = new Float64Array(size);
    this.#products = new Float64Array(paired * paired);
  }

  add(measures: Float64Array): void {
    this.rows += 1;
    for (let i = 0; i < this.#size; i++) {
      const value = measures[i]!;
      if (value === 0) continue;
      this.#sums[i]! += value;
      this.#squares[i]! += value * value;
      if (i >= this.#paired) continue;
      for (let j = 0; j < i; j++) this.#products[i * this.#paired + j]! += value * measures[j]!;
    }
  }

  mean(i: number): number {
    return this.#sums[i]! / this.rows;
  }

  /** The covariance of two means, not of the rows. Throws RangeError for two measures whose covariance is not kept. */
  covariance(i: number, j: number): number {
    const [a, b] = i >= j ? [i, j] : [j, i];
    if (a !== b && a >= this.#paired) {
      throw new RangeError(`measures: expected two of the first ${this.#paired}, got ${i} and ${j}`);
    }
    const products = a === b ? this.#squares[a]! : this.#products[a * this.#paired + b]!;
    return (products / this.rows - this.mean(a) * this.mean(b)) / (this.rows - 1);
  }

  /** The estimate of Σ weight·mean. `weights` are pairs of a measure and its weight. */
  combination(weights: readonly (readonly [measure: number, weight: number])[]): Estimate {
    let mean = 0;
    let variance = 0;
    for (const [i, u] of weights) {
      mean += u * this.mean(i);
      for (const [j, v] of weights) variance += u * v * this.covariance(i, j);
    }
    return estimateOf(mean, Math.sqrt(Math.max(0, variance)));
  }

  /**
   * The ratio of two means with Fieller's interval (E. Fieller, J. R. Statist. Soc. B 16, 1954), which holds even if the
   * denominator is near 0. If the denominator may be 0, the interval has no bounds.
   */
  ratio(over: number, under: number): Ratio {
    const [a, b] = [this.mean(over), this.mean(under)];
    const [va, vb, cov] = [
      this.covariance(over, over),
      this.covariance(under, under),
      this.covariance(over, under),
    ];
    const square = b * b - Z * Z * vb;
    const middle = a * b - Z * Z * cov;
    const root = middle * middle - square * (a * a - Z * Z * va);
    if (!(square > 0) || root < 0) return { estimate: a / b, low: undefined, high: undefined };
    const [low, high] = [(middle - Math.sqrt(root)) / square, (middle + Math.sqrt(root)) / square];
    return { estimate: a / b, low, high };
  }
}
