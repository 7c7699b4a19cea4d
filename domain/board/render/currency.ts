import { currencyDigits } from '#platform/currency-digits.ts';
import type { Locale } from './locale.ts';

/** A currency as the screen writes it. */
export type Currency = {
  /** What is written before the amount, such as `¥` or `R$`. If it ends in a letter, a no-break space follows. */
  sign: string;
  /** Minor units in a major one: 100 of CNY, 1 of JPY, 1,000 of KWD. */
  minorPerMajor: number;
};

/** The currency of amounts unless the definition names another. */
export const DEFAULT_CURRENCY = 'CNY';

const NO_BREAK_SPACE = '\u00a0';
const CODE = /^[A-Z]{3}$/;

/** The currency of an ISO 4217 code, with its sign in the given language. Throws for a text that is not a code. */
export const currencyOf = (code: string, locale: Locale): Currency => {
  if (!CODE.test(code))
    throw new Error(`currency: expected a code of three letters, got ${JSON.stringify(code)}`);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code,
    currencyDisplay: 'narrowSymbol',
  });
  const text = format.formatToParts(0).find(({ type }) => type === 'currency')?.value ?? code;
  return {
    sign: /\p{Letter}$/u.test(text) ? `${text}${NO_BREAK_SPACE}` : text,
    minorPerMajor: 10 ** currencyDigits(code),
  };
};
