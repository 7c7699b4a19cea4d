/**
 * Selects, out of any number of a slot's entries, those that may be offered a prize. The memory that this
 * takes grows with the number of prizes, not with the number of entries.
 */
import { compareText } from '#platform/collections.ts';
import type { ExportRecord } from '../entries/export-record.ts';
import type { SlotRules } from '../rules/rules.ts';

/**
 * More candidates than prizes are kept at first, because some of their members may have reached a limit of
 * wins.
 */
const CANDIDATES_PER_PRIZE = 4;
export const CANDIDATES_MIN = 32_768;
const GROWTH = 4;

/** The number of candidates that a slot is drawn with at first: `least` or more. */
export const candidatesFor = ({ definition }: SlotRules, least: number = CANDIDATES_MIN): number =>
  Math.max(least, CANDIDATES_PER_PRIZE * definition.prizes);

/** The number of candidates that a slot is drawn with again if `count` were too few for its prizes. */
export const moreThan = (count: number): number => count * GROWTH;

/** In the order in which prizes are offered. */
const byTicket = (a: ExportRecord, b: ExportRecord): number =>
  compareText(a.ticket!, b.ticket!) ||
  compareText(a.entry.member, b.entry.member) ||
  compareText(a.entry.orderId, b.entry.orderId);

type Selected = { records: ExportRecord[]; isAll: boolean };

/** Keeps, of the eligible records added, the `count` with the smallest tickets. Up to twice as many are in memory at a time. */
export class SmallestTickets {
  readonly #count: number;
  /** Told of every record that is not kept. */
  readonly #onOther: (record: ExportRecord) => void;
  #records: ExportRecord[];
  #isAll: boolean;
  /** The record with the largest ticket that the last cut kept. Records after it are not kept. */
  #last: ExportRecord | undefined;

  constructor(
    count: number,
    onOther: (record: ExportRecord) => void = () => {},
    { records, isAll }: Selected = { records: [], isAll: true },
  ) {
    this.#count = count;
    this.#onOther = onOther;
    this.#records = [...records];
    this.#isAll = isAll;
    if (!isAll) this.#last = this.#records.at(-1);
  }

  add(record: ExportRecord): void {
    if (this.#last !== undefined && byTicket(record, this.#last) > 0) {
      this.#onOther(record);
      return;
    }
    this.#records.push(record);
    if (this.#records.length >= 2 * this.#count) this.#cut();
  }

  #cut(): void {
    this.#records.sort(byTicket);
    if (this.#records.length <= this.#count) return;
    for (const record of this.#records.splice(this.#count)) this.#onOther(record);
    this.#isAll = false;
    this.#last = this.#records.at(-1);
  }

  /** The kept records, from the smallest ticket up, and whether they are all that were added. */
  state(): Selected {
    this.#cut();
    return { records: [...this.#records], isAll: this.#isAll };
  }
}
