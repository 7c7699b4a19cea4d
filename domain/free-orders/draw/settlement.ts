/** Gives a slot's prizes to its entries, which are offered one by one from the smallest ticket up. */
import type { DrawOutcome, DrawReason } from '../rules/reasons.ts';
import type { SlotRules } from '../rules/rules.ts';
import { grant, type PrizeClaim, type RemainingPrizes, refusalOf, type WinLedger } from './ledger.ts';

export class Settlement {
  readonly #rules: SlotRules;
  readonly #ledger: WinLedger;
  #remaining: RemainingPrizes;
  #prizes: number;

  /** `ledger` holds the wins of all earlier slots and takes this slot's; `remaining` is what the earlier slots left. */
  constructor(rules: SlotRules, ledger: WinLedger, remaining: RemainingPrizes) {
    this.#rules = rules;
    this.#ledger = ledger;
    this.#remaining = remaining;
    this.#prizes = rules.definition.prizes;
  }

  /** What is left after this slot. */
  get remaining(): RemainingPrizes {
    return this.#remaining;
  }

  /**
   * Why the slot's draw has ended, which is the outcome of every entry with a larger ticket; undefined while
   * prizes, quota and budget are left. The budget ends the draw when it has less than `smallestAwardFen`. If it
   * has at least that, but less than the award of an entry, only this entry is passed over.
   */
  get ended(): DrawReason | undefined {
    if (this.#prizes === 0) return 'not-drawn';
    if (this.#remaining.quota === 0) return 'quota-exhausted';
    if (this.#remaining.budgetFen < this.#rules.smallestAwardFen) return 'budget-exhausted';
    return undefined;
  }

  /** The outcome of the entry with the next larger ticket. A refused entry leaves its prize to the next one. */
  offer(claim: PrizeClaim): DrawOutcome {
    const outcome = this.ended ?? refusalOf(this.#rules, claim, this.#ledger, this.#remaining);
    if (outcome !== undefined) return outcome;
    this.#remaining = grant(claim, this.#ledger, this.#remaining);
    this.#prizes -= 1;
    return 'won';
  }
}
