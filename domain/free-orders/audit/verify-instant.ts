/** Checks the entries of an instant draw. */
import {
  allPrizes,
  grant,
  type LinkedIds,
  type RemainingPrizes,
  refusalOf,
  refusalsOf,
  WinLedger,
} from '../draw/ledger.ts';
import { type Ticket, TicketDrawer, winningBelow } from '../draw/ticket.ts';
import type { InstantRules } from '../rules/rules.ts';
import type { EntryLine } from './export-format.ts';
import { expected, type Judged, judgeAgain, type ReportFault } from './verify-entry.ts';

/**
 * Judges every entry again and reports what differs. Memory grows with the winning tickets, never with the losers. Wins are
 * granted in the order in which orders came, which an export cannot show. But a ledger only grows and the remaining prizes only
 * shrink, so a refusal that was right when it was made is still right at the end: it is checked against what all wins together
 * used.
 */
export class InstantVerifier {
  readonly #rules: InstantRules;
  readonly #report: ReportFault;
  readonly #tickets: TicketDrawer;
  readonly #winningBelow: Ticket;
  readonly #ledger = new WinLedger();
  readonly #refused: Judged[] = [];
  readonly #links: LinkedIds[] = [];
  #remaining: RemainingPrizes;

  constructor(rules: InstantRules, seed: Uint8Array, report: ReportFault) {
    this.#rules = rules;
    this.#report = report;
    this.#tickets = new TicketDrawer(seed, rules.format);
    this.#winningBelow = winningBelow(rules.definition.odds);
    this.#remaining = allPrizes(rules);
  }

  /** Two ids of one member. What each id won before the link stays won, so a link only explains refusals. */
  link(ids: LinkedIds): void {
    this.#links.push(ids);
  }

  entry(given: EntryLine, line: number): void {
    const judged = judgeAgain(given, line, {
      rules: this.#rules,
      tickets: this.#tickets,
      report: this.#report,
    });
    if (judged === undefined) return;
    const { outcome } = given;
    if (judged.ticket >= this.#winningBelow) {
      if (outcome !== 'not-drawn') this.#report(line, expected('outcome', 'not-drawn', outcome));
    } else if (outcome !== 'won') {
      this.#refused.push(judged);
    } else {
      const refusal = refusalOf(this.#rules, judged.claim, this.#ledger, this.#remaining);
      if (refusal !== undefined) {
        this.#report(line, expected('outcome', `${refusal} after the wins before`, outcome));
      }
      this.#remaining = grant(judged.claim, this.#ledger, this.#remaining);
    }
  }

  /** To be called after the last entry: reports winning tickets that were refused for a reason that does not hold. */
  end(): void {
    const ledger = new WinLedger(this.#ledger);
    for (const ids of this.#links) ledger.link(ids);
    for (const { line, claim, given } of this.#refused) {
      // The order got the reason that was true first. More reasons may have become true since.
      const refusals = refusalsOf(this.#rules, claim, ledger, this.#remaining);
      if (!refusals.some((refusal) => refusal === given.outcome)) {
        this.#report(line, expected('outcome', refusals[0] ?? 'won', given.outcome));
      }
    }
  }
}
