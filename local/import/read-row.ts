import { barredBySqs } from '../replay/sources/source.ts';
import type { Decimal } from './amount.ts';
import { currencyCode, isCurrency } from './currency.ts';
import { indexesOf, orderIn } from './evidence.ts';
import type { Mapping, Role } from './mapping.ts';
import type { Refusal } from './refusals.ts';
import { Ignored, Refused } from './refused.ts';
import { type Money, moneyReader, refuseNegative, worthIn } from './row-worth.ts';
import type { Verdict } from './status-words.ts';
import { isPartlyRefunded, isSum, verdictOf, wordOf } from './statuses.ts';
import { cellValue, type Table } from './table.ts';
import { TIME_OF_DAY, timeParser } from './times.ts';
import { saysSomething } from './unread-endings.ts';

/** The fields that all rows of an order share, from its first row; later rows may leave them out. */
export type OrderHead = {
  member: string;
  timeMs: number;
  verdict: Verdict;
  currency: string;
  /** The order's total as the file writes it, if there is a column for it. */
  total: string;
  /** The lines of the order that were read, if there is a column for them. */
  lines?: Set<string>;
};

/** What a row says about an order. Amounts are exact, in major units of the currency, and may be negative. */
export type OrderRow = {
  order: string;
  member: string;
  brand: string;
  channel: 'far' | 'near';
  store: string;
  coupon: string;
  event: string;
  timeMs: number;
  refundMs: number;
  verdict: Exclude<Verdict, 'ignored'>;
  /** Undefined on a row that repeats its order's total. */
  worth?: Decimal;
  /** The amount refunded, if there is a column for it. */
  refund?: Decimal;
};

export type RowReading =
  | { kind: 'order'; row: OrderRow; isGuest: boolean }
  | { kind: 'ignored'; why: string }
  | { kind: 'refused'; refusal: Omit<Refusal, 'line'> };

export type RowReader = (fields: readonly string[]) => RowReading;

/** The character that decoding puts in place of bytes that are invalid in the encoding. */
const NOT_TEXT = '\ufffd';
/** A refund without a time of its own is dated this much after its sale. */
const REFUND_AFTER_MS = 1_000;
const GUEST_PREFIX = 'guest:';
/** A long number as a spreadsheet shows it: `2.51235E+18`. Its last digits are lost, so it does not identify anything. */
const CUT_OFF = /^\d(?:\.\d+)?E\+\d+$/;
const IDS: ReadonlySet<Role> = new Set<Role>(['order', 'parent', 'member', 'coupon', 'event']);

/**
 * Makes a reader of a table's rows. Rows must be read in order, because later rows of an order take what they leave out from
 * its first row. If no order has several rows, nothing is kept of rows that were read.
 */
export const rowReader = (table: Table, mapping: Mapping, ordersRepeat: boolean): RowReader => {
  const indexes = indexesOf(mapping.columns, table.headers);
  const width = table.headers.length;
  const heads = new Map<string, OrderHead>();
  const read = makeRead(mapping, indexes, heads);
  const reasonToSkip = skipper(table, mapping);
  return (fields) => {
    if (fields.every((field) => field.trim() === '')) return { kind: 'ignored', why: 'nothing in it' };
    // A delimiter at the end of a row does not start another value.
    const isLonger = fields.length > width && fields.slice(width).every((field) => field.trim() === '');
    if (fields.length !== width && !isLonger) {
      const expected = `${width} values as in the header`;
      return { kind: 'refused', refusal: { field: 'row', value: fields.length, expected } };
    }
    const why = reasonToSkip(fields);
    if (why !== undefined) return { kind: 'ignored', why };
    if (!ordersRepeat) heads.clear();
    try {
      return read(fields);
    } catch (error) {
      if (error instanceof Refused) return { kind: 'refused', refusal: error.refusal };
      if (error instanceof Ignored) return { kind: 'ignored', why: error.message };
      throw error;
    }
  };
};

/**
 * Says why a row holds no order: it repeats the header, or a word in one of its columns says so. Undefined for a row that may
 * hold one.
 */
const skipper = ({ headers }: Table, { leaveOut = {} }: Mapping) => {
  const rules = Object.entries(leaveOut).map(([column, words]) => ({
    column,
    index: headers.indexOf(column),
    words: new Set(words.map(wordOf)),
  }));
  return (fields: readonly string[]): string | undefined => {
    if (headers.every((header, i) => cellValue(fields[i]) === header)) return 'the header once more';
    const rule = rules.find(({ index, words }) => words.has(wordOf(cellValue(fields[index]))));
    return rule === undefined ? undefined : `${rule.column} ${cellValue(fields[rule.index]) || 'nothing'}`;
  };
};

const withClock = (time: string, clock: string): string =>
  time !== '' && TIME_OF_DAY.test(clock) ? `${time} ${clock}` : time;

/** The member who bought; '' if nobody is named. Databases of shops write 0 for a guest. */
const namedMember = (member: string, { guests }: Mapping): string => (guests && member === '0' ? '' : member);

const makeRead = (
  mapping: Mapping,
  indexes: Partial<Record<Role, number>>,
  heads: Map<string, OrderHead>,
): RowReader => {
  const money = moneyReader(mapping);
  const parseTime = timeParser(mapping.timeFormat, mapping.timeZone);
  const roles = Object.keys(indexes) as Role[];
  const timeOf = (role: 'time' | 'refund-time', text: string): number => {
    const time = parseTime(text);
    if (!time.ok) throw new Refused(role, text, time.expected);
    return time.value;
  };

  return (fields) => {
    const value = (role: Role): string => {
      const index = indexes[role];
      return index === undefined ? '' : cellValue(fields[index]);
    };
    for (const role of roles) {
      const text = value(role);
      if (text.includes(NOT_TEXT)) throw new Refused(role, text, `text in ${mapping.encoding.toUpperCase()}`);
      const barred = barredBySqs(text);
      if (barred !== undefined) throw new Refused(role, text, `text without controls; it ${barred}`);
      if (IDS.has(role) && CUT_OFF.test(text))
        throw new Refused(
          role,
          text,
          'all of its digits; a spreadsheet has written it in scientific notation',
        );
    }
    const order = orderIn(value);
    if (isSum(order) && value('member') === '') throw new Ignored(`a sum of rows, ${order}`);
    const head = order === '' ? undefined : heads.get(order);
    const { verdict, why } = verdictIn(value('status'), value('kind'), head, mapping);
    const time = withClock(value('time'), value('clock'));
    const named = namedMember(value('member'), mapping);
    const ignored = ignoredBecause({ verdict, why }, time, head, mapping);
    const currency = currencyIn(value('currency')) || head?.currency || '';
    if (order !== '' && head === undefined) {
      const isCounted = ignored === undefined;
      const timeMs = isCounted && time !== '' ? timeOf('time', time) : Number.NaN;
      heads.set(order, {
        member: named,
        timeMs,
        verdict: isCounted ? verdict : 'ignored',
        currency,
        total: '',
        ...(indexes.line === undefined ? {} : { lines: new Set<string>() }),
      });
    }
    if (ignored !== undefined) throw new Ignored(ignored);
    if (currency !== '' && currency !== mapping.currency) throw new Ignored(`in ${currency}`);
    if (order === '') throw new Refused('order', undefined, 'a value');
    const isGuest = named === '' && (head?.member ?? '') === '' && mapping.guests;
    const member = memberIn(named, head?.member ?? '', order, isGuest);
    const brand = value('brand') || mapping.brand || '';
    if (brand === '' && mapping.columns.total === undefined) throw new Refused('brand', undefined, 'a value');
    const timeMs = time === '' ? (head?.timeMs ?? Number.NaN) : timeOf('time', time);
    if (Number.isNaN(timeMs)) throw new Refused('time', undefined, 'a value');
    const refundTime = value('refund-time');
    noteLine(value('line'), heads.get(order)!);
    const worth = worthIn(value, heads.get(order)!, money, mapping);
    refuseNegative(value, worth, verdict, mapping);
    const refund = refundIn(value, worth, money, mapping);
    return {
      kind: 'order',
      isGuest,
      row: {
        ...placeIn(value('channel'), value('store')),
        order,
        member,
        brand,
        coupon: value('coupon'),
        event: value('event'),
        timeMs,
        refundMs: refundTime === '' ? timeMs + REFUND_AFTER_MS : timeOf('refund-time', refundTime),
        verdict: verdict as OrderRow['verdict'],
        ...(worth === undefined ? {} : { worth }),
        ...(refund === undefined ? {} : { refund }),
      },
    };
  };
};

/** Throws an Ignored for a line that was read before, for example if the table was joined with a table of payments. */
const noteLine = (line: string, { lines }: OrderHead): void => {
  if (line === '' || lines === undefined) return;
  if (lines.has(line)) throw new Ignored('a line of its order once more');
  lines.add(line);
};

const memberIn = (member: string, known: string, order: string, isGuest: boolean): string => {
  if (member !== '' && known !== '' && member !== known)
    throw new Refused('member', member, `${known} as on the first row of its order`);
  if (member !== '' || known !== '') return member || known;
  if (isGuest) return `${GUEST_PREFIX}${order}`;
  throw new Refused(
    'member',
    undefined,
    'a value (--guests makes each order without one a member of its own)',
  );
};

/**
 * How much of the row's worth was refunded; undefined if the row names no amount. If only a part was refunded, the row must say
 * how much.
 */
const refundIn = (
  value: (role: Role) => string,
  worth: Decimal | undefined,
  money: Money,
  { columns }: Mapping,
): Decimal | undefined => {
  if (worth === undefined) return undefined;
  const given = columns.refund === undefined ? undefined : money('refund', refundText(value('refund')));
  if (given !== undefined && given.digits !== 0n)
    return given.digits < 0n ? { ...given, digits: -given.digits } : given;
  const word = value('status');
  if (isPartlyRefunded(word))
    throw new Refused('refund', value('refund') || undefined, `how much was refunded, as it is ${word}`);
  return undefined;
};

const refundText = (text: string): string => (saysSomething(text) ? text : '0');

type Meaning = { verdict: Verdict; why: string };

const meaningOf = (column: 'status' | 'kind', word: string, { statuses }: Mapping): Meaning => {
  const verdict = verdictOf(word, column, statuses);
  if (verdict !== undefined) return { verdict, why: word };
  const words = column === 'kind' ? 'paid or refunded' : 'a state that is known';
  throw new Refused(column, word, `${words} (--status WORD=paid|refunded|both|ignored says what it means)`);
};

/**
 * What a row's words mean. If its kind says that it is a refund, its state only says whether it counts. A row without words
 * means what its order's first row means. If there was none, it is a sale, or refused where the table has a column for the state.
 */
const verdictIn = (status: string, kind: string, head: OrderHead | undefined, mapping: Mapping): Meaning => {
  const state = status === '' ? undefined : meaningOf('status', status, mapping);
  const own = kind === '' ? undefined : meaningOf('kind', kind, mapping);
  const isOwnRefund = own?.verdict === 'refunded' && state?.verdict !== 'ignored';
  if (isOwnRefund || own?.verdict === 'ignored') return own;
  if (state !== undefined) return state;
  if (own !== undefined && mapping.columns.status === undefined) return own;
  if (head !== undefined) return { verdict: head.verdict, why: 'a row of an order that does not count' };
  if (mapping.columns.status !== undefined) throw new Refused('status', undefined, 'a state of the order');
  return { verdict: 'paid', why: '' };
};

const ignoredBecause = (
  { verdict, why }: { verdict: Verdict; why: string },
  time: string,
  head: OrderHead | undefined,
  { unpaidWithoutTime }: Mapping,
): string | undefined => {
  if (verdict === 'ignored') return why;
  if (time !== '' || head !== undefined) return undefined;
  if (verdict === 'both') return `${why}, never paid`;
  return unpaidWithoutTime ? 'without a time of payment' : undefined;
};

const currencyIn = (text: string): string => {
  if (text === '') return '';
  const code = currencyCode(text);
  if (isCurrency(code)) return code;
  throw new Refused('currency', text, 'the code of a currency such as CNY');
};

const placeIn = (channelText: string, store: string): Pick<OrderRow, 'channel' | 'store'> => {
  const channel = channelText.toLowerCase() || 'far';
  if (channel !== 'far' && channel !== 'near') throw new Refused('channel', channelText, 'far or near');
  if (channel === 'near' && store === '') throw new Refused('store', undefined, 'a store for a near order');
  if (channel === 'far' && store !== '') throw new Refused('store', store, 'none for a far order');
  return { channel, store };
};
