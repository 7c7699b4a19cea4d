import type { Currency } from './currency.ts';
import type { Locale } from './locale.ts';

/**
 * Figures as the screen shows them. Amounts and counts are cut after the last digit shown and never rounded up, so that the
 * screen never shows 100 M before 100 M is reached. They keep their trailing zeros, so that a figure's width does not change
 * while it grows. Their arithmetic is on safe integers, exact to the last digit shown.
 */

const DEFAULT_DIGITS = 3;
const MINUS = '−';
/** Between a figure and its unit, where no line may break. */
const NO_BREAK_SPACE = '\u00a0';

type Unit = { size: number; name: string };

/**
 * The units of each language, the largest first. An amount from `from` on, and a count from `countFrom` on, is shown in units; a
 * smaller one is shown in full.
 */
const UNITS: Readonly<Record<Locale, { from: number; countFrom: number; units: readonly Unit[] }>> = {
  'zh-CN': {
    from: 1e4,
    countFrom: 1e4,
    units: [
      { size: 1e12, name: '万亿' },
      { size: 1e8, name: '亿' },
      { size: 1e4, name: '万' },
    ],
  },
  en: {
    from: 1e4,
    countFrom: 1e5,
    units: [
      { size: 1e12, name: 'T' },
      { size: 1e9, name: 'B' },
      { size: 1e6, name: 'M' },
      { size: 1e3, name: 'K' },
    ],
  },
};

/** A figure apart from its unit, which is drawn smaller: `1,234` and `万`. The unit is empty if the figure is shown in full. */
export type Figure = { text: string; unit: string };

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

/** 1234567 → `1,234,567`; a fraction is cut. */
export const formatWhole = (value: number): string => {
  const whole = Math.trunc(value);
  return `${whole < 0 ? MINUS : ''}${grouped(String(Math.abs(whole)))}`;
};

/**
 * How an integer becomes a figure. It is divided by `base` to get wholes (100 fen make 1 CNY). An integer of `from` wholes or
 * more is shown in units, with at least `digits` digits.
 */
type Cut = { base: number; from: number; digits: number };

/** A figure that has at least `digits` digits if it is shown in units. */
const figureOf = (value: number, { base, from, digits }: Cut, locale: Locale): Figure => {
  const { units } = UNITS[locale];
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : '';
  if (size < from * base) {
    const whole = Math.trunc(size / base);
    return { text: `${whole === 0 ? '' : sign}${grouped(String(whole))}`, unit: '' };
  }
  const unit = units.find((one) => size >= one.size * base)!;
  const wholes = Math.trunc(size / (unit.size * base));
  const decimals = Math.max(0, digits - String(wholes).length);
  const cut = Math.trunc(size / ((unit.size * base) / 10 ** decimals));
  const rest = decimals === 0 ? '' : `.${String(cut).slice(-decimals)}`;
  return { text: `${sign}${grouped(String(wholes))}${rest}`, unit: unit.name };
};

const joined = ({ text, unit }: Figure): string => (unit === '' ? text : `${text}${NO_BREAK_SPACE}${unit}`);

/** A count apart from its unit. */
export const countFigure = (count: number, locale: Locale, digits = DEFAULT_DIGITS): Figure =>
  figureOf(Math.trunc(count), { base: 1, from: UNITS[locale].countFrom, digits }, locale);

/** A count in wan and yi or in thousands: 1802 → `1,802`, 531204 → `53.1 万` or `531 K`. */
export const formatCount = (count: number, locale: Locale, digits = DEFAULT_DIGITS): string =>
  joined(countFigure(count, locale, digits));

/**
 * How amounts are written: in which language and in which currency. Amounts are in the currency's minor unit,
 * such as fen for CNY.
 */
export type MoneyLook = { locale: Locale; currency: Currency };

/** An amount in major units apart from its unit, without the currency's sign. */
export const moneyFigure = (amount: number, look: MoneyLook, digits = DEFAULT_DIGITS): Figure => {
  const { locale, currency } = look;
  const cut = { base: currency.minorPerMajor, from: UNITS[locale].from, digits };
  return figureOf(Math.trunc(amount), cut, locale);
};

/** An amount in major units: 123456789012 fen → `¥12.3 亿` or `¥1.23 B`; -45600 → `−¥456`. */
export const formatMoney = (amount: number, look: MoneyLook, digits = DEFAULT_DIGITS): string => {
  const text = joined(moneyFigure(amount, look, digits));
  const { sign } = look.currency;
  return text.startsWith(MINUS) ? `${MINUS}${sign}${text.slice(1)}` : `${sign}${text}`;
};

/** An amount to the minor unit: 123456789 fen → `¥1,234,567.89`. The digits are cut as text, so no figure is rounded. */
export const formatExactMoney = (amount: number, { sign, minorPerMajor }: Currency): string => {
  const whole = Math.trunc(amount);
  const decimals = String(minorPerMajor).length - 1;
  const digits = String(Math.abs(whole)).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const rest = decimals === 0 ? '' : `.${digits.slice(point)}`;
  return `${whole < 0 ? MINUS : ''}${sign}${grouped(digits.slice(0, point))}${rest}`;
};

/** A larger change is only shown as "more than this": what it is compared with is almost nothing. */
export const MAX_PERCENT = 9_999;

const HUNDRED_PERCENT = 100;
/** From here on a percentage is shown without decimals. */
const WHOLE_PERCENT_FROM = 100;

const percentSign = (locale: Locale): string => (locale === 'zh-CN' ? '%' : `${NO_BREAK_SPACE}%`);

/** A share or a change as a percentage without its sign, rounded to the nearest tenth: 0.3824 → `38.2 %`. */
export const formatPercent = (ratio: number, locale: Locale): string => {
  const percent = Math.abs(ratio) * HUNDRED_PERCENT;
  if (percent > MAX_PERCENT) return `>${NO_BREAK_SPACE}${formatWhole(MAX_PERCENT)}${percentSign(locale)}`;
  const oneDecimal = percent.toFixed(1);
  const text = Number(oneDecimal) < WHOLE_PERCENT_FROM ? oneDecimal : formatWhole(Math.round(percent));
  return `${text}${percentSign(locale)}`;
};

/** A change with its sign: 0.162 → `+16.2 %`. */
export const formatSignedPercent = (ratio: number, locale: Locale): string =>
  `${ratio < 0 ? MINUS : '+'}${formatPercent(ratio, locale)}`;

/** A larger multiple is only shown as "more than this". */
export const MAX_MULTIPLE = 99;

/** How many times as much: 2.39 → `×2.3`, cut, so that no brand is shown with a multiple that it has not reached. */
export const formatMultiple = (ratio: number): string => {
  if (ratio > MAX_MULTIPLE) return `>×${MAX_MULTIPLE}`;
  const tenths = Math.trunc(Math.max(0, ratio) * 10);
  return `×${Math.trunc(tenths / 10)}.${tenths % 10}`;
};

/**
 * A difference of any size with its sign, such as an effect for a member: 0.0123 → `+0.0123`. It has at least three digits,
 * unless they take more than six decimals.
 */
export const formatEffect = (value: number, locale: Locale): string => {
  const sign = value < 0 ? MINUS : '+';
  const size = Math.abs(value);
  if (size >= 1e4) return `${sign}${formatCount(size, locale)}`;
  if (size >= 1e3) return `${sign}${formatWhole(Math.round(size))}`;
  const decimals = size === 0 ? 0 : Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return `${sign}${size.toFixed(decimals)}`;
};

/** A brand doubled if it has strictly more than this many times last year's amount. */
const DOUBLED = 2;
export const hasDoubled = (value: number, lastYear: number | undefined): boolean =>
  lastYear !== undefined && lastYear > 0 && value > DOUBLED * lastYear;

/** This year's figure relative to last year's, less 1; undefined if last year has no figure above 0. */
export const changeOf = ({
  value,
  lastYear,
}: {
  value: number;
  lastYear: number | undefined;
}): number | undefined => (lastYear === undefined || lastYear <= 0 ? undefined : value / lastYear - 1);
