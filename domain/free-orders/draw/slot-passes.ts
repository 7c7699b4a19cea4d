/** What one pass over a slot's entries collects: their root, which closes the slot; for the draw, also those that may win. */
import type { ExportRecord } from '../entries/export-record.ts';
import { sortRecords } from '../entries/sorted-runs.ts';
import { eligibility } from '../rules/eligibility.ts';
import { entryText } from '../rules/entry.ts';
import type { DrawOutcome, DrawReason, IneligibleReason } from '../rules/reasons.ts';
import type { SlotRules } from '../rules/rules.ts';
import type { Drawn } from './draw.ts';
import { MerkleRoot, type Subtree } from './merkle.ts';
import { OutcomeTally, type TallyState } from './slot-metrics.ts';
import type { Pass } from './slot-pass.ts';
import { SmallestTickets } from './smallest-tickets.ts';
import { type TicketDrawer, ticketText } from './ticket.ts';

type RootState = { entries: number; tree: Subtree[] };

/** Counts the entries and computes their root. */
export class RootPass implements Pass<RootState> {
  readonly name = 'ROOT';
  readonly #rules: SlotRules;
  #entries = 0;
  #tree = new MerkleRoot();

  constructor(rules: SlotRules) {
    this.#rules = rules;
  }

  add({ entry }: ExportRecord): void {
    this.#entries += 1;
    this.#tree.add(entryText(entry, this.#rules.format));
  }

  get entries(): number {
    return this.#entries;
  }

  root(): string {
    return this.#tree.root();
  }

  state(): RootState {
    return { entries: this.#entries, tree: this.#tree.state() };
  }

  restore({ entries, tree }: RootState): void {
    this.#entries = entries;
    this.#tree = new MerkleRoot(tree);
  }
}

type DrawState = RootState & {
  refused: [IneligibleReason, number][];
  others: TallyState;
  candidates: ReturnType<SmallestTickets['state']>;
};

/** Draws a ticket for each eligible entry, and keeps the `count` smallest ones as candidates; of the others it keeps a tally. */
export class DrawPass implements Pass<DrawState> {
  readonly name: string;
  readonly #rules: SlotRules;
  readonly #tickets: TicketDrawer;
  readonly #count: number;
  readonly #root: RootPass;
  #refused = new Map<IneligibleReason, number>();
  #others = new OutcomeTally();
  #smallest: SmallestTickets;

  constructor(rules: SlotRules, tickets: TicketDrawer, count: number) {
    this.name = `DRAW-${count}`;
    this.#rules = rules;
    this.#tickets = tickets;
    this.#count = count;
    this.#root = new RootPass(rules);
    this.#smallest = this.#select();
  }

  #select(state?: DrawState['candidates']): SmallestTickets {
    return new SmallestTickets(this.#count, ({ memberId }) => this.#others.add(memberId), state);
  }

  add(record: ExportRecord): void {
    this.#root.add(record);
    const { entry } = record;
    const judged = eligibility({ ...entry, late: false }, entry, this.#rules);
    if (judged.eligible) this.#smallest.add({ ...record, ticket: ticketText(this.#tickets.draw(entry)) });
    else this.#refused.set(judged.reason, (this.#refused.get(judged.reason) ?? 0) + 1);
  }

  root(): string {
    return this.#root.root();
  }

  /** The candidates in the order of the slot's entries, and whether they are all the eligible entries. */
  candidates(): { records: ExportRecord[]; isAll: boolean } {
    const { records, isAll } = this.#smallest.state();
    return { records: sortRecords(records), isAll };
  }

  /** Tallies of all entries by outcome. Eligible entries that are not candidates get `ended`, the reason why the draw ended. */
  tallies(
    drawn: readonly (Pick<Drawn, 'outcome' | 'awardFen'> & { memberId: string })[],
    ended: DrawReason | undefined,
  ): Map<DrawOutcome, OutcomeTally> {
    const tallies = new Map<DrawOutcome, OutcomeTally>();
    const tallyOf = (outcome: DrawOutcome): OutcomeTally =>
      tallies.get(outcome) ?? tallies.set(outcome, new OutcomeTally()).get(outcome)!;
    for (const { outcome, awardFen, memberId } of drawn) tallyOf(outcome).add(memberId, awardFen);
    const others = this.#others.state();
    if (others.count > 0) tallyOf(ended!).merge(others);
    for (const [reason, count] of this.#refused)
      tallyOf(reason).merge({ count, amountFen: 0, contributions: [] });
    return tallies;
  }

  state(): DrawState {
    // Read first, because this may drop candidates, which are then counted in `#others`.
    const candidates = this.#smallest.state();
    return {
      ...this.#root.state(),
      refused: [...this.#refused],
      others: this.#others.state(),
      candidates,
    };
  }

  restore({ refused, others, candidates, ...root }: DrawState): void {
    this.#root.restore(root);
    this.#refused = new Map(refused);
    this.#others = new OutcomeTally();
    this.#others.merge(others);
    this.#smallest = this.#select(candidates);
  }
}
