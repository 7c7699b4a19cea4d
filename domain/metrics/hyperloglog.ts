/** Counts distinct members in a sketch of fixed size. */
import { digestOf } from '#platform/hash.ts';

/**
 * Precision p: 2^15 registers give a standard error of 1.04 / sqrt(2^15) = 0.57 %. It is the largest precision whose
 * contributions fit in 3 bytes of 7 bits each.
 */
const PRECISION_BITS = 15;
const REGISTERS = 1 << PRECISION_BITS;
const HASH_BITS = 64;
/** Up to this many registers above 0 are kept in a map, which then takes about as much memory as an array of all registers. */
const FEW_MAX = 512;
/** The bits left of a 64-bit hash after the register's index was taken: the largest rank is one more. */
const RANK_BITS = HASH_BITS - PRECISION_BITS;
/** A contribution is (register << 6) | rank: 21 bits, never 0 because a rank is at least 1. */
const RANK_FIELD_BITS = 6;
const RANK_MASK = (1 << RANK_FIELD_BITS) - 1;
/** Bits of the upper 32 that are left for the rank after the register's index. */
const HIGH_RANK_BITS = 32 - PRECISION_BITS;

/**
 * What one member adds to a sketch: a register and a rank, as one integer of 21 bits. It is all that a sketch needs of a
 * member, so a block keeps 3 bytes instead of the member's id.
 */
export const contributionOf = (member: string): number => {
  const bytes = digestOf(member);
  const high = bytes.readUInt32BE(0);
  const low = bytes.readUInt32BE(4);
  const register = high >>> HIGH_RANK_BITS;
  const rest = (high << PRECISION_BITS) >>> PRECISION_BITS;
  const leadingZeros = rest !== 0 ? Math.clz32(rest) - PRECISION_BITS : HIGH_RANK_BITS + Math.clz32(low);
  return (register << RANK_FIELD_BITS) | (leadingZeros + 1);
};

/**
 * Counts distinct members: HyperLogLog with a 64-bit hash and p = 15. Adding and merging take the larger rank of a register, so
 * a member who is seen again, in any order or in another sketch, changes nothing.
 *
 * Flajolet, Fusy, Gandouet, Meunier: HyperLogLog (AofA 2007). The estimator is Ertl's, which needs neither bias tables
 * nor a switch to linear counting: New cardinality estimation algorithms for HyperLogLog sketches (arXiv 1702.01284),
 * algorithm 6.
 */
export class HyperLogLog {
  /** Registers above 0 while they are few, as in most sketches of a short window. */
  #few: Map<number, number> | undefined = new Map();
  /** All registers, once there are more. */
  #ranks: Uint8Array | undefined;

  /** Adds what {@link contributionOf} made of a member. */
  add(contribution: number): void {
    this.#raise(contribution >>> RANK_FIELD_BITS, contribution & RANK_MASK);
  }

  #raise(register: number, rank: number): void {
    if (this.#ranks !== undefined) {
      if (rank > this.#ranks[register]!) this.#ranks[register] = rank;
      return;
    }
    const few = this.#few!;
    if (rank > (few.get(register) ?? 0)) few.set(register, rank);
    if (few.size <= FEW_MAX) return;
    this.#ranks = new Uint8Array(REGISTERS);
    for (const [one, itsRank] of few) this.#ranks[one] = itsRank;
    this.#few = undefined;
  }

  merge(other: HyperLogLog): void {
    if (other.#ranks === undefined) {
      for (const [register, rank] of other.#few!) this.#raise(register, rank);
      return;
    }
    for (let register = 0; register < REGISTERS; register++) {
      const rank = other.#ranks[register]!;
      if (rank > 0) this.#raise(register, rank);
    }
  }

  /** The sketch as the contributions that make it, in ascending order: two equal sketches give equal lists. */
  *contributions(): Generator<number> {
    if (this.#ranks === undefined) {
      for (const [register, rank] of [...this.#few!].sort(([a], [b]) => a - b))
        yield (register << RANK_FIELD_BITS) | rank;
      return;
    }
    for (let register = 0; register < REGISTERS; register++) {
      const rank = this.#ranks[register]!;
      if (rank > 0) yield (register << RANK_FIELD_BITS) | rank;
    }
  }

  /** The estimated number of distinct members, rounded to a whole one. */
  estimate(): number {
    const histogram = new Uint32Array(RANK_BITS + 2);
    for (const rank of this.#few?.values() ?? this.#ranks!) histogram[rank]!++;
    if (this.#few !== undefined) histogram[0] = REGISTERS - this.#few.size;
    let z = REGISTERS * tau(1 - histogram[RANK_BITS + 1]! / REGISTERS);
    for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
    z += REGISTERS * sigma(histogram[0]! / REGISTERS);
    return Math.round((REGISTERS / (2 * Math.LN2)) * (REGISTERS / z));
  }
}

/** Ertl's sigma, of the share of registers that are still empty. */
const sigma = (share: number): number => {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = share;
  for (;;) {
    x *= x;
    const previous = z;
    z += x * y;
    y += y;
    if (z === previous) return z;
  }
};

/** Ertl's tau, of the share of registers that are not saturated. */
const tau = (share: number): number => {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  for (;;) {
    x = Math.sqrt(x);
    const previous = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
    if (z === previous) return z / 3;
  }
};
