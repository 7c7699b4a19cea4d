/** The members and offers among which a plan chooses, in flat arrays, so that millions fit in memory. */

/**
 * How many pools one plan can draw on. A pool's number is a byte in a candidate, and the dual function keeps
 * a matrix of pools × pools.
 */
export const MAX_POOLS = 64;
/** The largest face value of one coupon: CNY 10 M. Sums over 9 million members then stay exact in a double (2^53). */
export const MAX_COST_FEN = 1_000_000_000;

/**
 * Typed arrays of up to 64 bytes are on the heap. Longer ones get memory of their own, which costs more than
 * growing once.
 */
const INITIAL_MEMBERS = 8;
const INITIAL_OFFERS = 8;

/**
 * Members and the offers each may get, as flat arrays: member m owns the offers `first[m]` to `first[m + 1] - 1`, of
 * which at most one may be given.
 *
 * `hash` is 32 uniform bits of the member's id; `value` is what giving the offer is worth, a finite number >= 0 in any
 * unit; `costFen` is an integer number of fen, 0 to {@link MAX_COST_FEN}; `pool` is the number of the pool that pays.
 */
export interface Candidates {
  readonly members: number;
  readonly hash: Uint32Array;
  readonly first: Uint32Array;
  readonly value: Float64Array;
  readonly costFen: Float64Array;
  readonly pool: Uint8Array;
}

const grownTo = <T extends Uint32Array | Float64Array | Uint8Array>(from: T, length: number): T => {
  const into = new (from.constructor as new (length: number) => T)(length);
  into.set(from);
  return into;
};

/** Collects members one after the other, with their offers, into {@link Candidates} that grow as needed. */
export class CandidateList implements Candidates {
  members = 0;
  hash = new Uint32Array(INITIAL_MEMBERS);
  first = new Uint32Array(INITIAL_MEMBERS + 1);
  value = new Float64Array(INITIAL_OFFERS);
  costFen = new Float64Array(INITIAL_OFFERS);
  pool = new Uint8Array(INITIAL_OFFERS);

  get offers(): number {
    return this.first[this.members]!;
  }

  /** Begins a member. The offers added next belong to this member. */
  member(hash: number): void {
    if (this.members === this.hash.length) {
      this.hash = grownTo(this.hash, this.members * 2);
      this.first = grownTo(this.first, this.members * 2 + 1);
    }
    this.hash[this.members] = hash;
    this.members++;
    this.first[this.members] = this.first[this.members - 1]!;
  }

  /** Adds an offer to the member begun last. */
  offer(value: number, costFen: number, pool: number): void {
    const at = this.offers;
    if (at === this.value.length) {
      this.value = grownTo(this.value, at * 2);
      this.costFen = grownTo(this.costFen, at * 2);
      this.pool = grownTo(this.pool, at * 2);
    }
    this.value[at] = value;
    this.costFen[at] = costFen;
    this.pool[at] = pool;
    this.first[this.members] = at + 1;
  }

  /** Adds a member with all the offers they have in other candidates. */
  copy(from: Candidates, member: number): void {
    this.member(from.hash[member]!);
    const end = from.first[member + 1]!;
    for (let at = from.first[member]!; at < end; at++) {
      this.offer(from.value[at]!, from.costFen[at]!, from.pool[at]!);
    }
  }

  /** Removes every member and keeps the allocated arrays. */
  clear(): void {
    this.members = 0;
    this.first[0] = 0;
  }
}

/** One member and the offers they may get. */
export const candidatesOfMember = (
  hash: number,
  offers: readonly { value: number; costFen: number; pool: number }[],
): Candidates => ({
  members: 1,
  hash: Uint32Array.of(hash),
  first: Uint32Array.of(0, offers.length),
  value: Float64Array.from(offers, ({ value }) => value),
  costFen: Float64Array.from(offers, ({ costFen }) => costFen),
  pool: Uint8Array.from(offers, ({ pool }) => pool),
});

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Lets every bit of a 32-bit number influence all bits of the result (the finalizer of MurmurHash3, A.
 * Appleby, 2011).
 */
export const mixed = (bits: number): number => {
  let h = bits;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/**
 * 32 uniform bits of a member id (FNV-1a over its UTF-16 units, then mixed). They break ties and choose
 * members, such as those of a sample. They are never used as an identity.
 */
export const memberHash = (member: string): number => {
  let h = FNV_OFFSET;
  for (let at = 0; at < member.length; at++) h = Math.imul(h ^ member.charCodeAt(at), FNV_PRIME);
  return mixed(h);
};
