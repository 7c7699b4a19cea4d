/** Reads amounts of money as people and programs write them. */
import { SIGN_PATTERN } from './currency-signs.ts';
import { plainDigits } from './plain-digits.ts';

/** `major`: units with decimals (1.23 yuan); `minor`: whole minor units (123 fen). */
export type AmountUnit = 'major' | 'minor';

/**
 * What separates decimals: a point everywhere, a comma everywhere, or a mix in which each amount must show by itself which one
 * it uses.
 */
export type DecimalMark = 'point' | 'comma' | 'mixed';

/** What happens to an amount with more decimals than the currency has. */
export type Rounding = 'refuse' | 'half-even' | 'half-up' | 'down';

/** An exact decimal number, `digits` / 10^`scale`, and the currency sign or code that stood beside it. */
export type Decimal = { digits: bigint; scale: number; currency?: string };

export type Reading<Value> = { ok: true; value: Value } | { ok: false; expected: string };

const refuse = (expected: string): { ok: false; expected: string } => ({ ok: false, expected });

const AMOUNT = new RegExp(
  String.raw`^(?<outer>${SIGN_PATTERN}(?=\s*\())?\s*(?<open>\()?(?<sign>[-+−])?\s*(?<before>${SIGN_PATTERN})?\s*(?<inner>[-+−])?(?<body>[\d.,'’ ]*\d[\d.,'’ ]*?)\s*(?<after>${SIGN_PATTERN})?\s*(?<trailing>-)?(?<close>\))?$`,
  'u',
);
/** The end of an amount without decimals as it is written in German: `12,-` and `12.–`. */
const NO_DECIMALS = /(?<=\d)[.,][-–—]{1,2}(?!\d)/;
const SCIENTIFIC = /^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i;
const SPACED = /^\d{1,3}(?:[ '’]\d{3})+(?=$|[.,])/;
const POINT_GROUPS = /^\d{1,3}(?:\.\d{2,3})*\.\d{3}$/;
const COMMA_GROUPS = /^\d{1,3}(?:,\d{2,3})*,\d{3}$/;

const MARKS = { point: '.', comma: ',' } as const;

/** An amount whose separator may separate thousands or decimals: `1.234` may be 1,234 or a number between 1 and 2. */
const AMBIGUOUS = /^[1-9]\d{0,2}([.,])\d{3}$/;

/** The text of an amount in the form that the rest of this file reads. */
const plainAmount = (given: string): string => plainDigits(given).trim().replace(NO_DECIMALS, '');

/** The decimal mark that an amount proves by itself; undefined if the amount fits both marks, or neither. */
export const provenMark = (text: string): 'point' | 'comma' | undefined => {
  const body = bodyOf(plainAmount(text))?.body.replace(/[ '’]/g, '');
  if (body === undefined || AMBIGUOUS.test(body)) return undefined;
  const last = Math.max(body.lastIndexOf('.'), body.lastIndexOf(','));
  if (last === -1) return undefined;
  const isLone = body.indexOf(body[last]!) === last;
  const isPoint = body[last] === '.';
  // Several of one kind separate thousands, so the other kind separates decimals.
  if (!isLone) return isPoint ? 'comma' : 'point';
  return isPoint ? 'point' : 'comma';
};

/** The mark in an amount that may stand before three decimals or separate thousands; undefined for any other amount. */
export const doubtfulMark = (text: string): 'point' | 'comma' | undefined => {
  const body = bodyOf(plainAmount(text))?.body;
  if (body === undefined || !AMBIGUOUS.test(body)) return undefined;
  return body.includes('.') ? 'point' : 'comma';
};

type Body = { body: string; isNegative: boolean; currency?: string };

const bodyOf = (text: string): Body | undefined => {
  const groups = AMOUNT.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { open, close, sign, inner, trailing, outer, after, before = outer } = groups;
  const signs = [sign, inner, trailing, open].filter((one) => one !== undefined);
  if ((open === undefined) !== (close === undefined) || signs.length > 1) return undefined;
  if (before !== undefined && after !== undefined) return undefined;
  const currency = before ?? after;
  return {
    body: groups.body!.trim(),
    isNegative: signs.length === 1 && signs[0] !== '+',
    ...(currency === undefined ? {} : { currency }),
  };
};

/** The whole part and the fraction, without separators; undefined if separators are in wrong places or, in a mix, ambiguous. */
const split = (body: string, mark: DecimalMark): [whole: string, fraction: string] | undefined => {
  const spaced = SPACED.exec(body)?.[0];
  const text = spaced === undefined ? body : spaced.replace(/[ '’]/g, '') + body.slice(spaced.length);
  if (/[ '’]/.test(text)) return undefined;
  if (mark === 'mixed' && AMBIGUOUS.test(text)) return undefined;
  const decimal = MARKS[mark === 'mixed' ? (provenMark(text) ?? 'point') : mark];
  const at = text.indexOf(decimal);
  const [whole, fraction] = at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  if (/[.,]/.test(fraction)) return undefined;
  if (!/[.,]/.test(whole)) return [whole || '0', fraction];
  const groups = decimal === '.' ? COMMA_GROUPS : POINT_GROUPS;
  return spaced === undefined && groups.test(whole) ? [whole.replace(/[.,]/g, ''), fraction] : undefined;
};

/**
 * Reads an amount as people and programs write it: with thousands separators, a currency's sign or code, plus or minus,
 * parentheses for a negative amount, or full-width digits. The digits stay text until they are an integer, so nothing is rounded.
 */
export const parseDecimal = (given: string, mark: DecimalMark): Reading<Decimal> => {
  const text = plainAmount(given);
  if (SCIENTIFIC.test(text)) return refuse('an amount with all of its digits, not in scientific notation');
  const found = bodyOf(text);
  if (found === undefined) return refuse('an amount such as 1.23');
  const parts = split(found.body, mark);
  if (parts === undefined) {
    if (mark === 'mixed') {
      return refuse('an amount that fits one way of writing decimals (--decimal point or comma says which)');
    }
    return refuse(`an amount with a ${mark} before its decimals, such as 1${MARKS[mark]}23`);
  }
  const fraction = parts[1].replace(/0+$/, '');
  const digits = BigInt(parts[0] + fraction);
  const { currency } = found;
  return {
    ok: true,
    value: {
      digits: found.isNegative ? -digits : digits,
      scale: fraction.length,
      ...(currency === undefined ? {} : { currency }),
    },
  };
};

/** The exact product of two decimals, such as a price and a quantity. */
export const times = (a: Decimal, b: Decimal): Decimal => ({
  digits: a.digits * b.digits,
  scale: a.scale + b.scale,
  ...(a.currency === undefined ? {} : { currency: a.currency }),
});

/** An amount in minor units, and whether it was rounded to a whole number of them. */
export type Minor = { minor: number; isRounded: boolean };

/** Converts a decimal to a whole number of minor units of a currency with `currencyDigits` decimals. */
export const toMinor = (
  { digits, scale }: Decimal,
  currencyDigits: number,
  rounding: Rounding,
): Reading<Minor> => {
  const shift = currencyDigits - scale;
  if (shift >= 0) return safe(digits * 10n ** BigInt(shift), false);
  const divisor = 10n ** BigInt(-shift);
  const rest = digits % divisor;
  if (rest === 0n) return safe(digits / divisor, false);
  if (rounding === 'refuse') {
    const decimals = currencyDigits === 0 ? 'no decimals' : `at most ${decimalsText(currencyDigits)}`;
    return refuse(`an amount with ${decimals} (--rounding says how to round more)`);
  }
  return safe(rounded(digits / divisor, rest, divisor, rounding), true);
};

const decimalsText = (count: number): string =>
  ['', 'one decimal', 'two decimals', 'three decimals'][count] ?? `${count} decimals`;

const rounded = (
  whole: bigint,
  rest: bigint,
  divisor: bigint,
  rounding: Exclude<Rounding, 'refuse'>,
): bigint => {
  const away = rest < 0n ? whole - 1n : whole + 1n;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  switch (rounding) {
    case 'down':
      return whole;
    case 'half-up':
      return twice >= divisor ? away : whole;
    case 'half-even':
      if (twice === divisor) return whole % 2n === 0n ? whole : away;
      return twice > divisor ? away : whole;
    default:
      return rounding satisfies never;
  }
};

const safe = (minor: bigint, isRounded: boolean): Reading<Minor> => {
  const value = Number(minor);
  return Number.isSafeInteger(value)
    ? { ok: true, value: { minor: value, isRounded } }
    : refuse('an amount below 2^53 minor units');
};
