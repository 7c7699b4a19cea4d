import { cutToColumns } from '#local/console/display-width.ts';
import { InputError } from '#local/console/input-error.ts';
import { currencyDigits } from '#platform/currency-digits.ts';
import { currenciesOf, isCurrency } from './currency.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { guessColumns, settleColumns, withoutForeignPlaces } from './guess-columns.ts';
import { currencyNamedIn, type HeaderUnit, isPaymentTime, unitOf } from './headers.ts';
import { type Columns, hasWorth, type Mapping } from './mapping.ts';
import type { Shape } from './shapes/shape.ts';
import { shapeColumns, shapeLeavesOut, shapeOf, shapePair } from './shapes.ts';
import type { Table } from './table.ts';

/** What the user says about a file. It overrides what the file shows. */
export type Given = Partial<Omit<Mapping, 'version' | 'shape' | 'encoding' | 'delimiter'>>;

/** A mapping, and a sentence for each choice in it that was inferred. */
export type Proposal = { mapping: Mapping; reasons: string[]; evidence: Evidence };

const DEFAULT_BRAND = 'shop';
const DEFAULT_CURRENCY = 'CNY';

/** At most this many headers are listed in a message, and at most this many characters of each. */
const LISTED_MAX = 60;
const LISTED_CHARACTERS_MAX = 40;

const listed = (headers: readonly string[]): string => {
  const first = headers.slice(0, LISTED_MAX).map((header) => cutToColumns(header, LISTED_CHARACTERS_MAX));
  const more = headers.length - first.length;
  return more === 0 ? first.join(', ') : `${first.join(', ')} and ${more} more`;
};

const checkColumns = (columns: Columns, { headers, name }: Table): void => {
  for (const column of Object.values(columns)) {
    const index = headers.indexOf(column);
    if (index === -1) {
      throw new InputError(
        `--columns: no column ${JSON.stringify(column)} in ${name}; it has ${listed(headers)}`,
      );
    }
    if (headers.lastIndexOf(column) !== index) {
      throw new InputError(`--columns: ${name} has more than one column ${JSON.stringify(column)}`);
    }
  }
};

/** Columns of the Olist tables that each hold only a part of an order. */
const OLIST_TABLES = [
  ['order_id', 'order_purchase_timestamp'],
  ['order_id', 'seller_id', 'freight_value'],
  ['order_id', 'payment_type', 'payment_value'],
  ['customer_id', 'customer_unique_id'],
];

const checkComplete = (columns: Columns, { headers, name }: Table): void => {
  const missing = (['order', 'time'] as const).filter((role) => columns[role] === undefined).map(String);
  if (!hasWorth(columns)) missing.push('amount (or total, or price and quantity)');
  if (missing.length === 0) return;
  if (OLIST_TABLES.some((names) => names.every((column) => headers.includes(column)))) {
    throw new InputError(
      `${name}: expected a whole order in a row, got one table of the data set Olist; npm run olist -- DIR joins them`,
    );
  }
  throw new InputError(
    `${name}: no column found for ${missing.join(', ')}; it has ${listed(headers)}; name them, such as ` +
      '--columns order=A,member=B,brand=C,amount=D,time=E',
  );
};

/**
 * Proposes how to read a table: by its known shape, else by the names of its columns, and then by what its values prove. Throws
 * an InputError if that leaves something open, for example if a column is missing or the amounts are in several currencies.
 */
export const propose = async (table: Table, given: Given): Promise<Proposal> => {
  const shape = given.columns === undefined ? shapeOf(table.headers) : undefined;
  const reasons: string[] = [];
  if (given.columns !== undefined) checkColumns(given.columns, table);
  const named =
    given.columns ?? (shape === undefined ? guessColumns(table.headers) : shapeColumns(shape, table.headers));
  if (shape !== undefined) reasons.push(`it is ${shape.title}`, ...shape.because);
  else if (given.columns === undefined) reasons.push('its columns are recognised by their names');
  if (given.columns === undefined) checkComplete(named, table);
  const pair = shape === undefined ? undefined : shapePair(shape, table.headers);
  const evidence = await gatherEvidence(table, named, pair);
  if (pair !== undefined && named.currency === undefined) checkOneCurrency(evidence, pair);
  const settled = settleColumns(named, evidence, reasons);
  const columns = given.columns === undefined ? withoutForeignPlaces(settled, evidence, reasons) : settled;
  const settings = shape?.settings ?? {};
  const unit = worthUnitOf(columns, given, reasons);
  const ofFile = settings.currency ?? unit.currency ?? currencyAbove(table, reasons);
  const currency = currencyOf(given, ofFile, evidence, reasons);
  if (shape === undefined && given.columns === undefined) checkEndings(evidence);
  const leaveOut = shape === undefined ? {} : shapeLeavesOut(shape, table.headers);
  const mapping: Mapping = {
    version: 1,
    ...(shape === undefined ? {} : { shape: shape.name }),
    encoding: table.encoding,
    delimiter: table.dialect.delimiter,
    columns,
    guests: guestsOf(shape, columns, evidence, reasons),
    unpaidWithoutTime: unpaidOf(given, columns, reasons),
    amountUnit: unit.isMinor === true ? 'minor' : 'major',
    decimals: decimalsOf(evidence, currency, reasons),
    rounding: 'refuse',
    negative: 'refuse',
    timeZone: 'UTC',
    rows: 'sum',
    ...settings,
    timeFormat: timeFormatOf(evidence, settings.timeFormat, reasons),
    currency,
    statuses: { ...settings.statuses },
    ...(Object.keys(leaveOut).length === 0 ? {} : { leaveOut }),
    ...withoutColumns(given),
  };
  if (columns.brand === undefined && mapping.brand === undefined) mapping.brand = DEFAULT_BRAND;
  if (columns.brand === undefined) {
    reasons.push(
      `no column names a brand: all is of ${JSON.stringify(mapping.brand)} (--brand names another)`,
    );
  }
  if (given.timeZone === undefined && mapping.timeZone === 'UTC')
    reasons.push('times without a zone are read as UTC (--time-zone names another zone)');
  if (evidence.ordersRepeat && mapping.rows === 'sum' && columns.total === undefined)
    reasons.push('the rows of one order and brand are added up (--rows each keeps them apart)');
  return { mapping, reasons, evidence };
};

const withoutColumns = ({ columns: _, statuses, ...rest }: Given): Given =>
  statuses === undefined ? rest : { ...rest, statuses };

/** Throws if a column that is not read seems to say that orders were cancelled or refunded. */
const checkEndings = ({ unread }: Evidence): void => {
  const [first] = unread;
  if (first === undefined) return;
  const [column, rows] = first;
  throw new InputError(
    `expected to know what ${JSON.stringify(column)} means, which has a value in ${rows} ${rows === 1 ? 'row' : 'rows'}; ` +
      'name the columns that count by --columns, this one as status=…, refund=… or discount=… if it is one of these',
  );
};

const checkOneCurrency = ({ differing }: Evidence, [one, other]: readonly [string, string]): void => {
  if (differing === 0) return;
  throw new InputError(
    `expected orders in one currency, got ${differing} ${differing === 1 ? 'row' : 'rows'} on which ${JSON.stringify(one)} and ` +
      `${JSON.stringify(other)} differ, and no column of currencies; --columns with total=${JSON.stringify(one)} reads the amounts in the currency of the shop`,
  );
};

/** The currency that the text above the header names. */
const currencyAbove = ({ preamble }: Table, reasons: string[]): string | undefined => {
  const currency = currencyNamedIn(preamble);
  if (currency !== undefined) reasons.push(`the text above the header names ${currency}`);
  return currency;
};

/** What the header of the amounts says about them: their currency, and whether they are in minor units. */
const worthUnitOf = ({ total, amount, price }: Columns, given: Given, reasons: string[]): HeaderUnit => {
  const header = total ?? amount ?? price ?? '';
  const unit = unitOf(header);
  if (unit.multiple !== undefined && given.amountUnit === undefined) {
    throw new InputError(
      `${JSON.stringify(header)}: expected amounts in units of a currency or in minor ones, got a column in ${unit.multiple}; ` +
        '--amount-unit major reads it as it is',
    );
  }
  if (unit.isMinor === true) reasons.push(`${JSON.stringify(header)} is in minor units`);
  if (unit.currency !== undefined) reasons.push(`${JSON.stringify(header)} names ${unit.currency}`);
  return unit;
};

const guestsOf = (
  shape: Shape | undefined,
  columns: Columns,
  { withoutMember }: Evidence,
  reasons: string[],
): boolean => {
  const isGuest = columns.member === undefined || (shape?.settings?.guests === true && withoutMember > 0);
  if (columns.member === undefined)
    reasons.push('no column names the member: each order counts as a member of its own');
  else if (isGuest)
    reasons.push(`orders without ${JSON.stringify(columns.member)} each count as a member of their own`);
  return isGuest;
};

const unpaidOf = (given: Given, { time }: Columns, reasons: string[]): boolean => {
  if (given.unpaidWithoutTime !== undefined) return given.unpaidWithoutTime;
  if (time === undefined || !isPaymentTime(time)) return false;
  reasons.push(`an order without ${JSON.stringify(time)} was never paid and does not count`);
  return true;
};

/** If a currency has this many decimals, an amount such as 1.250 is not doubtful. */
const DIGITS_WITHOUT_DOUBT = 3;

const decimalsOf = (
  { decimals: { point, comma, inDoubt } }: Evidence,
  currency: string,
  reasons: string[],
): Mapping['decimals'] => {
  if (point + comma === 0 && inDoubt > 0 && currencyDigits(currency) !== DIGITS_WITHOUT_DOUBT) {
    reasons.push(
      'no amount shows whether a point or comma stands before decimals or thousands: what fits both is refused',
    );
    return 'mixed';
  }
  if (comma === 0) return 'point';
  reasons.push(
    point === 0
      ? 'decimals come after a comma'
      : `${point} amounts have a point before their decimals and ${comma} a comma: what fits both is refused`,
  );
  return point === 0 ? 'comma' : 'mixed';
};

const timeFormatOf = (
  { dates }: Evidence,
  ofShape: Mapping['timeFormat'] | undefined,
  reasons: string[],
): Mapping['timeFormat'] => {
  const { 'day-first': day, 'month-first': month } = dates;
  if (day > 0 && month > 0) return 'auto';
  const proven = day > 0 ? 'day-first' : month > 0 ? 'month-first' : undefined;
  if (proven === undefined) return ofShape ?? 'auto';
  reasons.push(`dates are ${proven}: ${day + month} of them cannot be read the other way`);
  return proven;
};

const countsText = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([code, rows]) => `${code} (${rows} ${rows === 1 ? 'row' : 'rows'})`).join(', ');

/**
 * The one currency of a run: the one that the user gives, else the only one in its column, else the one of the shape or of the
 * text above the amounts (`ofShape`), else the one that the signs allow, else the default.
 */
const currencyOf = (
  given: Given,
  ofShape: string | undefined,
  { currencies, signs }: Evidence,
  reasons: string[],
): string => {
  const codes = [...currencies.keys()].filter(isCurrency);
  if (given.currency !== undefined) return given.currency;
  if (codes.length > 1) {
    throw new InputError(
      `expected orders in one currency, got ${countsText(currencies)}; --currency ${codes[0]} takes those and leaves out the others`,
    );
  }
  if (codes.length === 1) {
    reasons.push(`amounts are in ${codes[0]}, as its column says`);
    return codes[0]!;
  }
  if (ofShape !== undefined) return ofShape;
  const meanings = [...signs.keys()].map(currenciesOf).filter((list) => list.length > 0);
  const common = (meanings[0] ?? []).filter((code) => meanings.every((list) => list.includes(code)));
  const [likeliest] = common;
  if (likeliest === undefined && meanings.length > 0 && !meanings.flat().includes(DEFAULT_CURRENCY)) {
    throw new InputError(
      `expected amounts in one currency, got ${countsText(signs)}; --currency CODE takes those of one, and refuses the others`,
    );
  }
  if (likeliest !== undefined) {
    reasons.push(`amounts are read as ${likeliest} because of their sign (--currency names another)`);
    return likeliest;
  }
  reasons.push(`no currency is named: amounts are read as ${DEFAULT_CURRENCY} (--currency names another)`);
  return DEFAULT_CURRENCY;
};
