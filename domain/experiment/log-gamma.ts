/** From this argument on, the series is exact to the last digits of a double. */
const SERIES_FROM = 10;
const HALF_LOG_TWO_PI = 0.918_938_533_204_672_8;

/**
 * The logarithm of the gamma function of a positive number: Stirling's series (Abramowitz and Stegun, 6.1.41). An argument below
 * `SERIES_FROM` is first raised to at least that by the recurrence Γ(x + 1) = x Γ(x).
 */
export const logGamma = (x: number): number => {
  let shifted = x;
  let product = 1;
  while (shifted < SERIES_FROM) product *= shifted++;
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + series - Math.log(product);
};
