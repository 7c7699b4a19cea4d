/** The standard normal distribution (Abramowitz and Stegun, 7.1.26: within 1.5e-7). */
export const normalCdf = (z: number): number => {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.327_591_1 * x);
  const polynomial =
    t *
    (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
  const upper = 0.5 * polynomial * Math.exp(-x * x);
  return z < 0 ? upper : 1 - upper;
};
