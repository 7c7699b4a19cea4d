/** Checks one slot of an export: its publication, its beacon round, its root, and every winner and loser. */
import type { FaultOfRound } from '../draw/beacon.ts';
import type { Chain } from '../draw/chains.ts';
import { NO_RANDOMNESS, slotSeed } from '../draw/commitment.ts';
import { roundOfSlot } from '../draw/facts.ts';
import type { RemainingPrizes, WinLedger } from '../draw/ledger.ts';
import { MerkleRoot } from '../draw/merkle.ts';
import { Settlement } from '../draw/settlement.ts';
import { TicketDrawer } from '../draw/ticket.ts';
import type { DrawOutcome } from '../rules/reasons.ts';
import { type SlotRules, slotAt } from '../rules/rules.ts';
import type { EntryLine, SlotLine } from './export-format.ts';
import { byTicket, expected, type Judged, judgeAgain, type ReportFault } from './verify-entry.ts';

const REST_OUTCOMES: readonly DrawOutcome[] = ['not-drawn', 'quota-exhausted'];

/**
 * What all slots of an export share. `genuineRounds` holds the rounds verified so far, because one round may draw several
 * slots.
 */
export type SlotContext = {
  rules: SlotRules;
  chain: Chain;
  seed: Uint8Array;
  ledger: WinLedger;
  genuineRounds: Set<string>;
  faultOfRound: FaultOfRound;
  report: ReportFault;
};

/**
 * Its memory grows with the winners of the slot and the entries that were passed over, not with the losers: of the losers with
 * the same outcome, the one with the smallest ticket stands for all. If no prize was left for it, none was left for the others.
 * In the slot in which the budget runs out, all losers are kept, because they may have the same outcome as entries that were
 * passed over.
 */
export class SlotVerifier {
  readonly #context: SlotContext;
  readonly #slot: SlotLine;
  readonly #line: number;
  readonly #tickets: TicketDrawer;
  readonly #settlement: Settlement;
  readonly #tree = new MerkleRoot();
  readonly #claims: Judged[] = [];
  readonly #smallest = new Map<DrawOutcome, Judged>();
  readonly #restOutcomes: readonly DrawOutcome[];
  #entries = 0;

  /** `remaining` is what the earlier slots left, `line` the number of the slot's line. */
  constructor(context: SlotContext, remaining: RemainingPrizes, slot: SlotLine, line: number) {
    this.#context = context;
    this.#slot = slot;
    this.#line = line;
    const { index, root, randomness } = {
      ...slot,
      index: slot.slot,
      randomness: slot.randomness ?? NO_RANDOMNESS,
    };
    this.#tickets = new TicketDrawer(
      slotSeed(context.seed, { index, root, randomness }),
      context.rules.format,
    );
    this.#settlement = new Settlement(context.rules, context.ledger, remaining);
    const { ended } = this.#settlement;
    this.#restOutcomes = ended === undefined ? REST_OUTCOMES : [...REST_OUTCOMES, ended];
    this.#checkPublication();
    this.#checkRound();
  }

  #fault(message: string): void {
    this.#context.report(this.#line, message);
  }

  #checkPublication(): void {
    const { rules, chain } = this.#context;
    const { slot, entries, publishedAtMs, round } = this.#slot;
    const { closesAtMs } = slotAt(rules, slot);
    if (publishedAtMs < closesAtMs) {
      this.#fault(
        expected('publishedAtMs', `at least ${closesAtMs}, the end of the grace time`, publishedAtMs),
      );
    }
    const due = entries === 0 ? null : roundOfSlot(rules, chain, publishedAtMs);
    if (round !== due) this.#fault(expected('round', due, round));
  }

  #checkRound(): void {
    const { chain, genuineRounds, faultOfRound } = this.#context;
    const { round, randomness, signature } = this.#slot;
    if (round === null || randomness === null || signature === null) return;
    const key = `${round} ${randomness} ${signature}`;
    if (genuineRounds.has(key)) return;
    const fault = faultOfRound(chain, { round, randomness, signature });
    if (fault === undefined) genuineRounds.add(key);
    else this.#fault(`${fault}: expected that of round ${round} of ${chain.name}, got another`);
  }

  entry(given: EntryLine, line: number): void {
    const { rules, report } = this.#context;
    this.#entries += 1;
    this.#tree.add(given.text);
    const judged = judgeAgain(given, line, { rules, tickets: this.#tickets, report });
    if (judged === undefined) return;
    if (!this.#restOutcomes.includes(given.outcome)) {
      this.#claims.push(judged);
      return;
    }
    const known = this.#smallest.get(given.outcome);
    if (known === undefined || byTicket(judged, known) < 0) this.#smallest.set(given.outcome, judged);
  }

  /** Call it after the slot's last entry. Returns what is left for the following slots. */
  end(): RemainingPrizes {
    const { entries, root } = this.#slot;
    if (this.#entries !== entries) this.#fault(expected('entries', this.#entries, entries));
    const computed = this.#tree.root();
    if (computed !== root) this.#fault(expected('root', `${computed}, the root of the entries below`, root));
    this.#checkOutcomes();
    return this.#settlement.remaining;
  }

  #checkOutcomes(): void {
    const { report } = this.#context;
    const settlement = this.#settlement;
    let lastOffered: Judged | undefined;
    for (const claim of this.#claims.sort(byTicket)) {
      if (settlement.ended === undefined) lastOffered = claim;
      const outcome = settlement.offer(claim.claim);
      if (outcome !== claim.given.outcome) {
        report(claim.line, expected('outcome', outcome, claim.given.outcome));
      }
    }
    for (const loser of this.#smallest.values()) {
      const { outcome } = loser.given;
      if (settlement.ended === undefined || (lastOffered && byTicket(loser, lastOffered) < 0)) {
        report(loser.line, expected('outcome', 'a prize offered, as its ticket is small enough', outcome));
      } else if (outcome !== settlement.ended) {
        report(loser.line, expected('outcome', settlement.ended, outcome));
      }
    }
  }
}
