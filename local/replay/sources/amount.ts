/** `major`: CNY with up to two decimals (1.23); `minor`: whole fen (123). */
export type AmountUnit = 'major' | 'minor';

export type AmountReading = { ok: true; fen: number } | { ok: false; message: string };

const MAJOR = /^(\d+)(?:\.(\d{1,2}))?$/;
const MINOR = /^\d+$/;

const refuse = (message: string): AmountReading => ({ ok: false, message });

/**
 * Reads an amount of money, zero or more, as an integer number of fen. The digits are moved as text and never go through a
 * fraction in floating point, so 1.15 is 115 and not 114.
 */
export const parseAmount = (text: string, unit: AmountUnit): AmountReading => {
  const [expected, digits] =
    unit === 'minor'
      ? ['a whole number such as 123', MINOR.test(text) ? text : undefined]
      : ['a number with at most two decimals such as 1.23', majorDigits(text)];
  if (digits === undefined) return refuse(`expected ${expected}, got ${JSON.stringify(text)}`);
  const fen = Number(digits);
  if (!Number.isSafeInteger(fen)) return refuse(`expected an amount below 2^53 fen, got ${text}`);
  return { ok: true, fen };
};

const majorDigits = (text: string): string | undefined => {
  const match = MAJOR.exec(text);
  return match === null ? undefined : `${match[1]}${(match[2] ?? '').padEnd(2, '0')}`;
};
