import { doubtfulMark, provenMark } from './amount.ts';
import { currencyCode } from './currency.ts';
import { SIGN_PATTERN } from './currency-signs.ts';
import type { Columns, Role } from './mapping.ts';
import { plainDigits } from './plain-digits.ts';
import { verdictOf } from './statuses.ts';
import { cellValue, type Table, tableRows } from './table.ts';
import { provenOrder, TIME_OF_DAY } from './times.ts';
import { saysEnding, unreadEndings } from './unread-endings.ts';

/** What a whole file shows about how to read its values. */
export type Evidence = {
  rows: number;
  decimals: { point: number; comma: number; inDoubt: number };
  dates: { 'day-first': number; 'month-first': number; unproven: number };
  /** The number of rows by the value in the currency column, in capitals. */
  currencies: Map<string, number>;
  /** The number of amounts by the sign or code beside them. */
  signs: Map<string, number>;
  /** Whether orders have several rows, and whether the amount is the same on all rows of an order. */
  ordersRepeat: boolean;
  amountsRepeat: boolean;
  /** Rows without a member. */
  withoutMember: number;
  /** Orders of several rows, and those of them whose rows all have the same total (or amount). */
  severalRows: number;
  sameOnRows: number;
  /** Rows with a word in these columns, and those whose word is known. */
  words: Record<'status' | 'kind', { rows: number; known: number }>;
  /** Rows with a brand, and those whose brand has several lines. */
  brands: { rows: number; ofSeveralLines: number };
  /** Rows with something in the column of channels, and those where it is one of the pipeline's channels. */
  channels: { rows: number; known: number };
  /** Rows with something in the column of times of day, and those where that is a time of day. */
  clocks: { rows: number; known: number };
  /** By column that is not read: the number of rows in which it seems to say that less was paid in the end. */
  unread: Map<string, number>;
  /** Rows on which two amounts differ that would be equal in a file with one currency. */
  differing: number;
};

const MONEY: readonly Role[] = ['amount', 'price', 'total', 'discount', 'refund'];
/** Texts that name no member: databases of shops write 0 for a guest. */
const GUEST = /^0?$/;
const isChannel = (text: string): boolean => /^(?:far|near)$/i.test(text);

/** A currency's sign or code before or behind an amount. */
const SIGN = new RegExp(
  String.raw`^[(\s+-]*(${SIGN_PATTERN})\s*[-+.\d(]|\d[.,\-–—]*\s*(${SIGN_PATTERN})[)\s-]*$`,
  'u',
);

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** The index of each role's column. A role without a column has no entry. */
export const indexesOf = (columns: Columns, headers: readonly string[]): Partial<Record<Role, number>> =>
  Object.fromEntries(
    Object.entries(columns)
      .map(([role, column]) => [role, headers.indexOf(column)] as const)
      .filter(([, index]) => index !== -1),
  );

/**
 * The order to which a row belongs: its own, or the one that a refund's row names as its parent. Databases
 * write 0 for no parent.
 */
export const orderIn = (at: (role: Role) => string): string => {
  const parent = at('parent');
  return parent === '' || parent === '0' ? at('order') : parent;
};

const nothingFound = (): Evidence => ({
  rows: 0,
  decimals: { point: 0, comma: 0, inDoubt: 0 },
  dates: { 'day-first': 0, 'month-first': 0, unproven: 0 },
  currencies: new Map(),
  signs: new Map(),
  ordersRepeat: false,
  amountsRepeat: true,
  withoutMember: 0,
  severalRows: 0,
  sameOnRows: 0,
  words: { status: { rows: 0, known: 0 }, kind: { rows: 0, known: 0 } },
  brands: { rows: 0, ofSeveralLines: 0 },
  clocks: { rows: 0, known: 0 },
  channels: { rows: 0, known: 0 },
  unread: new Map(),
  differing: 0,
});

/**
 * Reads all of a table once and keeps what proves how it is written.
 *
 * @param sameIn two columns whose amounts are equal in a file with one currency, if there are such columns
 */
export const gatherEvidence = async (
  table: Table,
  columns: Columns,
  sameIn: readonly [string, string] | undefined = undefined,
): Promise<Evidence> => {
  const indexes = indexesOf(columns, table.headers);
  const evidence = nothingFound();
  const rowsOf = new Map<string, { worth: string; rows: number; isSame: boolean }>();
  const pair = sameIn?.map((column) => table.headers.indexOf(column));
  const at = (fields: readonly string[], role: Role): string => {
    const index = indexes[role];
    return index === undefined ? '' : cellValue(fields[index]);
  };
  // In a table whose values are separated by semicolons, decimals may follow a comma.
  const doubted = new Set<string | undefined>(
    table.dialect.delimiter === ';' ? ['point', 'comma'] : ['point'],
  );
  const unread = unreadEndings(table.headers, columns).map(
    (column) => [column, table.headers.indexOf(column)] as const,
  );
  const lookAtWords = (fields: readonly string[]): void => {
    for (const role of ['status', 'kind'] as const) {
      const word = at(fields, role);
      if (word === '') continue;
      evidence.words[role].rows += 1;
      if (verdictOf(word, role, {}) !== undefined) evidence.words[role].known += 1;
    }
    for (const [column, index] of unread)
      if (saysEnding(column, cellValue(fields[index]))) count(evidence.unread, column);
    const clock = at(fields, 'clock');
    if (clock !== '') evidence.clocks.rows += 1;
    if (TIME_OF_DAY.test(clock)) evidence.clocks.known += 1;
    const channel = at(fields, 'channel');
    if (channel !== '') evidence.channels.rows += 1;
    if (isChannel(channel)) evidence.channels.known += 1;
    const brand = at(fields, 'brand');
    if (brand !== '') evidence.brands.rows += 1;
    if (/\n/.test(brand)) evidence.brands.ofSeveralLines += 1;
    const [one = '', other = ''] = (pair ?? []).map((index) => cellValue(fields[index]));
    if (one !== '' && other !== '' && one !== other) evidence.differing += 1;
  };
  const look = (fields: readonly string[]): void => {
    if (fields.every((field) => field.trim() === '')) return;
    evidence.rows += 1;
    lookAtWords(fields);
    for (const role of MONEY) {
      const text = at(fields, role);
      const mark = provenMark(text);
      if (mark !== undefined) evidence.decimals[mark] += 1;
      else if (doubted.has(doubtfulMark(text))) evidence.decimals.inDoubt += 1;
      const sign = SIGN.exec(plainDigits(text).trim());
      if (sign !== null) count(evidence.signs, (sign[1] ?? sign[2])!);
    }
    for (const role of ['time', 'refund-time'] as const) {
      const order = provenOrder(at(fields, role));
      if (order !== undefined) evidence.dates[order] += 1;
    }
    const currency = at(fields, 'currency');
    if (currency !== '') count(evidence.currencies, currencyCode(currency));
    if (GUEST.test(at(fields, 'member'))) evidence.withoutMember += 1;
    const order = orderIn((role) => at(fields, role));
    if (order === '') return;
    const worth = at(fields, 'total') || at(fields, 'amount');
    const known = rowsOf.get(order);
    if (known === undefined) rowsOf.set(order, { worth, rows: 1, isSame: true });
    else {
      known.rows += 1;
      if (worth !== '' && worth !== known.worth) known.isSame = false;
    }
  };
  for await (const rows of tableRows(table)) {
    for (const { found } of rows) if (found.kind === 'fields') look(found.fields);
  }
  for (const { rows, isSame } of rowsOf.values()) {
    if (rows === 1) continue;
    evidence.severalRows += 1;
    if (isSame) evidence.sameOnRows += 1;
  }
  evidence.ordersRepeat = evidence.severalRows > 0;
  evidence.amountsRepeat = evidence.sameOnRows === evidence.severalRows;
  return evidence;
};
