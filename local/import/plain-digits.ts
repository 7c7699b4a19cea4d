/** Replaces the digits of other scripts by ASCII digits. */
/** The zeros of scripts whose digits occur in tables: Arabic, Persian, Devanagari, Bengali, Thai. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50];
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59]/g;

const asciiDigit = (digit: string): string => {
  const code = digit.charCodeAt(0);
  return String(code - ZEROS.find((zero) => code >= zero && code < zero + 10)!);
};

const ASCII = /^[ -~]*$/;

/** Characters without a width, most of which mark the direction of writing. */
const DIRECTIONS = /[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]/g;

/**
 * The text with ASCII digits in place of the digits of other scripts and widths, with a point and a comma in place of the Arabic
 * decimal and thousands separators, and without characters that have no width.
 */
export const plainDigits = (text: string): string => (ASCII.test(text) ? text : unlikeAscii(text));

const unlikeAscii = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(DIRECTIONS, '')
    .replace(DIGITS, asciiDigit)
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', ',');
