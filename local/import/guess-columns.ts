/** Finds out what the columns of a table hold: by their names, if the table has no known shape, and by their values. */
import type { Evidence } from './evidence.ts';
import { findHeader, headerKey, isTotal, likeWorth } from './headers.ts';
import { type Columns, hasWorth, ROLES, type Role } from './mapping.ts';
import { NAMES } from './names.ts';

/** Names of date columns whose time of day may be in a separate column. */
const DATES = [
  ...[
    'orderdate',
    'purchasedate',
    'paymentdate',
    'paiddate',
    'transactiondate',
    'invoicedate',
    'date',
    'datum',
  ],
  ...['fecha', '下单日期', '支付日期', '付款日期', '日期'],
];

const CLOCKS = new Set(NAMES.clock);

/** A time of day belongs to the date beside it. Without a date column it is not read, unless it is the time column itself. */
const settleClock = ({ clock, time, ...rest }: Columns, headers: readonly string[]): Columns => {
  const date = findHeader(headers, DATES);
  const own = clock ?? (time !== undefined && CLOCKS.has(headerKey(time)) ? time : undefined);
  if (date !== undefined && own !== undefined && date !== own) return { ...rest, time: date, clock: own };
  return time === undefined ? rest : { ...rest, time };
};

/** A price beside a quantity is that of one piece; a price alone says what the row is worth. */
const settlePrice = ({ amount, price, quantity, ...rest }: Columns): Columns => {
  const ofOne = price ?? (amount !== undefined && headerKey(amount) === 'price' ? amount : undefined);
  const isWorth = amount !== undefined && amount !== ofOne;
  if (isWorth) return { ...rest, amount };
  if (ofOne !== undefined && quantity !== undefined && rest.total === undefined)
    return { ...rest, price: ofOne, quantity };
  return ofOne === undefined || rest.total !== undefined ? rest : { ...rest, amount: ofOne };
};

/** The columns of a file of no known shape, found by their names. Of an amount and a total, `settleColumns` keeps one later. */
export const guessColumns = (headers: readonly string[]): Columns => {
  const columns: Columns = {};
  for (const role of ROLES as readonly Role[]) {
    const found = findHeader(headers, NAMES[role]);
    if (found !== undefined && !Object.values(columns).includes(found)) columns[role] = found;
  }
  const settled = settleClock(settlePrice(columns), headers);
  const like = hasWorth(settled) ? undefined : likeWorth(headers);
  if (like === undefined) return settled;
  return { ...settled, [headerKey(like).includes('total') ? 'total' : 'amount']: like };
};

/** Names of columns that may hold the state that an order is in, but also the part of a country that the order is sent to. */
const MAYBE_STATES = new Set(['state', 'orderstate']);

/** The columns, without those whose values do not fit their names. */
const withoutFalse = (columns: Columns, { words, brands, clocks }: Evidence, reasons: string[]): Columns => {
  const kept = { ...columns };
  const { status, brand, clock } = columns;
  if (status !== undefined && MAYBE_STATES.has(headerKey(status)) && words.status.known === 0) {
    reasons.push(`${JSON.stringify(status)} is no state of an order`);
    delete kept.status;
  }
  if (brand !== undefined && brands.rows > 0 && brands.ofSeveralLines === brands.rows) {
    reasons.push(`${JSON.stringify(brand)} has several lines, so it is no brand`);
    delete kept.brand;
  }
  if (clock !== undefined && clocks.known < clocks.rows) {
    reasons.push(`${JSON.stringify(clock)} is no time of day`);
    delete kept.clock;
  } else if (clock !== undefined) {
    reasons.push(`the time of day is in ${JSON.stringify(clock)}`);
  }
  return kept;
};

/**
 * The columns to read. A channel column is left out if it names only channels that the pipeline does not have, such as web or
 * app. A store column is left out if no channel column is read.
 */
export const withoutForeignPlaces = (
  { channel, store, ...rest }: Columns,
  { channels }: Evidence,
  reasons: string[],
): Columns => {
  if (channel === undefined) return rest;
  if (channels.rows === 0 || channels.known > 0)
    return { ...rest, channel, ...(store === undefined ? {} : { store }) };
  reasons.push(`${JSON.stringify(channel)} is not read: it says neither far nor near`);
  return rest;
};

/** Decides what counts: the total of an order, or the amounts of its rows. */
const oneWorth = (
  columns: Columns,
  { ordersRepeat, amountsRepeat, severalRows }: Evidence,
  reasons: string[],
): Columns => {
  const { amount, total, ...rest } = columns;
  if (amount === undefined) return columns;
  if (total !== undefined) {
    if (!ordersRepeat) {
      reasons.push(`each order has one row, and ${JSON.stringify(total)} is its total`);
      return { ...rest, total };
    }
    reasons.push(
      `${JSON.stringify(amount)} is added up over an order's rows, and ${JSON.stringify(total)} is not read`,
    );
    return { ...rest, amount };
  }
  if (!ordersRepeat || !amountsRepeat) return columns;
  if (isTotal(amount)) {
    reasons.push(
      `${JSON.stringify(amount)} is the same on all rows of an order, so it is counted once for each order`,
    );
    return { ...rest, total: amount };
  }
  if (severalRows > 1)
    reasons.push(
      `${JSON.stringify(amount)} is added up, but is the same on all rows of each of ${severalRows} orders: ` +
        'if it is the total of the order, --columns total=… counts it once',
    );
  return columns;
};

/** Decides, from all values of a file, what its columns hold. */
export const settleColumns = (columns: Columns, evidence: Evidence, reasons: string[]): Columns =>
  oneWorth(withoutFalse(columns, evidence, reasons), evidence, reasons);
