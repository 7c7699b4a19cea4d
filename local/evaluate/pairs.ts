/** Two features whose product is a feature. */
export type Pair = readonly [a: number, b: number];

/** Standardized values of a feature over the rows of a sample. */
const standardized = (values: Float64Array): Float64Array => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return values.map((value) => (value - mean) * scale);
};

/**
 * The pairs whose products correlate most with any of the signals. Signals are what remains of the outcome and of the effects
 * after the single features are taken out. Pairs are ranked by their largest |Σ product · signal|, divided by what chance alone
 * would give. A pair may say much even if neither of its features does.
 */
export const screenPairs = (
  features: ReadonlyMap<number, Float64Array>,
  signals: readonly Float64Array[],
  candidates: readonly Pair[],
  atMost: number,
): Pair[] => {
  const scaled = new Map([...features].map(([f, values]) => [f, standardized(values)]));
  const noise = signals.map(standardized);
  const product = new Float64Array(noise[0]?.length ?? 0);
  const scores = candidates.map(([a, b]) => {
    const [left, right] = [scaled.get(a)!, scaled.get(b)!];
    let squares = 0;
    for (let r = 0; r < product.length; r++) {
      const value = left[r]! * right[r]!;
      product[r] = value;
      squares += value * value;
    }
    if (squares === 0) return 0;
    let most = 0;
    for (const signal of noise) {
      let sum = 0;
      for (let r = 0; r < product.length; r++) sum += product[r]! * signal[r]!;
      most = Math.max(most, Math.abs(sum));
    }
    return most / Math.sqrt(squares);
  });
  return candidates
    .map((pair, i) => ({ pair, score: scores[i]!, i }))
    .sort((one, other) => other.score - one.score || one.i - other.i)
    .slice(0, atMost)
    .map(({ pair }) => pair);
};
