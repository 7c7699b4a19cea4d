/** The quantiles of the standard normal distribution. */

/** Coefficients from the constant term on. */
const CENTRAL = {
  over: [
    3.387_132_872_796_366_5, 133.141_667_891_784_38, 1_971.590_950_306_551_3, 13_731.693_765_509_46,
    45_921.953_931_549_87, 67_265.770_927_008_7, 33_430.575_583_588_13, 2_509.080_928_730_122_7,
  ],
  under: [
    1, 42.313_330_701_600_91, 687.187_007_492_057_9, 5_394.196_021_424_751, 21_213.794_301_586_597,
    39_307.895_800_092_71, 28_729.085_735_721_943, 5_226.495_278_852_854,
  ],
};
const TAIL = {
  over: [
    1.423_437_110_749_683_5, 4.630_337_846_156_546, 5.769_497_221_460_691, 3.647_848_324_763_204_5,
    1.270_458_252_452_368_4, 0.241_780_725_177_450_6, 0.022_723_844_989_269_184, 0.000_774_545_014_278_341_4,
  ],
  under: [
    1, 2.053_191_626_637_759, 1.676_384_830_183_803_8, 0.689_767_334_985_1, 0.148_103_976_427_480_08,
    0.015_198_666_563_616_457, 0.000_547_593_808_499_534_5, 1.050_750_071_644_416_9e-9,
  ],
};

const CENTRAL_REACH = 0.425;
const CENTRAL_CONSTANT = 0.180_625;
const TAIL_SHIFT = 1.6;
/** Beyond this (a probability below 1.4e-11) the algorithm uses a third pair of polynomials, which is not needed here. */
const TAIL_REACH = 5;

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

const ratio = ({ over, under }: typeof CENTRAL, x: number): number =>
  polynomial(over, x) / polynomial(under, x);

/**
 * The value that a standard normal variable exceeds with probability `1 - probability`, to 15 digits (M. J. Wichura, Algorithm
 * AS 241, Applied Statistics 37, 1988). Throws RangeError outside of 1.4e-11 to 1 - 1.4e-11.
 */
export const normalQuantile = (probability: number): number => {
  const centred = probability - 0.5;
  if (Math.abs(centred) <= CENTRAL_REACH) {
    return centred * ratio(CENTRAL, CENTRAL_CONSTANT - centred * centred);
  }
  const r = Math.sqrt(-Math.log(centred < 0 ? probability : 1 - probability));
  if (!(r <= TAIL_REACH)) {
    throw new RangeError(`probability: expected a number from 1.4e-11 to 1 - 1.4e-11, got ${probability}`);
  }
  return Math.sign(centred) * ratio(TAIL, r - TAIL_SHIFT);
};
