/** Writes the export of a draw, line by line, in memory that does not grow with the entries. */
import { createHash } from 'node:crypto';
import type { Drawn } from '../draw/draw.ts';
import type { PublicFacts } from '../draw/facts.ts';
import { entryText } from '../rules/entry.ts';
import {
  closeBody,
  entryBody,
  FIRST_CHECK,
  headerBody,
  lateBody,
  type SlotLine,
  seal,
  slotBody,
  ticketField,
} from './export-format.ts';
import { ExportTally } from './export-tally.ts';

/**
 * Every method returns a line with its newline, to be written in this order: header; in instant mode the entries by
 * order id; in slot mode each slot, all of them from 0 on, followed by its closed set, then `late` and the orders that
 * came too late; close.
 */
export class ExportWriter {
  readonly #digest = createHash('sha256');
  #check = FIRST_CHECK;
  readonly #tally = new ExportTally();

  #line(body: string): string {
    const { text, check } = seal(this.#check, body);
    this.#check = check;
    const line = `${text}\n`;
    this.#digest.update(line);
    return line;
  }

  header(facts: PublicFacts, seed: Uint8Array): string {
    return this.#line(headerBody(facts, seed));
  }

  slot(line: Omit<SlotLine, 'kind'>): string {
    return this.#line(slotBody(line));
  }

  late(): string {
    return this.#line(lateBody());
  }

  /** `revoked`: a refund took the win back after the draw. */
  entry({ entry, ticket, outcome, awardFen }: Drawn, revoked = false): string {
    this.#tally.add({ outcome, awardFen, revoked });
    return this.#line(
      entryBody({ text: entryText(entry), ticket: ticketField(ticket), outcome, awardFen, revoked }),
    );
  }

  /** Ends the export. `root` is to be published with the seed, so that nobody can exchange the file afterwards. */
  close(): { line: string; root: string } {
    const root = this.#digest.copy().digest('hex');
    return { line: this.#line(closeBody({ ...this.#tally.counts, root })), root };
  }
}
