import { type Constraints, pricesOf } from './budget.ts';
import type { Candidates } from './candidates.ts';
import { choose, NONE, tieFactor } from './choose.ts';

/** Whole offers for a set of members, within their budgets. */
export interface Settlement {
  /** For each member the index of the offer given, or {@link NONE}. */
  readonly choice: Int32Array;
  /** Fen left of each constraint, never below 0. */
  readonly slackFen: Float64Array;
}

const MAX_ROUNDS = 40;
/** Changes looked at together. Where there are more, those that lose more are left out first. */
const MAX_MOVES = 20_000;
const NARROWING = 4;
const NARROWEST = NARROWING ** 6;
const FEW_MOVES = 1_000;
/** A greedy move may use this share of what is left; the rest is for the pairs, which fit it better. */
const GREEDY_SHARE = 0.125;
/** Changes considered for an exchange of four: 200 make 20,000 pairs, and 2 · 10^8 fours. */
const EXCHANGED_MOVES = 100;
/** A gain below this, in units of value, is rounding. */
const MIN_GAIN = 1e-9;

/** One member changing from the offer they have to another, or to none. */
interface Move {
  readonly member: number;
  readonly to: number;
  /** Fen of the budget in question that the change uses, or frees if below 0. */
  readonly deltaFen: number;
  /** Value gained, or lost if below 0. */
  readonly gain: number;
  /** Profit lost at the dual price, >= 0 up to rounding: how far from optimal the move is. */
  readonly loss: number;
}

/** The changes with the least loss, two for each amount that they use: where many tie, the others add nothing. */
const distinct = (moves: readonly Move[]): Move[] => {
  const times = new Map<number, number>();
  const chosen: Move[] = [];
  for (const move of moves) {
    if (chosen.length === EXCHANGED_MOVES) break;
    const seen = times.get(move.deltaFen) ?? 0;
    if (seen === 2) continue;
    times.set(move.deltaFen, seen + 1);
    chosen.push(move);
  }
  return chosen;
};

/** The indices of integers below 10^10 in ascending order. A sort of plain numbers needs no comparison function. */
const ascending = (numbers: Float64Array): Uint32Array => {
  const size = numbers.length;
  const keys = numbers.map((number, n) => number * size + n).sort();
  return Uint32Array.from(keys, (key) => ((key % size) + size) % size);
};

class Settling {
  readonly choice: Int32Array;
  readonly slackFen: Float64Array;
  readonly #candidates: Candidates;
  readonly #constraints: Constraints;
  readonly #price: Float64Array;
  readonly #bestProfit: Float64Array;
  /** By what the bound on the losses of a pool's changes was divided last. */
  readonly #narrowing: Float64Array;

  constructor(candidates: Candidates, constraints: Constraints, dual: Float64Array) {
    this.#candidates = candidates;
    this.#constraints = constraints;
    this.#price = pricesOf(constraints, dual, new Float64Array(constraints.own.length));
    this.#narrowing = new Float64Array(this.#price.length).fill(1);
    this.slackFen = constraints.capFen.slice();
    this.choice = new Int32Array(candidates.members);
    this.#bestProfit = new Float64Array(candidates.members);
    for (let member = 0; member < candidates.members; member++) {
      const at = choose(candidates, member, this.#price);
      this.choice[member] = at;
      this.#bestProfit[member] = this.#profit(member, at);
      this.#use(at, 1);
    }
  }

  #profit(member: number, at: number): number {
    if (at === NONE) return 0;
    const { value, costFen, pool, hash } = this.#candidates;
    const from = pool[at]!;
    return value[at]! * tieFactor(hash[member]!, from) - this.#price[from]! * costFen[at]!;
  }

  #value(at: number): number {
    return at === NONE ? 0 : this.#candidates.value[at]!;
  }

  #own(at: number): number {
    return at === NONE ? -1 : this.#constraints.own[this.#candidates.pool[at]!]!;
  }

  /** Fen of a constraint that an offer uses. */
  #usedFen(at: number, constraint: number): number {
    if (at === NONE) return 0;
    return constraint === this.#constraints.total || constraint === this.#own(at)
      ? this.#candidates.costFen[at]!
      : 0;
  }

  #use(at: number, times: 1 | -1): void {
    if (at === NONE) return;
    const fen = times * this.#candidates.costFen[at]!;
    const own = this.#own(at);
    if (own >= 0) this.slackFen[own]! -= fen;
    if (this.#constraints.total >= 0) this.slackFen[this.#constraints.total]! -= fen;
  }

  #give(member: number, to: number): void {
    this.#use(this.choice[member]!, -1);
    this.choice[member] = to;
    this.#use(to, 1);
  }

  /** Whether a change keeps every constraint but one, that is, leaves none below 0 that it uses more of. */
  #fits(member: number, to: number, except: number): boolean {
    const from = this.choice[member]!;
    for (const constraint of [this.#own(to), this.#constraints.total]) {
      if (constraint < 0 || constraint === except) continue;
      const moreFen = this.#usedFen(to, constraint) - this.#usedFen(from, constraint);
      if (moreFen > 0 && moreFen > this.slackFen[constraint]!) return false;
    }
    return true;
  }

  /** Brings one overdrawn constraint back to 0 by the changes that lose the least profit for a fen they free. */
  #free(constraint: number): void {
    const { first, members } = this.#candidates;
    const moves: Move[] = [];
    for (let member = 0; member < members; member++) {
      const from = this.choice[member]!;
      const usedFen = this.#usedFen(from, constraint);
      if (usedFen === 0) continue;
      const profit = this.#profit(member, from);
      const end = first[member + 1]!;
      for (let to = first[member]! - 1; to < end; to++) {
        const target = to < first[member]! ? NONE : to;
        const deltaFen = this.#usedFen(target, constraint) - usedFen;
        if (deltaFen >= 0) continue;
        moves.push({ member, to: target, deltaFen, gain: 0, loss: profit - this.#profit(member, target) });
      }
    }
    moves.sort((a, b) => a.loss / -a.deltaFen - b.loss / -b.deltaFen);
    for (const { member, to } of moves) {
      if (this.slackFen[constraint]! >= 0) return;
      if (this.#usedFen(to, constraint) >= this.#usedFen(this.choice[member]!, constraint)) continue;
      if (this.#fits(member, to, constraint)) this.#give(member, to);
    }
  }

  freeAll(): void {
    for (;;) {
      let worst = -1;
      for (let k = 0; k < this.slackFen.length; k++) {
        if (this.slackFen[k]! < 0 && (worst < 0 || this.slackFen[k]! < this.slackFen[worst]!)) worst = k;
      }
      if (worst < 0) return;
      this.#free(worst);
    }
  }

  #leftFen(pool: number): number {
    const own = this.#constraints.own[pool]!;
    const total = this.#constraints.total;
    const ofOwn = own < 0 ? Number.POSITIVE_INFINITY : this.slackFen[own]!;
    return total < 0 ? ofOwn : Math.min(ofOwn, this.slackFen[total]!);
  }

  /** The most profit that any member has lost by not having their best offer: what one change can win back. */
  #mostRegret(): number {
    let most = 0;
    for (let member = 0; member < this.choice.length; member++) {
      most = Math.max(most, this.#bestProfit[member]! - this.#profit(member, this.choice[member]!));
    }
    return most;
  }

  /**
   * The changes that could take part in a gain inside a pool. Of changes that together use D fen, the value gained is
   * price·D less the sum of their losses, so one of two that loses more than price·left and what the other can win back
   * cannot be part of a gain.
   */
  #moves(pool: number, leftFen: number): Move[] {
    const most = this.#price[pool]! * leftFen + this.#mostRegret();
    let moves = this.#movesBelow(pool, most / this.#narrowing[pool]!);
    while (moves.length < FEW_MOVES && this.#narrowing[pool]! > 1) {
      this.#narrowing[pool]! /= NARROWING;
      moves = this.#movesBelow(pool, most / this.#narrowing[pool]!);
    }
    while (moves.length >= MAX_MOVES && this.#narrowing[pool]! < NARROWEST) {
      const fewer = this.#movesBelow(pool, most / this.#narrowing[pool]! / NARROWING);
      // Where most changes tie, no loss tells them apart: any of them will do.
      if (fewer.length < FEW_MOVES) break;
      this.#narrowing[pool]! *= NARROWING;
      moves = fewer;
    }
    return moves;
  }

  /** The first changes found, in the order of the members, that lose less than `most`: not above {@link MAX_MOVES}. */
  #movesBelow(pool: number, most: number): Move[] {
    const { first, members, costFen, pool: pools, value } = this.#candidates;
    const moves: Move[] = [];
    for (let member = 0; member < members && moves.length < MAX_MOVES; member++) {
      const from = this.choice[member]!;
      const inPool = from !== NONE && pools[from] === pool;
      const fromFen = inPool ? costFen[from]! : 0;
      const fromValue = this.#value(from);
      const profit = this.#profit(member, from);
      const end = first[member + 1]!;
      for (let to = first[member]!; to < end; to++) {
        if (pools[to] !== pool || to === from) continue;
        const loss = profit - this.#profit(member, to);
        if (loss >= most) continue;
        moves.push({ member, to, deltaFen: costFen[to]! - fromFen, gain: value[to]! - fromValue, loss });
      }
      if (inPool && profit < most)
        moves.push({ member, to: NONE, deltaFen: -fromFen, gain: -fromValue, loss: profit });
    }
    return moves;
  }

  /** Spends the larger part of what a pool has left, on the least loss for a fen first. */
  #spend(pool: number): boolean {
    const moves = this.#moves(pool, this.#leftFen(pool)).filter((move) => move.gain > 0 && move.deltaFen > 0);
    moves.sort((a, b) => a.loss / a.deltaFen - b.loss / b.deltaFen);
    const touched = new Set<number>();
    for (const { member, to, deltaFen } of moves) {
      if (deltaFen > this.#leftFen(pool) * GREEDY_SHARE || touched.has(member)) continue;
      touched.add(member);
      this.#give(member, to);
    }
    return touched.size > 0;
  }

  /**
   * Makes the up to four changes that together gain most within what a pool has left, by meeting in the middle: all pairs
   * of the most promising changes, sorted by what they use, against the best pair that still fits beside each.
   */
  #exchange(pool: number): boolean {
    const leftFen = this.#leftFen(pool);
    const moves = distinct(this.#moves(pool, leftFen).sort((a, b) => a.loss - b.loss));
    const none: Move = { member: -1, to: NONE, deltaFen: 0, gain: 0, loss: 0 };
    moves.push(none);
    const left: number[] = [];
    const right: number[] = [];
    for (let a = 0; a < moves.length; a++) {
      for (let b = a + 1; b < moves.length; b++) {
        if (moves[a]!.member === moves[b]!.member) continue;
        left.push(a);
        right.push(b);
      }
    }
    left.push(moves.length - 1);
    right.push(moves.length - 1);
    const size = left.length;
    const deltaFen = new Float64Array(size);
    const gain = new Float64Array(size);
    for (let n = 0; n < size; n++) {
      deltaFen[n] = moves[left[n]!]!.deltaFen + moves[right[n]!]!.deltaFen;
      gain[n] = moves[left[n]!]!.gain + moves[right[n]!]!.gain;
    }
    const order = ascending(deltaFen);
    const best = new Uint32Array(size);
    for (let n = 0; n < size; n++) {
      best[n] = n > 0 && gain[best[n - 1]!]! >= gain[order[n]!]! ? best[n - 1]! : order[n]!;
    }
    let most = MIN_GAIN;
    let chosen: Move[] = [];
    let last = size - 1;
    for (const pair of order) {
      while (last >= 0 && deltaFen[pair]! + deltaFen[order[last]!]! > leftFen) last--;
      if (last < 0) break;
      const other = best[last]!;
      if (gain[pair]! + gain[other]! <= most) continue;
      const four = [left[pair]!, right[pair]!, left[other]!, right[other]!]
        .map((n) => moves[n]!)
        .filter((m) => m !== none);
      if (new Set(four.map((move) => move.member)).size < four.length) continue;
      most = gain[pair]! + gain[other]!;
      chosen = four;
    }
    for (const { member, to } of chosen) this.#give(member, to);
    return chosen.length > 0;
  }

  /**
   * Makes the change, or the two changes of different members, that together gain most within what a pool has left. It
   * looks at every change worth looking at, where an exchange of four looks at the most promising.
   */
  #pair(pool: number): boolean {
    const leftFen = this.#leftFen(pool);
    const moves = this.#moves(pool, leftFen).sort((a, b) => a.deltaFen - b.deltaFen);
    // While the first of a pair grows, the second may only shrink: of the moves up to each size the two best are known,
    // of different members, since the changes of a pair must not be of one member.
    const best: Move[] = [];
    const next: (Move | undefined)[] = [];
    for (const move of moves) {
      const first = best.at(-1);
      const second = next.at(-1);
      if (!first || move.gain > first.gain) {
        best.push(move);
        next.push(first && first.member !== move.member ? first : second);
      } else {
        best.push(first);
        next.push(move.member !== first.member && (!second || move.gain > second.gain) ? move : second);
      }
    }
    let most = MIN_GAIN;
    let chosen: Move[] = [];
    let last = moves.length - 1;
    for (const move of moves) {
      while (last >= 0 && move.deltaFen + moves[last]!.deltaFen > leftFen) last--;
      if (move.deltaFen <= leftFen && move.gain > most) {
        most = move.gain;
        chosen = [move];
      }
      if (last < 0) continue;
      const other = best[last]!.member === move.member ? next[last] : best[last];
      if (other && move.gain + other.gain > most) {
        most = move.gain + other.gain;
        chosen = [move, other];
      }
    }
    for (const { member, to } of chosen) this.#give(member, to);
    return chosen.length > 0;
  }

  fillAll(): void {
    const pools = this.#constraints.own.length;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let changed = false;
      for (let pool = 0; pool < pools; pool++) {
        if (this.#leftFen(pool) === Number.POSITIVE_INFINITY) continue;
        while (this.#spend(pool)) changed = true;
        while (this.#exchange(pool) || this.#pair(pool)) changed = true;
      }
      if (!changed) return;
    }
  }
}

/**
 * Rounds the linear optimum to whole offers. Every member first gets what the dual price says; that overdraws or
 * leaves some of each budget, by about as many members as there are budgets (an optimal basis of the relaxation has no
 * more fractional members: Kellerer, Pferschy, Pisinger, Knapsack Problems (2004), section 11.2; P. Sinha and
 * A. Zoltners, Operations Research 27, 1979) and the ties. Overdrafts are undone by the changes that lose least, and
 * what is left is used by single changes and by exchanges of two members, until none gains.
 *
 * Never exceeds a constraint; the empty settlement is always one.
 */
export const settle = (candidates: Candidates, constraints: Constraints, dual: Float64Array): Settlement => {
  const settling = new Settling(candidates, constraints, dual);
  settling.freeAll();
  settling.fillAll();
  return { choice: settling.choice, slackFen: settling.slackFen };
};
