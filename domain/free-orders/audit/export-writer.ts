/** Writes the export of a draw, line by line, in memory that does not grow with the entries. */
import { Sha256, type Sha256State } from '#platform/sha256.ts';
import type { PublicFacts } from '../draw/facts.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import { type DrawEntry, ENTRY_FORMAT, type EntryFormat, entryText } from '../rules/entry.ts';
import {
  closeBody,
  entryBody,
  FIRST_CHECK,
  headerBody,
  lateBody,
  linkBody,
  type SlotLine,
  seal,
  slotBody,
} from './export-format.ts';
import { type ExportCounts, ExportTally, type LineEnd } from './export-tally.ts';

/** An entry's line: how it ended, and its ticket as the export shows it. `revoked` follows from the rest. */
export type EntryEnd = Omit<LineEnd, 'revoked'> & { entry: DrawEntry; ticket: string | null };

/** How far an export is. With it, another writer continues the export with the same bytes. */
export type WriterState = { check: string; digest: Sha256State; counts: ExportCounts };

/**
 * Every method but `state` makes one line, with its newline. The lines must be written in this order: header; in instant mode
 * links, then the entries by order id; in slot mode all slots from 0 on, each followed by its links and its closed set, then
 * `late` and the orders that came too late; close.
 */
export class ExportWriter {
  readonly #digest: Sha256;
  #check: string;
  readonly #tally: ExportTally;
  readonly #format: EntryFormat;

  /** `format` is that of the draw's entries, which is the version of the export. */
  constructor(format: EntryFormat = ENTRY_FORMAT, from?: WriterState) {
    this.#format = format;
    this.#digest = new Sha256(from?.digest);
    this.#check = from?.check ?? FIRST_CHECK;
    this.#tally = new ExportTally(from?.counts);
  }

  state(): WriterState {
    const { outcomes, ...counts } = this.#tally.counts;
    return {
      check: this.#check,
      digest: this.#digest.state(),
      counts: { ...counts, outcomes: { ...outcomes } },
    };
  }

  #line(body: string): string {
    const { text, check } = seal(this.#check, body);
    this.#check = check;
    const line = `${text}\n`;
    this.#digest.update(Buffer.from(line));
    return line;
  }

  header(facts: PublicFacts, seed: Uint8Array): string {
    return this.#line(headerBody(facts, seed, this.#format));
  }

  slot(line: Omit<SlotLine, 'kind'>): string {
    return this.#line(slotBody(line));
  }

  link(ids: LinkedIds): string {
    return this.#line(linkBody(ids));
  }

  late(): string {
    return this.#line(lateBody());
  }

  /** `paidOutFen` is the part of the award that is left after refunds, in fen; 0 if they took the win back. */
  entry({ entry, ticket, outcome, awardFen, paidOutFen }: EntryEnd): string {
    const ending = { outcome, awardFen, revoked: outcome === 'won' && paidOutFen === 0, paidOutFen };
    this.#tally.add(ending);
    const text = entryText(entry, this.#format);
    return this.#line(entryBody({ text, ticket, ...ending }, this.#format));
  }

  /** Ends the export. `root` is to be published, so that nobody can change the file unnoticed afterwards. */
  close(): { line: string; root: string } {
    const root = this.#digest.digest();
    return { line: this.#line(closeBody({ ...this.#tally.counts, root }, this.#format)), root };
  }
}
