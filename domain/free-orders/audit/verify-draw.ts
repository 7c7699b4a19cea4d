/** Checks a whole export, line by line, from nothing but its lines and what was published. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type FaultOfRound, faultOfRound } from '../draw/beacon.ts';
import { CHAINS } from '../draw/chains.ts';
import type { PublicFacts, SlotStatement } from '../draw/facts.ts';
import { allPrizes, type RemainingPrizes, WinLedger } from '../draw/ledger.ts';
import { FingerprintSet } from '../entries/fingerprint-set.ts';
import { byOrderId, type DrawEntry, ENTRY_FORMAT, type EntryFormat, entryName } from '../rules/entry.ts';
import { type Rules, rulesOf, slotIndexOf, slotsOf } from '../rules/rules.ts';
import {
  type CloseLine,
  type EntryLine,
  type ExportLine,
  FIRST_CHECK,
  type HeaderLine,
  readBody,
  type SlotLine,
  unseal,
} from './export-format.ts';
import { type ExportCounts, ExportTally } from './export-tally.ts';
import type { Published } from './published.ts';
import { expected, type ReportFault } from './verify-entry.ts';
import { checkHeader } from './verify-header.ts';
import { InstantVerifier } from './verify-instant.ts';
import { type SlotContext, SlotVerifier } from './verify-slot.ts';

/** `line` counts from 1. */
export type Finding = { line: number; message: string };

/** Further findings are counted but not kept: a file that is wrong throughout must not fill the memory. */
const MAX_FINDINGS = 20;

/**
 * At most this many findings of one field are kept: a changed root makes every ticket of its slot wrong, and these must not
 * hide the cause.
 */
export const MAX_FINDINGS_OF_A_FIELD = 5;

export type Verdict = {
  ok: boolean;
  /** In the order in which they were made, so that a cause comes before what follows from it. */
  findings: readonly Finding[];
  /** Includes those that were not kept. */
  findingCount: number;
  facts: PublicFacts | undefined;
  lines: number;
  counts: ExportCounts;
  slots: number;
  /** Distinct beacon rounds that are genuine. */
  rounds: number;
  /** SHA-256 of everything before the close line. */
  root: string | undefined;
};

/** Which part of the export the next line belongs to. */
type Section =
  | { at: 'start' }
  | { at: 'instant'; verifier: InstantVerifier }
  | {
      at: 'slots';
      context: SlotContext;
      remaining: RemainingPrizes;
      slot: SlotVerifier | undefined;
      next: number;
    }
  | { at: 'late'; rules: Rules }
  | { at: 'end' }
  /** The header is unusable, so nothing after it can be checked. */
  | { at: 'lost' };

export class DrawVerifier {
  readonly #published: Published;
  readonly #findings: Finding[] = [];
  readonly #findingsOf = new Map<string, number>();
  #findingCount = 0;
  #lines = 0;
  #check = FIRST_CHECK;
  readonly #digest = createHash('sha256');
  #section: Section = { at: 'start' };
  #facts: PublicFacts | undefined;
  #format: EntryFormat = ENTRY_FORMAT;
  #lastEntry: DrawEntry | undefined;
  readonly #names = new FingerprintSet();
  readonly #tally = new ExportTally();
  #slots = 0;
  readonly #rounds: Pick<SlotContext, 'genuineRounds' | 'faultOfRound'>;
  #root: string | undefined;

  /** With nothing published, the export is only checked against itself. `faultOf` may remember rounds of other exports. */
  constructor(published: Published = {}, faultOf: FaultOfRound = faultOfRound) {
    this.#published = published;
    this.#rounds = { genuineRounds: new Set(), faultOfRound: faultOf };
  }

  readonly #report: ReportFault = (line, message) => {
    const field = message.split(':', 1)[0]!;
    const known = this.#findingsOf.get(field) ?? 0;
    this.#findingsOf.set(field, known + 1);
    this.#findingCount += 1;
    if (known < MAX_FINDINGS_OF_A_FIELD && this.#findings.length < MAX_FINDINGS) {
      this.#findings.push({ line, message });
    }
  };

  readonly #fault = (message: string): void => this.#report(this.#lines, message);

  /** Checks the next line, given without its newline. */
  line(text: string): void {
    this.#lines += 1;
    if (this.#section.at === 'lost') return;
    if (this.#section.at === 'end') {
      this.#fault('expected nothing after the close line, got another line');
      return;
    }
    const line = this.#read(text);
    if (line?.kind === 'close') {
      this.#close(line);
      return;
    }
    this.#digest.update(`${text}\n`);
    if (line === undefined) this.#fault('expected a line of the export format, got something else');
    else this.#take(line);
    if (this.#section.at === 'start') this.#section = { at: 'lost' };
  }

  #read(text: string): ExportLine | undefined {
    const sealed = unseal(this.#check, text);
    if (sealed === undefined) return undefined;
    if (sealed.claimed !== sealed.expected) {
      const cause = 'this line was changed, or one before it removed, added or moved';
      this.#fault(`${expected('check', sealed.expected, sealed.claimed)}: ${cause}`);
    }
    // The next line is checked against this line's claim, so that one change is reported once.
    this.#check = sealed.claimed;
    return readBody(sealed.body, this.#format);
  }

  #take(line: Exclude<ExportLine, CloseLine>): void {
    const section = this.#section;
    switch (line.kind) {
      case 'draw':
        if (section.at === 'start') this.#section = this.#begin(line);
        else this.#fault('expected one header line, got a second');
        break;
      case 'slot':
        if (section.at === 'slots') this.#slot(section, line);
        else this.#fault('expected no slot line here, got one');
        break;
      case 'link':
        if (section.at === 'instant') section.verifier.link([line.alias, line.member]);
        else if (section.at === 'slots') section.context.ledger.link([line.alias, line.member]);
        else this.#fault('expected no link line here, got one');
        break;
      case 'late':
        if (section.at === 'slots') this.#late(section);
        else this.#fault('expected no late line here, got one');
        break;
      case 'entry':
        this.#entry(line);
        break;
      default:
        line satisfies never;
    }
  }

  #begin(line: HeaderLine): Section {
    const header = checkHeader(line, this.#published, this.#fault);
    if (header === undefined) return { at: 'lost' };
    const { facts, seed } = header;
    this.#format = line.version;
    const rules: Rules = rulesOf(facts, line.version);
    this.#facts = facts;
    switch (rules.mode) {
      case 'instant':
        return { at: 'instant', verifier: new InstantVerifier(rules, seed, this.#report) };
      case 'slot': {
        const chain = CHAINS[rules.definition.beacon.chain];
        const shared = { ledger: new WinLedger(), ...this.#rounds, report: this.#report };
        const context = { rules, chain, seed, ...shared };
        return { at: 'slots', context, remaining: allPrizes(rules), slot: undefined, next: 0 };
      }
      default:
        return rules satisfies never;
    }
  }

  #slot(section: Extract<Section, { at: 'slots' }>, line: SlotLine): void {
    this.#endSlot(section);
    if (line.slot !== section.next || line.slot >= slotsOf(section.context.rules)) {
      this.#fault(expected('slot', section.next, line.slot));
    }
    this.#checkStatement(line);
    section.next = line.slot + 1;
    section.slot = new SlotVerifier(section.context, section.remaining, line, this.#lines);
    this.#slots += 1;
  }

  #checkStatement({ slot, entries, root, publishedAtMs, round }: SlotLine): void {
    if (this.#published.slots === undefined) return;
    const statement: SlotStatement = { slot, entries, root, publishedAtMs, round };
    const published = this.#published.slots.get(slot);
    if (published === undefined) this.#fault(`slot ${slot}: expected a published statement, got none`);
    else if (!isDeepStrictEqual(published, statement)) {
      const [wanted, given] = [published, statement].map((one) => JSON.stringify(one));
      this.#fault(expected(`slot ${slot}`, `${wanted}, as published`, given));
    }
  }

  #endSlot(section: Extract<Section, { at: 'slots' }>): void {
    section.remaining = section.slot?.end() ?? section.remaining;
    section.slot = undefined;
    this.#lastEntry = undefined;
  }

  #late(section: Extract<Section, { at: 'slots' }>): void {
    this.#endSlot(section);
    const { rules } = section.context;
    if (section.next !== slotsOf(rules)) this.#fault(expected('slots', slotsOf(rules), section.next));
    this.#section = { at: 'late', rules };
  }

  #entry(line: EntryLine): void {
    const section = this.#section;
    this.#tally.add(line);
    this.#checkPlace(line.entry);
    switch (section.at) {
      case 'instant':
        section.verifier.entry(line, this.#lines);
        break;
      case 'slots': {
        const slot = slotIndexOf(section.context.rules, line.entry.timeMs);
        if (slot !== section.next - 1) this.#fault(expected('slot of timeMs', section.next - 1, slot));
        section.slot?.entry(line, this.#lines);
        break;
      }
      case 'late':
        this.#lateEntry(section.rules, line);
        break;
      case 'start':
      case 'end':
      case 'lost':
        this.#fault('expected a header line, got an entry');
        break;
      default:
        section satisfies never;
    }
  }

  /**
   * The entries of a slot are sorted, as are those of an instant draw and the late ones, so an order that is repeated within one
   * of these lists stands in the wrong place. `#names` finds the repetitions between lists.
   */
  #checkPlace(entry: DrawEntry): void {
    const shown = JSON.stringify(entry.orderId);
    const last = this.#lastEntry;
    const isAfter =
      last === undefined || (this.#format === 1 ? last.orderId < entry.orderId : byOrderId(last, entry) < 0);
    if (!isAfter) {
      this.#fault(expected('orderId', `one after ${JSON.stringify(last.orderId)}`, shown));
    } else if (this.#section.at !== 'instant' && !this.#names.add(entryName(entry, this.#format))) {
      this.#fault(expected('orderId', 'one entry for each order', `${shown} a second time`));
    }
    this.#lastEntry = entry;
  }

  #lateEntry(
    { startsAtMs, endsAtMs }: Rules,
    { entry, ticket, outcome, awardFen, revoked, paidOutFen }: EntryLine,
  ): void {
    const isWithin = startsAtMs <= entry.timeMs && entry.timeMs < endsAtMs;
    const reason = isWithin ? 'slot-closed' : 'outside-campaign';
    if (outcome !== reason) this.#fault(expected('outcome', reason, outcome));
    if (ticket !== null) this.#fault(expected('ticket', 'none for this order', ticket));
    if (awardFen !== 0) this.#fault(expected('awardFen', 0, awardFen));
    if (revoked) this.#fault(expected('revoked', false, revoked));
    if (paidOutFen !== 0) this.#fault(expected('paidOutFen', 0, paidOutFen));
  }

  #close(line: CloseLine): void {
    const section = this.#section;
    if (section.at === 'slots') {
      this.#late(section);
      this.#fault('expected a late line before the close line, got none');
    }
    if (section.at === 'instant') section.verifier.end();
    const root = this.#digest.digest('hex');
    const counted = { kind: 'close', ...this.#tally.counts, root };
    for (const [field, count] of Object.entries(counted)) {
      if (field === 'paidOutFen' && this.#format === 1) continue;
      const given = line[field as keyof CloseLine];
      if (isDeepStrictEqual(given, count)) continue;
      this.#fault(expected(field, JSON.stringify(count), JSON.stringify(given)));
    }
    if (this.#published.root !== undefined && this.#published.root !== root) {
      this.#fault(expected('root', `${this.#published.root}, as published`, root));
    }
    this.#root = root;
    this.#section = { at: 'end' };
  }

  /** The verdict. Call it after the last line. */
  finish(): Verdict {
    if (this.#section.at !== 'end' && this.#section.at !== 'lost') {
      this.#report(this.#lines + 1, 'expected a close line, got the end of the file');
    }
    return {
      ok: this.#findingCount === 0,
      findings: this.#findings,
      findingCount: this.#findingCount,
      facts: this.#facts,
      lines: this.#lines,
      counts: this.#tally.counts,
      slots: this.#slots,
      rounds: this.#rounds.genuineRounds.size,
      root: this.#root,
    };
  }
}
