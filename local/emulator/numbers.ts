/** DynamoDB's numbers: exact decimals, kept as text. */
import { validationError } from './exceptions.ts';

/** DynamoDB keeps up to 38 significant digits, and magnitudes from 1e-130 to 9.99…e125. */
const DIGITS_MAX = 38;
const MAGNITUDE_MAX = 125;
const MAGNITUDE_MIN = -130;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** Integers of up to 15 digits, which are exact as JavaScript numbers. */
const SHORT_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;

/** `digits` × 10 to the power of `exponent`, without zeros at the end of the digits; zero is 0 × 10⁰. */
type Decimal = { readonly digits: bigint; readonly exponent: number };

const withoutTrailingZeros = (digits: bigint, exponent: number): Decimal => {
  if (digits === 0n) return { digits: 0n, exponent: 0 };
  const text = digits.toString();
  let zeros = 0;
  while (text.charCodeAt(text.length - 1 - zeros) === 48) zeros++;
  return zeros === 0
    ? { digits, exponent }
    : { digits: BigInt(text.slice(0, text.length - zeros)), exponent: exponent + zeros };
};

const parse = (text: string): Decimal | undefined => {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  return withoutTrailingZeros(sign === '-' ? -digits : digits, Number(power) - fraction.length);
};

const significantDigits = (digits: bigint): string => (digits < 0n ? -digits : digits).toString();

/** The number in plain notation, as DynamoDB returns it. Throws a ValidationException for a number that DynamoDB cannot keep. */
const format = ({ digits, exponent }: Decimal): string => {
  if (digits === 0n) return '0';
  const text = significantDigits(digits);
  if (text.length > DIGITS_MAX)
    throw validationError('Attempting to store more than 38 significant digits in a Number');
  const magnitude = text.length - 1 + exponent;
  if (magnitude > MAGNITUDE_MAX) {
    throw validationError(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (magnitude < MAGNITUDE_MIN) {
    throw validationError(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  const sign = digits < 0n ? '-' : '';
  if (exponent >= 0) return `${sign}${text}${'0'.repeat(exponent)}`;
  const point = text.length + exponent;
  return point > 0
    ? `${sign}${text.slice(0, point)}.${text.slice(point)}`
    : `${sign}0.${'0'.repeat(-point)}${text}`;
};

const known = (canonical: string): Decimal => parse(canonical)!;

/**
 * The canonical form of a number, so that equal numbers are equal strings. Throws a ValidationException for a text that is not
 * a number, and for a number that DynamoDB cannot keep.
 */
export const canonicalNumber = (text: string): string => {
  if (SHORT_INTEGER.test(text)) return text;
  const decimal = parse(text);
  if (decimal === undefined)
    throw validationError(`The parameter cannot be converted to a numeric value: ${text}`);
  return format(decimal);
};

/** Compares canonical numbers exactly. */
export const compareNumbers = (a: string, b: string): number => {
  if (a === b) return 0;
  if (SHORT_INTEGER.test(a) && SHORT_INTEGER.test(b)) return Number(a) - Number(b);
  const left = known(a);
  const right = known(b);
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = ({ digits, exponent: own }: Decimal): bigint => digits * 10n ** BigInt(own - exponent);
  return scaled(left) < scaled(right) ? -1 : 1;
};

/** Adds canonical numbers exactly. Throws a ValidationException if DynamoDB cannot keep the sum. */
export const addNumbers = (a: string, b: string): string => {
  if (SHORT_INTEGER.test(a) && SHORT_INTEGER.test(b)) {
    const sum = Number(a) + Number(b);
    if (Number.isSafeInteger(sum)) return String(sum);
  }
  const left = known(a);
  const right = known(b);
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = ({ digits, exponent: own }: Decimal): bigint => digits * 10n ** BigInt(own - exponent);
  return format(withoutTrailingZeros(scaled(left) + scaled(right), exponent));
};

export const negated = (a: string): string => (a === '0' ? a : a.startsWith('-') ? a.slice(1) : `-${a}`);

/**
 * Bytes of a canonical number: one for the exponent, one for each base-100 digit, one for a minus. (AWS documents about one byte
 * for two significant digits, and one byte more.)
 */
export const numberBytes = (canonical: string): number => {
  if (canonical === '0') return 1;
  if (SHORT_INTEGER.test(canonical)) {
    let end = canonical.length;
    while (canonical.charCodeAt(end - 1) === 48) end--;
    const isNegative = canonical.startsWith('-');
    const zeros = canonical.length - end;
    return 1 + Math.ceil((end - (isNegative ? 1 : 0) + (zeros % 2)) / 2) + (isNegative ? 1 : 0);
  }
  const { digits, exponent } = known(canonical);
  const { length } = significantDigits(digits);
  const isSplitPair = exponent % 2 !== 0;
  return 1 + Math.ceil((length + (isSplitPair ? 1 : 0)) / 2) + (digits < 0n ? 1 : 0);
};
