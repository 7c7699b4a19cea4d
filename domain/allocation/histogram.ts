/** Counts what an audience would cost and bring by efficiency, for the price of one budget (`price.ts`). */
import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { readerOf } from '#platform/format.ts';
import type { Candidates } from './candidates.ts';
import { EfficiencyScale } from './efficiency-scale.ts';
import { Hull } from './hull.ts';
import { placeOf, type TieCells } from './tie-cells.ts';

/**
 * The logarithm (base 2) of the number of buckets in an octave of a plan's histogram. A bucket is 0.1 to
 * 0.2 % wide.
 */
export const PLAN_BITS = 9;
/** The same for a pacer's histogram. It is coarse, because its buckets are labels in every row of the metrics. */
export const PACE_BITS = 3;

const FORMAT_VERSION = 1;
const MEAN_STEPS = 0xffff;

/**
 * How much money buys how much value at which efficiency: for each bucket of incremental efficiency (value per fen, on
 * a logarithmic scale), the cost and the value of the hull edges in it. Histograms add up in any order and grouping, so
 * segments of an audience can be counted separately. Costs are integers, so their sum is exact.
 */
export class Histogram {
  readonly bits: number;
  /** The first bucket that holds something, and the last one; those between may be empty. */
  lowest = Number.POSITIVE_INFINITY;
  highest = -1;
  /** Value that costs nothing. */
  freeValue = 0;
  /** Hull edges counted. */
  edges = 0;
  /** Members counted. */
  members = 0;

  readonly #scale: EfficiencyScale;
  /**
   * The buckets from `#first` on, in whole octaves: from the octave of the first bucket that holds something to that of the last
   * one. All octaves of a plan's histogram would take a megabyte.
   */
  #first = 0;
  #costFen = new Float64Array();
  #value = new Float64Array();
  /** Scratch memory of `add`. */
  #hull: Hull | undefined;

  constructor(bits: number) {
    this.bits = bits;
    this.#scale = new EfficiencyScale(bits);
  }

  /** Fen that the edges of a bucket cost. */
  costFenOf(bucket: number): number {
    return this.#costFen[bucket - this.#first] ?? 0;
  }

  /** Value that the edges of a bucket bring. */
  valueOf(bucket: number): number {
    return this.#value[bucket - this.#first] ?? 0;
  }

  /** Fen that all edges cost. */
  get allFen(): number {
    return this.#costFen.reduce((sum, fen) => sum + fen, 0);
  }

  /** The bucket of an efficiency above 0. */
  bucketOf(efficiency: number): number {
    return this.#scale.bucketOf(efficiency);
  }

  /** The lowest efficiency of a bucket. For the bucket after the last one, this is the end of the scale. */
  lowOf(bucket: number): number {
    return this.#scale.lowOf(bucket);
  }

  /** Makes room for the buckets from `lowest` to `highest`. */
  #reach(lowest: number, highest: number): void {
    if (lowest < this.lowest) this.lowest = lowest;
    if (highest > this.highest) this.highest = highest;
    if (this.lowest >= this.#first && this.highest < this.#first + this.#costFen.length) return;
    const first = (this.lowest >> this.bits) << this.bits;
    const buckets = (((this.highest >> this.bits) + 1) << this.bits) - first;
    const moved = (from: Float64Array) => {
      const into = new Float64Array(buckets);
      if (from.length > 0) into.set(from, this.#first - first);
      return into;
    };
    this.#costFen = moved(this.#costFen);
    this.#value = moved(this.#value);
    this.#first = first;
  }

  /** Adds to what a bucket holds. Throws RangeError for a bucket that is not on the scale. */
  #put(bucket: number, costFen: number, value: number): void {
    // All buckets from the lowest to the highest are allocated at once, so a damaged number must not ask for all memory.
    if (!(bucket < this.#scale.buckets))
      throw new RangeError(`histogram bucket: expected one below ${this.#scale.buckets}, got ${bucket}`);
    this.#reach(bucket, bucket);
    this.#costFen[bucket - this.#first]! += costFen;
    this.#value[bucket - this.#first]! += value;
  }

  /** Counts money that buys value at one efficiency. */
  addEdge(efficiency: number, costFen: number): void {
    this.#put(this.bucketOf(efficiency), costFen, costFen * efficiency);
    this.edges++;
  }

  /** Counts money of which only the bucket of its efficiency is known. */
  addBucket(bucket: number, costFen: number): void {
    this.#put(bucket, costFen, (costFen * (this.lowOf(bucket) + this.lowOf(bucket + 1))) / 2);
    this.edges++;
  }

  /** The fen spent at a price. In the bucket that contains the price, only the part above the price counts. */
  costAbove(price: number): number {
    let fen = 0;
    for (let bucket = this.highest; bucket >= this.lowest; bucket--) {
      const low = this.lowOf(bucket);
      const high = this.lowOf(bucket + 1);
      if (high <= price) break;
      fen += this.costFenOf(bucket) * Math.min(1, (high - price) / (high - low));
    }
    return fen;
  }

  /** Counts every member, whichever pool pays. `ties` also gets the money of each edge, at the place of its member. */
  add(candidates: Candidates, ties?: TieCells): void {
    this.#hull ??= new Hull();
    const hull = this.#hull;
    for (let member = 0; member < candidates.members; member++) {
      hull.of(candidates, member);
      const place = ties && placeOf(candidates.hash[member]!);
      for (let edge = 0; edge < hull.edges; edge++) {
        const costFen = hull.costFen[edge]!;
        this.addEdge(hull.efficiency[edge]!, costFen);
        if (place !== undefined) ties!.add(this.bucketOf(hull.efficiency[edge]!), place, costFen);
      }
      this.freeValue += hull.freeValue;
      this.members++;
    }
  }

  /** Adds another histogram of the same resolution, as if its members had been counted here; `share` weights them. */
  merge(other: Histogram, share = 1): void {
    if (other.bits !== this.bits) {
      throw new RangeError(`histogram: expected ${this.bits} bits an octave, got ${other.bits}`);
    }
    if (other.highest >= other.lowest) this.#reach(other.lowest, other.highest);
    for (let bucket = other.lowest; bucket <= other.highest; bucket++) {
      this.#costFen[bucket - this.#first]! += other.costFenOf(bucket) * share;
      this.#value[bucket - this.#first]! += other.valueOf(bucket) * share;
    }
    this.freeValue += other.freeValue * share;
    this.edges += other.edges * share;
    this.members += other.members * share;
  }

  /**
   * The histogram in bytes: of each bucket that holds something, the distance to the one before, the exact cost, and
   * where in the bucket the mean efficiency lies (16 bits, so the value is kept to 1 in 10^7).
   */
  encode(): Uint8Array {
    const writer = new ByteWriter();
    const mean = new Uint8Array(2);
    writer.uint(FORMAT_VERSION);
    writer.uint(this.bits);
    writer.uint(this.members);
    writer.uint(this.edges);
    writer.raw(new Uint8Array(Float64Array.of(this.freeValue).buffer));
    let filled = 0;
    for (let bucket = this.lowest; bucket <= this.highest; bucket++)
      if (this.costFenOf(bucket) !== 0) filled++;
    writer.uint(filled);
    let last = 0;
    for (let bucket = this.lowest; bucket <= this.highest; bucket++) {
      const costFen = this.costFenOf(bucket);
      if (costFen === 0) continue;
      const low = this.lowOf(bucket);
      const place = (this.valueOf(bucket) / costFen - low) / (this.lowOf(bucket + 1) - low);
      const step = Math.min(MEAN_STEPS, Math.max(0, Math.round(place * MEAN_STEPS)));
      mean[0] = step & 0xff;
      mean[1] = step >> 8;
      writer.uint(bucket - last);
      writer.uint(costFen);
      writer.raw(mean);
      last = bucket;
    }
    return writer.bytes();
  }

  /** Reads back what {@link encode} wrote. */
  static decode(bytes: Uint8Array): Histogram {
    const reader = new ByteReader(bytes);
    return readerOf('histogram', READERS, reader.uint())(reader);
  }

  /** Reads the body of format version 1. */
  static decodeVersion1(reader: ByteReader): Histogram {
    const bits = reader.uint();
    if (bits > PLAN_BITS) throw new RangeError(`histogram bits: expected at most ${PLAN_BITS}, got ${bits}`);
    const histogram = new Histogram(bits);
    histogram.members = reader.uint();
    histogram.edges = reader.uint();
    histogram.freeValue = reader.float(8);
    let bucket = 0;
    for (let filled = reader.uint(); filled > 0; filled--) {
      bucket += reader.uint();
      const costFen = reader.uint();
      const mean = reader.raw(2);
      const low = histogram.lowOf(bucket);
      const place = (mean[0]! | (mean[1]! << 8)) / MEAN_STEPS;
      histogram.#put(bucket, costFen, costFen * (low + place * (histogram.lowOf(bucket + 1) - low)));
    }
    return histogram;
  }
}

const READERS = { [FORMAT_VERSION]: Histogram.decodeVersion1 };
