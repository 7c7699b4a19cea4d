/** The two kinds of draw: of one order on its own (instant), or of a closed slot as a whole. */
import { eligibility } from '../rules/eligibility.ts';
import { type DrawEntry, entryName } from '../rules/entry.ts';
import type { DrawOutcome, DrawReason, IneligibleReason } from '../rules/reasons.ts';
import { awardFen, dayOf, type InstantRules, type SlotRules } from '../rules/rules.ts';
import { type RemainingPrizes, WinLedger } from './ledger.ts';
import { Ranking } from './ranking.ts';
import { Settlement } from './settlement.ts';
import { type Ticket, type TicketDrawer, winningBelow } from './ticket.ts';

/** How one entry ended. An ineligible entry has no ticket; `awardFen` is 0 without a win. */
export type Drawn = { entry: DrawEntry; ticket: Ticket | undefined; outcome: DrawOutcome; awardFen: number };

/**
 * The instant draw of one order. `claim` means that its ticket won; quota, budget and the member's limits are checked when
 * the win is granted. Up to that point the result is a pure function of the entry.
 */
export type InstantDraw =
  | { status: 'ineligible'; reason: IneligibleReason }
  | { status: 'lost'; ticket: Ticket; reason: 'not-drawn' }
  | { status: 'claim'; ticket: Ticket; day: number; awardFen: number };

export const drawInstant = (entry: DrawEntry, rules: InstantRules, tickets: TicketDrawer): InstantDraw => {
  const judged = eligibility({ ...entry, late: false }, entry, rules);
  if (!judged.eligible) return { status: 'ineligible', reason: judged.reason };
  const ticket = tickets.draw(entry);
  if (ticket >= winningBelow(rules.definition.odds)) return { status: 'lost', ticket, reason: 'not-drawn' };
  const day = dayOf(rules, entry.timeMs);
  return { status: 'claim', ticket, day, awardFen: awardFen(rules, entry) };
};

/** What a slot's draw takes from the earlier slots: all their wins, and what they left of the campaign's quota and budget. */
export type DrawnBefore = { ledger: WinLedger; remaining: RemainingPrizes };

export type SlotDraw = {
  /** One for each entry, in the order of the entries. */
  drawn: Drawn[];
  /** What is left of the quota and the budget for the following slots. */
  remaining: RemainingPrizes;
  /** The members whose earlier wins mattered. The draw is valid if the ledger was complete for these. */
  asked: ReadonlySet<string>;
  /** The outcome of the entries that were not offered a prize; undefined if every eligible entry was offered one. */
  ended: DrawReason | undefined;
};

/**
 * Draws a closed slot: the smallest tickets among its eligible entries win, as many as there are prizes, or all if
 * there are fewer than that. Slots are drawn in the order of their index, each after all earlier ones, so the result is
 * a pure function of the closed set and of the earlier slots' wins.
 *
 * Entries are offered a prize from the smallest ticket up. A member who has won as often as allowed, in earlier slots
 * or in this one, is passed over, and so is an award that the rest of the budget does not cover: the next smallest
 * ticket gets the prize. The draw ends when the slot's prizes, the quota or the budget are used up. Prizes that a slot
 * does not give away are not added to another slot.
 *
 * @param entries the closed set of distinct orders, or the part of it with the smallest tickets
 * @param tickets draws under the slot's seed
 * @param before not changed
 */
export const drawSlot = (
  entries: readonly DrawEntry[],
  rules: SlotRules,
  tickets: TicketDrawer,
  before: DrawnBefore,
): SlotDraw => {
  const drawn = entries.map((entry): Drawn => {
    const judged = eligibility({ ...entry, late: false }, entry, rules);
    return judged.eligible
      ? { entry, ticket: tickets.draw(entry), outcome: 'not-drawn', awardFen: 0 }
      : { entry, ticket: undefined, outcome: judged.reason, awardFen: 0 };
  });
  const candidates = drawn.filter(({ ticket }) => ticket !== undefined);
  const ranking = new Ranking(
    BigUint64Array.from(candidates, ({ ticket }) => ticket!),
    candidates.map(({ entry }) => entryName(entry, rules.format)),
  );
  const settlement = new Settlement(rules, new WinLedger(before.ledger), before.remaining);
  const asked = new Set<string>();
  while (settlement.ended === undefined) {
    const next = ranking.next();
    if (next === undefined) break;
    const candidate = candidates[next]!;
    const { member, timeMs } = candidate.entry;
    const claim = { member, day: dayOf(rules, timeMs), awardFen: awardFen(rules, candidate.entry) };
    asked.add(member);
    candidate.outcome = settlement.offer(claim);
    if (candidate.outcome === 'won') candidate.awardFen = claim.awardFen;
  }
  const end = settlement.ended;
  if (end !== undefined) for (const index of ranking.rest()) candidates[index]!.outcome = end;
  return { drawn, remaining: settlement.remaining, asked, ended: end };
};
