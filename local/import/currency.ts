import { formatCount } from '#local/console/format.ts';

/** How many decimals amounts in a currency have (ISO 4217, as Intl knows it): JPY 0, CNY 2, KWD 3. */
export const currencyDigits = (code: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions()
    .maximumFractionDigits ?? 2;

const KNOWN = new Set(Intl.supportedValuesOf('currency'));

export const isCurrency = (code: string): boolean => KNOWN.has(code);

/** What a sign may stand for; a code stands for itself. */
const SIGNS: Readonly<Record<string, readonly string[]>> = {
  '¥': ['CNY', 'JPY'],
  '\uffe5': ['CNY', 'JPY'],
  元: ['CNY', 'TWD', 'HKD'],
  円: ['JPY'],
  RMB: ['CNY'],
  'CN¥': ['CNY'],
  'JP¥': ['JPY'],
  '€': ['EUR'],
  '£': ['GBP'],
  '₹': ['INR'],
  '₩': ['KRW'],
  '₺': ['TRY'],
  '₫': ['VND'],
  '₽': ['RUB'],
  '฿': ['THB'],
  '₱': ['PHP'],
  '₴': ['UAH'],
  '₪': ['ILS'],
  '₦': ['NGN'],
  R$: ['BRL'],
  US$: ['USD'],
  A$: ['AUD'],
  AU$: ['AUD'],
  C$: ['CAD'],
  CA$: ['CAD'],
  HK$: ['HKD'],
  NT$: ['TWD'],
  S$: ['SGD'],
  $: ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'TWD', 'MXN', 'CLP', 'COP', 'ARS'],
};

const NAMES: Readonly<Record<string, string>> = {
  人民币: 'CNY',
  RENMINBI: 'CNY',
  CNH: 'CNY',
  美元: 'USD',
  日元: 'JPY',
};

/** The currency code that a cell means: the cell itself, or the code that a name or a sign stands for. */
export const currencyCode = (text: string): string => {
  const upper = text.normalize('NFKC').trim().toUpperCase();
  if (isCurrency(upper)) return upper;
  const meant = currenciesOf(upper);
  return NAMES[upper] ?? (meant.length === 1 ? meant[0]! : upper);
};

/** The currencies that a sign or a code beside an amount may mean, the likeliest first. */
export const currenciesOf = (signOrCode: string): readonly string[] =>
  SIGNS[signOrCode] ?? (isCurrency(signOrCode) ? [signOrCode] : []);

/** An amount in minor units with the decimals of its currency: 123456 → `1,234.56`, in JPY `123,456`. */
export const formatMinor = (minor: number, currency: string): string => {
  const digits = currencyDigits(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  const fraction = digits === 0 ? '' : `.${text.slice(-digits)}`;
  return `${minor < 0 ? '-' : ''}${formatCount(Number(whole))}${fraction}`;
};
