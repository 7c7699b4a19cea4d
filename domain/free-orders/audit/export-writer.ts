/** Writes the export of a draw, line by line, in memory that does not grow with the entries. */
import { createHash } from 'node:crypto';
import type { Drawn } from '../draw/draw.ts';
import type { PublicFacts } from '../draw/facts.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import { ENTRY_FORMAT, type EntryFormat, entryText } from '../rules/entry.ts';
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
  ticketField,
} from './export-format.ts';
import { ExportTally } from './export-tally.ts';

/**
 * Every method returns a line with its newline. They must be written in this order: header; in instant mode links, then the
 * entries by order id; in slot mode each slot, all of them from 0 on, followed by its links and its closed set, then `late` and the orders that came too
 * late; close.
 */
export class ExportWriter {
  readonly #digest = createHash('sha256');
  #check = FIRST_CHECK;
  readonly #tally = new ExportTally();
  readonly #format: EntryFormat;

  /** `format` is that of the draw's entries, which is the version of the export. */
  constructor(format: EntryFormat = ENTRY_FORMAT) {
    this.#format = format;
  }

  #line(body: string): string {
    const { text, check } = seal(this.#check, body);
    this.#check = check;
    const line = `${text}\n`;
    this.#digest.update(line);
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
  entry({ entry, ticket, outcome, awardFen }: Drawn, paidOutFen = awardFen): string {
    const ending = { outcome, awardFen, revoked: outcome === 'won' && paidOutFen === 0, paidOutFen };
    this.#tally.add(ending);
    const text = entryText(entry, this.#format);
    return this.#line(entryBody({ text, ticket: ticketField(ticket), ...ending }, this.#format));
  }

  /** Ends the export. `root` is to be published with the seed, so that nobody can exchange the file afterwards. */
  close(): { line: string; root: string } {
    const root = this.#digest.copy().digest('hex');
    return { line: this.#line(closeBody({ ...this.#tally.counts, root }, this.#format)), root };
  }
}
