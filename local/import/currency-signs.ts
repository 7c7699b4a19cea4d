/** The currencies that a sign or a short name beside an amount may mean, the likeliest first; a code means itself. */
export const SIGNS: Readonly<Record<string, readonly string[]>> = {
  '¥': ['CNY', 'JPY'],
  元: ['CNY', 'TWD', 'HKD'],
  円: ['JPY'],
  RMB: ['CNY'],
  'CN¥': ['CNY'],
  'JP¥': ['JPY'],
  '€': ['EUR'],
  '£': ['GBP'],
  '₹': ['INR'],
  Rs: ['INR', 'PKR', 'LKR', 'NPR'],
  '₩': ['KRW'],
  원: ['KRW'],
  '₺': ['TRY'],
  TL: ['TRY'],
  '₫': ['VND'],
  đ: ['VND'],
  '₽': ['RUB'],
  руб: ['RUB'],
  '฿': ['THB'],
  '₱': ['PHP'],
  '₴': ['UAH'],
  грн: ['UAH'],
  '₪': ['ILS'],
  '₦': ['NGN'],
  Rp: ['IDR'],
  RM: ['MYR'],
  zł: ['PLN'],
  Kč: ['CZK'],
  Ft: ['HUF'],
  kr: ['SEK', 'NOK', 'DKK', 'ISK'],
  лв: ['BGN'],
  lei: ['RON'],
  Fr: ['CHF'],
  SFr: ['CHF'],
  'S/': ['PEN'],
  R: ['ZAR'],
  KD: ['KWD'],
  'د.ك': ['KWD'],
  'د.إ': ['AED'],
  'ر.س': ['SAR'],
  R$: ['BRL'],
  US$: ['USD'],
  A$: ['AUD'],
  AU$: ['AUD'],
  C$: ['CAD'],
  CA$: ['CAD'],
  HK$: ['HKD'],
  NT$: ['TWD'],
  S$: ['SGD'],
  MX$: ['MXN'],
  NZ$: ['NZD'],
  $: ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'TWD', 'MXN', 'CLP', 'COP', 'ARS'],
};

/** Short names that are often written with a full stop. */
const ABBREVIATED = ['Rs', 'Rp', 'руб', 'грн', 'лв', 'kr', 'SFr', 'Fr', 'KD'];

const escaped = (sign: string): string => sign.replace(/[$./]/g, String.raw`\$&`);

const byLength = Object.keys(SIGNS).sort((a, b) => b.length - a.length);

/** A part of a regular expression: a sign, a code, or a short name with or without a full stop. */
export const SIGN_PATTERN = String.raw`(?:[A-Za-z]{1,3}\p{Sc}|(?:${ABBREVIATED.join('|')})\.?|${byLength.map(escaped).join('|')}|\p{Sc}|[A-Z]{3})`;
