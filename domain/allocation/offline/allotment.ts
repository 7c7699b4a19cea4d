import { type Constraints, pricesOf } from '../budget.ts';
import type { Candidates } from '../candidates.ts';
import { choose, NONE, tieFactor } from '../choose.ts';

/** Which offer each member has, and what that leaves of the budgets: at first what the members choose at the dual price. */
export class Allotment {
  readonly candidates: Candidates;
  /** The price of a fen of each pool. */
  readonly price: Float64Array;
  /** For each member the index of the offer, or {@link NONE}. */
  readonly choice: Int32Array;
  /** Fen left of each constraint; below 0 if it is overdrawn. */
  readonly slackFen: Float64Array;
  readonly #constraints: Constraints;
  readonly #bestProfit: Float64Array;

  constructor(candidates: Candidates, constraints: Constraints, dual: Float64Array) {
    this.candidates = candidates;
    this.#constraints = constraints;
    this.price = pricesOf(constraints, dual, new Float64Array(constraints.own.length));
    this.slackFen = constraints.capFen.slice();
    this.choice = new Int32Array(candidates.members);
    this.#bestProfit = new Float64Array(candidates.members);
    for (let member = 0; member < candidates.members; member++) {
      const at = choose(candidates, member, this.price);
      this.choice[member] = at;
      this.#bestProfit[member] = this.profit(member, at);
      this.#use(at, 1);
    }
  }

  /** The profit of giving an offer to a member: its value less its price. */
  profit(member: number, at: number): number {
    if (at === NONE) return 0;
    const { value, costFen, pool, hash } = this.candidates;
    const from = pool[at]!;
    return value[at]! * tieFactor(hash[member]!, from) - this.price[from]! * costFen[at]!;
  }

  /** What an offer is worth; 0 for no offer. */
  valueOf(at: number): number {
    return at === NONE ? 0 : this.candidates.value[at]!;
  }

  #own(at: number): number {
    return at === NONE ? -1 : this.#constraints.own[this.candidates.pool[at]!]!;
  }

  /** Fen of a constraint that an offer uses. */
  usedFen(at: number, constraint: number): number {
    if (at === NONE) return 0;
    return constraint === this.#constraints.total || constraint === this.#own(at)
      ? this.candidates.costFen[at]!
      : 0;
  }

  #use(at: number, times: 1 | -1): void {
    if (at === NONE) return;
    const fen = times * this.candidates.costFen[at]!;
    const own = this.#own(at);
    if (own >= 0) this.slackFen[own]! -= fen;
    if (this.#constraints.total >= 0) this.slackFen[this.#constraints.total]! -= fen;
  }

  /** Gives a member another offer, or none. */
  give(member: number, to: number): void {
    this.#use(this.choice[member]!, -1);
    this.choice[member] = to;
    this.#use(to, 1);
  }

  /** Whether a change keeps every constraint except `except`: no constraint that it uses more of falls below 0. */
  fits(member: number, to: number, except: number): boolean {
    const from = this.choice[member]!;
    for (const constraint of [this.#own(to), this.#constraints.total]) {
      if (constraint < 0 || constraint === except) continue;
      const moreFen = this.usedFen(to, constraint) - this.usedFen(from, constraint);
      if (moreFen > 0 && moreFen > this.slackFen[constraint]!) return false;
    }
    return true;
  }

  /** Fen that a pool can still spend; Infinity if nothing bounds it. */
  leftFen(pool: number): number {
    const own = this.#constraints.own[pool]!;
    const total = this.#constraints.total;
    const ofOwn = own < 0 ? Number.POSITIVE_INFINITY : this.slackFen[own]!;
    return total < 0 ? ofOwn : Math.min(ofOwn, this.slackFen[total]!);
  }

  /** The most profit that any member has lost by not having their best offer. One change can win back at most this. */
  mostRegret(): number {
    let most = 0;
    for (let member = 0; member < this.choice.length; member++) {
      most = Math.max(most, this.#bestProfit[member]! - this.profit(member, this.choice[member]!));
    }
    return most;
  }
}
