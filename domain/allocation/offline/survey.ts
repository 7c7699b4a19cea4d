import { CandidateList, type Candidates } from '../candidates.ts';
import { choose, NONE, tieFactor } from '../choose.ts';

/** A range of prices for each pool, in value per fen, and the prices in it to decide by. */
export interface PriceRange {
  readonly low: Float64Array;
  readonly at: Float64Array;
  readonly high: Float64Array;
}

const INITIAL_MEMBERS = 1024;
/** The choices of up to this many members are remembered, in a byte each, so that they need not be made a second time. */
const MAX_REMEMBERED_MEMBERS = 1 << 20;
/** The byte for no offer; the others number a member's offers. */
const REMEMBERED_NONE = 255;

const doubled = <T extends Uint8Array | Uint32Array>(from: T, least: number): T => {
  const into = new (from.constructor as new (length: number) => T)(Math.max(least, from.length * 2));
  into.set(from);
  return into;
};

/**
 * One pass over an audience when its prices are known to lie in a range. A member whose choice is the same at all of
 * these prices is decided; only sums are kept. The others are the *core* (E. Balas and E. Zemel, Operations Research
 * 28, 1980; D. Pisinger, European Journal of Operational Research 83, 1995, for multiple choice) and are kept with their
 * offers. Memory depends on how many members the range leaves undecided, not on how many there are.
 */
export class Survey {
  /** Fen that the decided members spend from each pool. */
  readonly decidedFen: Float64Array;
  /** What the choices of the decided members are worth, with their tie factors. */
  decidedWorth = 0;
  /** Fen that all members, including the core, spend from each pool at the prices to decide by. */
  readonly spentFen: Float64Array;
  /** The undecided members, with {@link ordinals} saying which members of the audience they are. */
  readonly core = new CandidateList();
  /** The core outgrew its limit. It was dropped, and every member is decided at the prices to decide by. */
  overflowed = false;
  members = 0;

  readonly #range: PriceRange;
  readonly #maxCoreOffers: number;
  #ordinals = new Uint32Array(INITIAL_MEMBERS);
  #remembered: Uint8Array | null = new Uint8Array(INITIAL_MEMBERS);

  constructor(range: PriceRange, maxCoreOffers: number) {
    this.#range = range;
    this.#maxCoreOffers = maxCoreOffers;
    this.decidedFen = new Float64Array(range.at.length);
    this.spentFen = new Float64Array(range.at.length);
  }

  /** The place of each member of the core among all members surveyed, rising. */
  get ordinals(): Uint32Array {
    return this.#ordinals.subarray(0, this.core.members);
  }

  /**
   * What a member chooses at the prices in the range, without choosing again if it is remembered.
   *
   * @param ordinal the member's place among all members surveyed.
   */
  choiceOf(candidates: Candidates, member: number, ordinal: number): number {
    if (!this.#remembered) return choose(candidates, member, this.#range.at);
    const offer = this.#remembered[ordinal]!;
    return offer === REMEMBERED_NONE ? NONE : candidates.first[member]! + offer;
  }

  /** Surveys the next members of the audience. */
  add(candidates: Candidates): void {
    const needed = this.members + candidates.members;
    if (needed > MAX_REMEMBERED_MEMBERS) this.#remembered = null;
    if (this.#remembered && needed > this.#remembered.length)
      this.#remembered = doubled(this.#remembered, needed);
    if (this.#range.at.length === 1) this.#addOfOnePool(candidates);
    else this.#addOfMany(candidates);
  }

  /**
   * With one pool, a choice is the same at all prices of a range if it is the same at both ends. This loop takes most of the
   * time, so it adds up in local variables and leaves the rest to {@link #take}.
   */
  #addOfOnePool(candidates: Candidates): void {
    const { value, costFen, first, hash, members } = candidates;
    const lowest = this.#range.low[0]!;
    const highest = this.#range.high[0]!;
    const remembered = this.#remembered;
    let decidedFen = 0;
    let decidedWorth = 0;
    for (let member = 0; member < members; member++) {
      // A factor on all of a member's values is a divisor of the price.
      const factor = tieFactor(hash[member]!, 0);
      const low = lowest / factor;
      const begin = first[member]!;
      const end = first[member + 1]!;
      let most = 0;
      let chosen = NONE;
      for (let at = begin; at < end; at++) {
        const profit = value[at]! - low * costFen[at]!;
        if (profit > most || (profit === most && chosen !== NONE && costFen[at]! < costFen[chosen]!)) {
          most = profit;
          chosen = at;
        }
      }
      if (chosen === NONE) {
        if (remembered) remembered[this.members] = REMEMBERED_NONE;
        this.members++;
        continue;
      }
      const high = highest / factor;
      const least = value[chosen]! - high * costFen[chosen]!;
      let isDecided = least >= 0;
      for (let at = begin; at < end; at++) if (value[at]! - high * costFen[at]! > least) isDecided = false;
      if (isDecided && remembered && chosen - begin < REMEMBERED_NONE) {
        remembered[this.members++] = chosen - begin;
        decidedFen += costFen[chosen]!;
        decidedWorth += value[chosen]! * factor;
      } else if (isDecided) this.#take(candidates, member, chosen, true);
      else this.#take(candidates, member, choose(candidates, member, this.#range.at), false);
    }
    this.decidedFen[0]! += decidedFen;
    this.spentFen[0]! += decidedFen;
    this.decidedWorth += decidedWorth;
  }

  #addOfMany(candidates: Candidates): void {
    for (let member = 0; member < candidates.members; member++) {
      const chosen = choose(candidates, member, this.#range.at);
      this.#take(candidates, member, chosen, this.#isDecided(candidates, member, chosen));
    }
  }

  /** Whether the choice at the prices in the range is the choice at all prices of the range. */
  #isDecided(candidates: Candidates, member: number, chosen: number): boolean {
    const { value, costFen, pool, first, hash } = candidates;
    const { low, high } = this.#range;
    const bits = hash[member]!;
    const own = chosen === NONE ? NONE : pool[chosen]!;
    const ownFen = chosen === NONE ? 0 : costFen[chosen]!;
    const worth = chosen === NONE ? 0 : value[chosen]! * tieFactor(bits, own);
    // The choice is at its worst if its own pool is expensive and the others are cheap. Another offer of the
    // same pool pays the same price per fen, so it threatens the choice most at one of the two ends,
    // depending on which costs more.
    const least = chosen === NONE ? 0 : worth - high[own]! * ownFen;
    if (least < 0) return false;
    const end = first[member + 1]!;
    for (let at = first[member]!; at < end; at++) {
      const from = pool[at]!;
      const fen = costFen[at]!;
      const other = value[at]! * tieFactor(bits, from);
      if (from !== own) {
        if (other - low[from]! * fen > least) return false;
      } else if (fen > ownFen) {
        if (other - worth > low[own]! * (fen - ownFen)) return false;
      } else if (worth - other < high[own]! * (ownFen - fen)) return false;
    }
    return true;
  }

  #take(candidates: Candidates, member: number, chosen: number, isDecided: boolean): void {
    const offer = chosen === NONE ? REMEMBERED_NONE : chosen - candidates.first[member]!;
    if (this.#remembered) {
      this.#remembered[this.members] = offer;
      if (chosen !== NONE && offer >= REMEMBERED_NONE) this.#remembered = null;
    }
    if (chosen !== NONE) this.spentFen[candidates.pool[chosen]!]! += candidates.costFen[chosen]!;
    if (isDecided || this.overflowed) this.#decide(candidates, member, chosen);
    else this.#keep(candidates, member);
    this.members++;
  }

  #decide(candidates: Candidates, member: number, chosen: number): void {
    if (chosen === NONE) return;
    const pool = candidates.pool[chosen]!;
    this.decidedFen[pool]! += candidates.costFen[chosen]!;
    this.decidedWorth += candidates.value[chosen]! * tieFactor(candidates.hash[member]!, pool);
  }

  #keep(candidates: Candidates, member: number): void {
    const at = this.core.members;
    if (at === this.#ordinals.length) this.#ordinals = doubled(this.#ordinals, at);
    this.#ordinals[at] = this.members;
    this.core.copy(candidates, member);
    if (this.core.offers <= this.#maxCoreOffers) return;
    this.overflowed = true;
    for (let kept = 0; kept < this.core.members; kept++) {
      this.#decide(this.core, kept, choose(this.core, kept, this.#range.at));
    }
    this.core.clear();
  }
}
