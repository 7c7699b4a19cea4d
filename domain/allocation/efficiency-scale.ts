/** The buckets into which histograms sort efficiencies, which are value per fen. */
import { endianness } from 'node:os';

const OCTAVES = 128;
const MIN_EXPONENT = -80;
const MANTISSA_BITS_IN_HIGH_WORD = 20;
const EXPONENT_BIAS = 1023;
const HIGH_WORD = endianness() === 'LE' ? 1 : 0;

/**
 * A logarithmic scale of efficiencies with 2^`bits` buckets in an octave, which is a doubling. The upper 32
 * bits of a positive double are its exponent and its leading mantissa bits: as an integer they are a
 * logarithmic scale with linear steps inside an octave (as in HdrHistogram), found without computing a
 * logarithm. Efficiencies outside of 2^-80 to 2^48 fall into the outermost buckets.
 */
export class EfficiencyScale {
  readonly buckets: number;
  readonly #base: number;
  readonly #shift: number;
  readonly #asDouble = new Float64Array(1);
  readonly #asWords = new Uint32Array(this.#asDouble.buffer);

  constructor(bits: number) {
    this.buckets = OCTAVES << bits;
    this.#shift = MANTISSA_BITS_IN_HIGH_WORD - bits;
    this.#base = (EXPONENT_BIAS + MIN_EXPONENT) << bits;
  }

  /** The bucket of an efficiency above 0. */
  bucketOf(efficiency: number): number {
    this.#asDouble[0] = efficiency;
    const bucket = (this.#asWords[HIGH_WORD]! >>> this.#shift) - this.#base;
    if (bucket < 0) return 0;
    return bucket < this.buckets ? bucket : this.buckets - 1;
  }

  /** The lowest efficiency of a bucket. For the bucket after the last one, this is the end of the scale. */
  lowOf(bucket: number): number {
    this.#asWords[HIGH_WORD] = (bucket + this.#base) << this.#shift;
    this.#asWords[1 - HIGH_WORD] = 0;
    return this.#asDouble[0]!;
  }
}
