/** Currencies by their codes, names and signs. */
import { formatCount } from '#local/console/format.ts';
import { currencyDigits } from '#platform/currency-digits.ts';
import { SIGNS } from './currency-signs.ts';

const KNOWN = new Set(Intl.supportedValuesOf('currency'));

export const isCurrency = (code: string): boolean => KNOWN.has(code);

/** Further names of currencies, which Intl does not have. */
const FURTHER_NAMES: Readonly<Record<string, string>> = {
  人民币元: 'CNY',
  renminbi: 'CNY',
  cnh: 'CNY',
  日圆: 'JPY',
  euros: 'EUR',
  'us dollars': 'USD',
  'pound sterling': 'GBP',
};

/** Currencies by their names in English and Chinese, in lower case. */
const BY_NAME: ReadonlyMap<string, string> = new Map([
  ...['en', 'zh-Hans', 'zh-Hant'].flatMap((locale) => {
    const display = new Intl.DisplayNames(locale, { type: 'currency' });
    return [...KNOWN].map((code) => [(display.of(code) ?? code).toLowerCase(), code] as const);
  }),
  ...Object.entries(FURTHER_NAMES),
]);

/** The currency code that a cell means: the code that a name or a sign stands for, otherwise the cell's own text in capitals. */
export const currencyCode = (text: string): string => {
  const plain = text.normalize('NFKC').trim();
  const upper = plain.toUpperCase();
  if (isCurrency(upper)) return upper;
  const meant = currenciesOf(plain);
  return BY_NAME.get(plain.toLowerCase()) ?? (meant.length === 1 ? meant[0]! : upper);
};

/** The currencies that a sign or a code beside an amount may mean, the likeliest first. */
export const currenciesOf = (signOrCode: string): readonly string[] => {
  const sign = signOrCode.replace(/\.$/, '');
  return Object.hasOwn(SIGNS, sign) ? SIGNS[sign]! : isCurrency(sign) ? [sign] : [];
};

/** An amount in minor units with the decimals of its currency: 123456 → `1,234.56`, in JPY `123,456`. */
export const formatMinor = (minor: number, currency: string): string => {
  const digits = currencyDigits(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  const fraction = digits === 0 ? '' : `.${text.slice(-digits)}`;
  return `${minor < 0 ? '-' : ''}${formatCount(Number(whole))}${fraction}`;
};
