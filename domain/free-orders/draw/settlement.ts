/** Gives a slot's prizes to its entries, offered one by one from the smallest ticket up. */

import type { DrawReason, Outcome } from '../rules/reasons.ts';
import type { Rules } from '../rules/rules.ts';
import { type Claim, grant, type Purse, refusalOf, type WinLedger } from './ledger.ts';

export class Settlement {
  readonly #rules: Rules;
  readonly #ledger: WinLedger;
  #purse: Purse;
  #prizes: number;

  /** `ledger` holds the wins of all earlier slots and takes this slot's; `purse` is what the earlier slots left. */
  constructor(rules: Rules, ledger: WinLedger, purse: Purse) {
    if (rules.definition.mode !== 'slot') {
      throw new Error(`mode: expected "slot", got "${rules.definition.mode}"`);
    }
    this.#rules = rules;
    this.#ledger = ledger;
    this.#purse = purse;
    this.#prizes = rules.definition.prizes;
  }

  /** What is left after this slot. */
  get purse(): Purse {
    return this.#purse;
  }

  /**
   * What ended the slot's draw, which is the outcome of every entry with a larger ticket; undefined while prizes are
   * left. A budget that cannot pay for any award ends it for all; one that cannot pay for this award only passes it over.
   */
  get ended(): DrawReason | undefined {
    if (this.#prizes === 0) return 'not-drawn';
    if (this.#purse.quota === 0) return 'quota-exhausted';
    if (this.#purse.budgetFen < this.#rules.smallestAwardFen) return 'budget-exhausted';
    return undefined;
  }

  /** The outcome of the entry with the next larger ticket. Who is refused leaves the prize to the next one. */
  offer(claim: Claim): Outcome {
    const outcome = this.ended ?? refusalOf(this.#rules, claim, this.#ledger, this.#purse);
    if (outcome !== undefined) return outcome;
    this.#purse = grant(claim, this.#ledger, this.#purse);
    this.#prizes -= 1;
    return 'won';
  }
}
