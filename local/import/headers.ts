/** Compares the headers of columns with known names, and reads what they say about amounts. */
import { currenciesOf, isCurrency } from './currency.ts';
import { NAMES } from './names.ts';

/** The form in which headers are compared: case, width, spaces and punctuation do not matter. */
export const headerKey = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** Names of columns with the time of payment: an order without such a time was not paid. */
const PAYMENT_TIMES = new Set([
  ...['paidat', 'paiddate', 'datepaid', 'paymentdate', 'paymenttime', 'orderpaidat'],
  ...['订单付款时间', '付款时间', '支付时间', '付款确认时间', '付款時間', '付款日期', '入金日', '결제일시'],
]);

export const isPaymentTime = (header: string): boolean => PAYMENT_TIMES.has(headerKey(header));

const TOTALS = new Set(NAMES.total);

export const isTotal = (header: string): boolean => TOTALS.has(headerKey(header));

const firstOf = (headers: readonly string[], keys: readonly string[], names: readonly string[]) => {
  for (const name of names) {
    const at = keys.indexOf(name);
    if (at !== -1 && keys.lastIndexOf(name) === at) return headers[at];
  }
  return undefined;
};

/**
 * The first of these names that is among the headers, as the file writes it. A name that occurs twice is passed over. A
 * currency or unit after a name does not count as part of it.
 */
export const findHeader = (headers: readonly string[], names: readonly string[]): string | undefined =>
  firstOf(headers, headers.map(headerKey), names) ??
  firstOf(
    headers,
    headers.map((header) => headerKey(unitOf(header).name)),
    names,
  );

/** What a header says about the amounts below it. */
export type HeaderUnit = {
  name: string;
  currency?: string;
  /** Whether the amounts are in minor units: cents, fen. */
  isMinor?: boolean;
  /** The word for the multiple in which the amounts are counted: thousands, millions. */
  multiple?: string;
};

const MINOR_WORDS = new Set(['cent', 'cents', 'minor', 'fen', 'pence', 'sen', 'centavos', '分']);
const MULTIPLE_WORDS = new Set([
  'k',
  'thousand',
  'thousands',
  'm',
  'mn',
  'million',
  'millions',
  'mio',
  '万',
  '万元',
  '千元',
  '亿',
  '亿元',
]);
const WORDS_APART = /[\p{L}\p{Sc}]+/gu;
/** Codes that are recognised in small letters too. Many other codes are also words, such as ALL, TOP and CUP. */
const COMMON_CODES = new Set([
  ...[
    'usd',
    'eur',
    'gbp',
    'cny',
    'rmb',
    'jpy',
    'krw',
    'inr',
    'brl',
    'aud',
    'cad',
    'chf',
    'hkd',
    'twd',
    'sgd',
    'nzd',
  ],
  ...[
    'mxn',
    'pln',
    'sek',
    'nok',
    'dkk',
    'czk',
    'idr',
    'thb',
    'vnd',
    'php',
    'myr',
    'zar',
    'aed',
    'sar',
    'kwd',
    'ils',
  ],
]);

/**
 * The currency that a word of a header stands for. In a header that is all in capitals (`isCapitals`), a word in capitals may be
 * any word, so only common codes count.
 */
const currencyIn = (word: string, isCapitals: boolean): string | undefined => {
  const isCode = COMMON_CODES.has(word.toLowerCase()) || (!isCapitals && word === word.toUpperCase());
  if (/^[a-z]{3}$/i.test(word)) {
    if (!isCode) return undefined;
    return currencyCodes(word.toUpperCase())[0];
  }
  // Short names in Latin letters can be other words too.
  return /^[a-z]+$/i.test(word) ? undefined : currenciesOf(word)[0];
};

const currencyCodes = (code: string): readonly string[] => (isCurrency(code) ? [code] : currenciesOf(code));

/** Reads `Amount (USD)`, `total_eur`, `amount_cents` and `金额（万元）`. */
export const unitOf = (header: string): HeaderUnit => {
  const plain = header.normalize('NFKC');
  const unit: HeaderUnit = { name: header };
  const isCapitals = plain === plain.toUpperCase() && /[A-Z]{4}/.test(plain);
  for (const [word] of plain.matchAll(WORDS_APART)) {
    const isFirst = plain.startsWith(word);
    const lower = word.toLowerCase();
    const currency = currencyIn(word, isCapitals);
    if (!isFirst && MINOR_WORDS.has(lower)) unit.isMinor = true;
    else if (!isFirst && MULTIPLE_WORDS.has(lower)) unit.multiple = word;
    else if (!isFirst && currency !== undefined) unit.currency = currency;
    else continue;
    unit.name = unit.name.normalize('NFKC').replace(word, '');
  }
  return unit;
};

/** The one currency that a text names by its code, as in `All amounts in USD`. */
export const currencyNamedIn = (text: string): string | undefined => {
  const codes = new Set(
    (text.match(/\b[A-Z]{3}\b/g) ?? []).filter((word) => COMMON_CODES.has(word.toLowerCase())),
  );
  const [code, ...others] = [...codes].flatMap((word) => currencyCodes(word).slice(0, 1));
  return others.length === 0 ? code : undefined;
};

/** Beginnings of headers that add something to a name: `Total (incl. tax)`. */
const WORTH_BEGINNINGS = ['ordertotal', 'grandtotal', 'total', 'amount', '实付', '金额'];

/** The one header that begins like a column of amounts, for a file in which no such column has a known name. */
export const likeWorth = (headers: readonly string[]): string | undefined => {
  const found = headers.filter((header) =>
    WORTH_BEGINNINGS.some((beginning) => headerKey(header).startsWith(beginning)),
  );
  return found.length === 1 ? found[0] : undefined;
};
