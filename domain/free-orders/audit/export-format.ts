/**
 * The export of a draw: NDJSON that a third party can hold and check without the tables.
 *
 *     draw    the public facts and the revealed seed
 *     slot    (slot mode) what was published about the slot, and the beacon's round; its entries follow, by order id
 *     link    two pseudonyms of one member, whose wins count together from here on. It stands before all entries of an instant
 *             draw, or after a slot's line
 *     entry   one order: what decided about it, its ticket, how it ended
 *     late    (slot mode) from here on: orders that came after their slot was closed, by order id
 *     close   the counts, and the root: SHA-256 of all bytes before this line
 *
 * Every line ends in a check of 64 bits over the check before it and the line's own text. The check is no protection, since
 * anyone can compute it: it shows where a file was changed. The root, compared to the published one, shows whether it was
 * changed.
 */
import { hash } from 'node:crypto';
import { brokenBound } from '#events/bounds.ts';
import { PSEUDONYM_CHARS } from '../draw/commitment.ts';
import type { PublicFacts, SlotStatement } from '../draw/facts.ts';
import type { LinkedIds } from '../draw/ledger.ts';
import { type DrawEntry, ENTRY_FORMAT, type EntryFormat, entryText } from '../rules/entry.ts';
import { DRAW_OUTCOMES, type DrawOutcome } from '../rules/reasons.ts';
import type { ExportCounts } from './export-tally.ts';

const CHECK_CHARS = 16;
/** Stands for the check before the first line. */
export const FIRST_CHECK = '0'.repeat(CHECK_CHARS);
const CHECK_OPENING = ',"check":"';
const CHECK_CLOSING = '"}';
const SUFFIX_CHARS = CHECK_OPENING.length + CHECK_CHARS + CHECK_CLOSING.length;

const checkOf = (previous: string, body: string): string =>
  hash('sha256', previous + body, 'hex').slice(0, CHECK_CHARS);

/** Adds the check to the text of a JSON object. `body` is the text without its closing brace. */
export const seal = (previous: string, body: string): { text: string; check: string } => {
  const check = checkOf(previous, body);
  return { text: body + CHECK_OPENING + check + CHECK_CLOSING, check };
};

/** Splits a line into its body and the check that it claims, with the check that it should have after `previous`. */
export const unseal = (
  previous: string,
  text: string,
): { body: string; claimed: string; expected: string } | undefined => {
  const body = text.slice(0, -SUFFIX_CHARS);
  const suffix = text.slice(-SUFFIX_CHARS);
  const claimed = suffix.slice(CHECK_OPENING.length, -CHECK_CLOSING.length);
  if (suffix !== CHECK_OPENING + claimed + CHECK_CLOSING || claimed.length !== CHECK_CHARS) return undefined;
  return { body, claimed, expected: checkOf(previous, body) };
};

/** An export's version is the format of its entries. */
export type HeaderLine = { kind: 'draw'; version: EntryFormat; facts: unknown; seed: string };

/** What was published about the slot, and what the beacon's round gave; for an empty slot, the round and its results are null. */
export type SlotLine = { kind: 'slot' } & SlotStatement & {
    randomness: string | null;
    signature: string | null;
  };

/** The wins of `alias` count for `member` too, and the other way round. */
export type LinkLine = { kind: 'link'; alias: string; member: string };

export type EntryLine = {
  kind: 'entry';
  entry: DrawEntry;
  /** The entry's text: its leaf in the slot's Merkle tree. */
  text: string;
  /** As 16 hexadecimal digits; null for an ineligible order, which draws none. */
  ticket: string | null;
  outcome: DrawOutcome;
  awardFen: number;
  /** Whether a refund took the win back after the draw. */
  revoked: boolean;
  /** The part of the award that is left after refunds; in version 1 all or nothing. */
  paidOutFen: number;
};

export type CloseLine = { kind: 'close' } & ExportCounts & { root: string };

export type ExportLine = HeaderLine | SlotLine | LinkLine | { kind: 'late' } | EntryLine | CloseLine;

const open = (line: object): string => JSON.stringify(line).slice(0, -1);

export const headerBody = (facts: PublicFacts, seed: Uint8Array, version: EntryFormat): string =>
  open({ kind: 'draw', version, facts, seed: Buffer.from(seed).toString('hex') });

export const slotBody = (line: Omit<SlotLine, 'kind'>): string =>
  open({
    kind: 'slot',
    slot: line.slot,
    entries: line.entries,
    root: line.root,
    publishedAtMs: line.publishedAtMs,
    round: line.round,
    randomness: line.randomness,
    signature: line.signature,
  });

export const linkBody = ([alias, member]: LinkedIds): string => open({ kind: 'link', alias, member });

export const lateBody = (): string => open({ kind: 'late' });

/** The line contains the entry's text unchanged, so that a leaf of the Merkle tree can be cut out of a file. */
export const entryBody = (line: Omit<EntryLine, 'kind' | 'entry'>, version: EntryFormat): string => {
  const ticket = line.ticket === null ? 'null' : `"${line.ticket}"`;
  const paidOut = version === 1 ? '' : `,"paidOutFen":${line.paidOutFen}`;
  return `{"kind":"entry","entry":${line.text},"ticket":${ticket},"outcome":"${line.outcome}","awardFen":${line.awardFen},"revoked":${line.revoked}${paidOut}`;
};

export const closeBody = (line: Omit<CloseLine, 'kind'>, version: EntryFormat): string =>
  open({
    kind: 'close',
    entries: line.entries,
    outcomes: Object.fromEntries(
      DRAW_OUTCOMES.flatMap((o) => (line.outcomes[o] ? [[o, line.outcomes[o]]] : [])),
    ),
    revoked: line.revoked,
    awardedFen: line.awardedFen,
    ...(version === 1 ? {} : { paidOutFen: line.paidOutFen }),
    root: line.root,
  });

const DIGEST = /^[0-9a-f]{64}$/;
const HEX = /^(?:[0-9a-f]{2})+$/;
const PSEUDONYM = new RegExp(`^[0-9a-f]{${PSEUDONYM_CHARS}}$`);
const OUTCOME_SET: ReadonlySet<unknown> = new Set(DRAW_OUTCOMES);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTextOrNull = (value: unknown) => value === null || isText(value);
const isDigest = (value: unknown) => typeof value === 'string' && DIGEST.test(value);
const isFlag = (value: unknown) => typeof value === 'boolean';

const isPseudonym = (value: unknown): value is string => typeof value === 'string' && PSEUDONYM.test(value);

const ENTRY_FIELDS = 10;

const readEntry = (value: unknown, version: EntryFormat): DrawEntry | undefined => {
  if (!Array.isArray(value) || value.length !== ENTRY_FIELDS) return undefined;
  const [orderId, member, timeMs, channel, storeId, paidFen, tier, firstOrder, blocked, givenBack] = value;
  const isEntry =
    isText(orderId) &&
    isPseudonym(member) &&
    isCount(timeMs) &&
    (channel === 'far' || channel === 'near') &&
    isTextOrNull(storeId) &&
    isCount(paidFen) &&
    isTextOrNull(tier) &&
    isFlag(firstOrder) &&
    isFlag(blocked) &&
    (version === 1 ? isFlag(givenBack) : isCount(givenBack));
  // In version 1 a refund of any amount counts as a refund of the whole order.
  const givenBackFen = givenBack === true ? paidFen : givenBack === false ? 0 : givenBack;
  return isEntry
    ? { orderId, member, timeMs, channel, storeId, paidFen, tier, firstOrder, blocked, givenBackFen }
    : undefined;
};

const readEntryLine = (value: Record<string, unknown>, version: EntryFormat): EntryLine | undefined => {
  const entry = readEntry(value.entry, version);
  const { ticket, outcome, awardFen, revoked } = value;
  const paidOutFen = version === 1 ? (revoked === true ? 0 : awardFen) : value.paidOutFen;
  if (
    entry === undefined ||
    !OUTCOME_SET.has(outcome) ||
    !isCount(awardFen) ||
    typeof revoked !== 'boolean' ||
    !isCount(paidOutFen)
  ) {
    return undefined;
  }
  if (ticket !== null && typeof ticket !== 'string') return undefined;
  return {
    kind: 'entry',
    entry,
    text: entryText(entry, version),
    ticket,
    outcome: outcome as DrawOutcome,
    awardFen,
    revoked,
    paidOutFen,
  };
};

const readSlotLine = (value: Record<string, unknown>): SlotLine | undefined => {
  const { slot, entries, root, publishedAtMs, round, randomness, signature } = value;
  const isSlot =
    isCount(slot) &&
    isCount(entries) &&
    isDigest(root) &&
    isCount(publishedAtMs) &&
    (round === null
      ? randomness === null && signature === null
      : isCount(round) && isDigest(randomness) && typeof signature === 'string' && HEX.test(signature));
  return isSlot ? ({ kind: 'slot', ...value } as SlotLine) : undefined;
};

const readLinkLine = ({ alias, member }: Record<string, unknown>): LinkLine | undefined =>
  isPseudonym(alias) && isPseudonym(member) && alias !== member ? { kind: 'link', alias, member } : undefined;

const readCloseLine = (value: Record<string, unknown>, version: EntryFormat): CloseLine | undefined => {
  const { entries, outcomes, revoked, awardedFen, root } = value;
  const paidOutFen = version === 1 ? 0 : value.paidOutFen;
  const isClose =
    isCount(entries) &&
    typeof outcomes === 'object' &&
    outcomes !== null &&
    Object.values(outcomes).every(isCount) &&
    isCount(revoked) &&
    isCount(awardedFen) &&
    isCount(paidOutFen) &&
    isDigest(root);
  return isClose ? ({ kind: 'close', ...value, paidOutFen } as CloseLine) : undefined;
};

/** Reads a header by its version: an export is kept for long, so every version that was ever written stays readable. */
const readHeader = ({ version, facts, seed }: Record<string, unknown>): HeaderLine | undefined => {
  if (typeof seed !== 'string' || !DIGEST.test(seed)) return undefined;
  switch (version) {
    case 1:
    case ENTRY_FORMAT:
      return { kind: 'draw', version, facts, seed };
    default:
      return undefined;
  }
};

const readKind = (value: Record<string, unknown>, version: EntryFormat): ExportLine | undefined => {
  switch (value.kind) {
    case 'draw':
      return readHeader(value);
    case 'slot':
      return readSlotLine(value);
    case 'link':
      return readLinkLine(value);
    case 'late':
      return { kind: 'late' };
    case 'entry':
      return readEntryLine(value, version);
    case 'close':
      return readCloseLine(value, version);
    default:
      return undefined;
  }
};

/** The only valid text for a line's content, so that no field can be added, repeated or hidden in a line. */
const bodyOf = (line: ExportLine, version: EntryFormat): string => {
  switch (line.kind) {
    case 'draw':
      return open(line);
    case 'slot':
      return slotBody(line);
    case 'link':
      return linkBody([line.alias, line.member]);
    case 'late':
      return lateBody();
    case 'entry':
      return entryBody(line, version);
    case 'close':
      return closeBody(line, version);
    default:
      return line satisfies never;
  }
};

/**
 * Strictly reads a line's body, its text without the check and the closing brace. Undefined if it is not a line of this version's
 * format.
 */
export const readBody = (body: string, version: EntryFormat = ENTRY_FORMAT): ExportLine | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(`${body}}`);
  } catch {
    return undefined;
  }
  // A value that is nested too deeply can be parsed but not written again.
  if (typeof value !== 'object' || value === null || brokenBound(value, Number.POSITIVE_INFINITY))
    return undefined;
  const line = readKind(value as Record<string, unknown>, version);
  return line !== undefined && bodyOf(line, version) === body ? line : undefined;
};
