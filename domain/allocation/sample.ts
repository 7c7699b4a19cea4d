import { ByteReader, ByteWriter } from '#platform/bytes.ts';
import { readerOf } from '#platform/format.ts';
import { HASH_RANGE } from '#platform/hash.ts';
import { CandidateList, type Candidates, mixed } from './candidates.ts';

const FORMAT_VERSION = 1;
const SAMPLE_SALT = 0x7361_6d70;
const FLOAT_BYTES = 4;
const HASH_BYTES = 4;

/**
 * A uniform sample of an audience: the members whose hash lies below a threshold, which is halved whenever there are too
 * many offers. The members chosen depend on the audience alone, not on the order or the grouping in which they
 * come, so samples of segments merge into the sample of the whole (the adaptive sampling of M. Wegman, analysed by
 * P. Flajolet, Computing 43, 1990).
 *
 * A histogram is enough for one budget. With several budgets it matters which offer a member would take instead of another, and
 * only a sample keeps that.
 */
export class Sample {
  /** Members that were offered to the sample, kept or not. */
  members = 0;
  #kept = new CandidateList();
  #halvings = 0;
  readonly #maxOffers: number;

  constructor(maxOffers: number) {
    this.#maxOffers = maxOffers;
  }

  get kept(): Candidates {
    return this.#kept;
  }

  /** The share of the members that was kept, 0 to 1. */
  get share(): number {
    return this.members === 0 ? 1 : this.#kept.members / this.members;
  }

  get isWhole(): boolean {
    return this.#halvings === 0;
  }

  #holds(hash: number): boolean {
    return mixed(hash ^ SAMPLE_SALT) < HASH_RANGE / 2 ** this.#halvings;
  }

  #thin(): void {
    while (this.#kept.offers > this.#maxOffers) {
      this.#halvings++;
      const all = this.#kept;
      this.#kept = new CandidateList();
      for (let member = 0; member < all.members; member++) {
        if (this.#holds(all.hash[member]!)) this.#kept.copy(all, member);
      }
    }
  }

  add(candidates: Candidates): void {
    for (let member = 0; member < candidates.members; member++) {
      this.members++;
      if (!this.#holds(candidates.hash[member]!)) continue;
      this.#kept.copy(candidates, member);
      this.#thin();
    }
  }

  /** Adds the sample of other members. */
  merge(other: Sample): void {
    const members = this.members + other.members;
    this.#halvings = Math.max(this.#halvings, other.#halvings);
    const own = this.#kept;
    this.#kept = new CandidateList();
    for (const from of [own, other.#kept]) {
      for (let member = 0; member < from.members; member++) {
        if (this.#holds(from.hash[member]!)) this.#kept.copy(from, member);
      }
    }
    this.#thin();
    this.members = members;
  }

  /** The sample in bytes: 5 for each member and about 8 for each offer, whose value is kept to 24 bits. */
  encode(): Uint8Array {
    const writer = new ByteWriter();
    const kept = this.#kept;
    for (const field of [FORMAT_VERSION, this.members, this.#halvings, kept.members]) writer.uint(field);
    for (let member = 0; member < kept.members; member++) {
      writer.raw(new Uint8Array(Uint32Array.of(kept.hash[member]!).buffer));
      const end = kept.first[member + 1]!;
      writer.uint(end - kept.first[member]!);
      for (let at = kept.first[member]!; at < end; at++) {
        writer.raw(new Uint8Array(Float32Array.of(kept.value[at]!).buffer));
        writer.uint(kept.costFen[at]!);
        writer.uint(kept.pool[at]!);
      }
    }
    return writer.bytes();
  }

  /** Reads back what {@link encode} wrote, thinned further if it has more than `maxOffers`. */
  static decode(bytes: Uint8Array, maxOffers: number): Sample {
    const reader = new ByteReader(bytes);
    return readerOf('sample', READERS, reader.uint())(reader, maxOffers);
  }

  /** Reads the body of format version 1. */
  static decodeVersion1(reader: ByteReader, maxOffers: number): Sample {
    const sample = new Sample(maxOffers);
    sample.members = reader.uint();
    sample.#halvings = reader.uint();
    for (let left = reader.uint(); left > 0; left--) {
      sample.#kept.member(new Uint32Array(reader.raw(HASH_BYTES).slice().buffer)[0]!);
      for (let offers = reader.uint(); offers > 0; offers--) {
        sample.#kept.offer(reader.float(FLOAT_BYTES), reader.uint(), reader.uint());
      }
    }
    sample.#thin();
    return sample;
  }
}

const READERS = { [FORMAT_VERSION]: Sample.decodeVersion1 };
