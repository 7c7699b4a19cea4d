import { NONE } from '../choose.ts';
import type { Allotment } from './allotment.ts';
import type { Move } from './exchange.ts';

/** How many changes are looked at together. If there are more, those that lose most are left out. */
const MAX_MOVES = 20_000;
/** While there are too many, the bound on their losses is divided by this again and again. */
const NARROWING = 4;
const NARROWEST = NARROWING ** 6;
const FEW_MOVES = 1_000;

/** Finds the changes of an allotment that are worth looking at. */
export class ExchangeMoves {
  readonly #allotment: Allotment;
  /** For each pool, the last divisor of the bound on its changes' losses. */
  readonly #narrowing: Float64Array;

  constructor(allotment: Allotment) {
    this.#allotment = allotment;
    this.#narrowing = new Float64Array(allotment.price.length).fill(1);
  }

  /**
   * The changes that could take part in a gain inside a pool, of which `leftFen` is left. A pair of changes that together uses D
   * fen gains price·D less the sum of their losses. D is at most `leftFen`, and one change can win back at most the largest
   * regret. So a change whose loss is larger than price·leftFen plus that regret cannot be part of a gain.
   */
  of(pool: number, leftFen: number): Move[] {
    const most = this.#allotment.price[pool]! * leftFen + this.#allotment.mostRegret();
    let moves = this.#movesBelow(pool, most / this.#narrowing[pool]!);
    while (moves.length < FEW_MOVES && this.#narrowing[pool]! > 1) {
      this.#narrowing[pool]! /= NARROWING;
      moves = this.#movesBelow(pool, most / this.#narrowing[pool]!);
    }
    while (moves.length >= MAX_MOVES && this.#narrowing[pool]! < NARROWEST) {
      const fewer = this.#movesBelow(pool, most / this.#narrowing[pool]! / NARROWING);
      // If most changes tie, their losses do not distinguish them, and any of them will do.
      if (fewer.length < FEW_MOVES) break;
      this.#narrowing[pool]! *= NARROWING;
      moves = fewer;
    }
    return moves;
  }

  /** The first changes found, in the order of the members, that lose less than `most`: at most {@link MAX_MOVES}. */
  #movesBelow(pool: number, most: number): Move[] {
    const allotment = this.#allotment;
    const { first, members, costFen, pool: pools, value } = allotment.candidates;
    const moves: Move[] = [];
    for (let member = 0; member < members && moves.length < MAX_MOVES; member++) {
      const from = allotment.choice[member]!;
      const inPool = from !== NONE && pools[from] === pool;
      const fromFen = inPool ? costFen[from]! : 0;
      const fromValue = allotment.valueOf(from);
      const profit = allotment.profit(member, from);
      const end = first[member + 1]!;
      for (let to = first[member]!; to < end; to++) {
        if (pools[to] !== pool || to === from) continue;
        const loss = profit - allotment.profit(member, to);
        if (loss >= most) continue;
        moves.push({ member, to, deltaFen: costFen[to]! - fromFen, gain: value[to]! - fromValue, loss });
      }
      if (inPool && profit < most)
        moves.push({ member, to: NONE, deltaFen: -fromFen, gain: -fromValue, loss: profit });
    }
    return moves;
  }
}
