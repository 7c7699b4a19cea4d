/** The display section of a campaign definition: how a sale is shown to people. It changes no figure. */
import * as z from 'zod/mini';
import { record } from '../fields.ts';

const MAX_NAME_LENGTH = 80;

const NAME_EXPECTED = `1 to ${MAX_NAME_LENGTH} characters, no control characters, no white space at either end`;
const CURRENCY_EXPECTED = 'a currency code of ISO 4217 such as CNY';
const ZONE_EXPECTED = 'a time zone of the IANA database such as Asia/Shanghai';

/** The languages in which the screen can be shown. */
export const DISPLAY_LOCALES = ['zh-CN', 'en'] as const;

/** Excludes what ids exclude, and characters that change the direction of text: a name is shown on a wall screen. */
const BARRED = String.raw`\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff`;
const EDGE = String.raw`[^\s${BARRED}]`;
const NAME = new RegExp(`^${EDGE}(?:[^${BARRED}]{0,${MAX_NAME_LENGTH - 2}}${EDGE})?$`, 'u');

export const display = record({
  name: z.optional(z.string({ error: NAME_EXPECTED }).check(z.regex(NAME, { error: NAME_EXPECTED }))),
  currency: z.optional(
    z.string({ error: CURRENCY_EXPECTED }).check(z.regex(/^[A-Z]{3}$/, { error: CURRENCY_EXPECTED })),
  ),
  timeZone: z.optional(
    z
      .string({ error: ZONE_EXPECTED })
      .check(
        z.regex(/^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,31}){0,2}$/, { error: ZONE_EXPECTED }),
      ),
  ),
  locale: z.optional(z.enum(DISPLAY_LOCALES, { error: `one of ${DISPLAY_LOCALES.join(', ')}` })),
});

export type Display = z.output<typeof display>;

/** What the rule below needs of a definition. */
type Definition = { display?: Display | undefined };
type Broken = { field: string; expected: string; value: unknown };

const isZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
};

const isCurrency = (code: string): boolean => Intl.supportedValuesOf('currency').includes(code);

/** The currency if it is unknown, or else the time zone if it is; undefined if neither is. */
export const brokenDisplayRule = ({ display: section }: Definition): Broken | undefined => {
  const { currency, timeZone } = section ?? {};
  if (currency !== undefined && !isCurrency(currency))
    return { field: 'display.currency', expected: CURRENCY_EXPECTED, value: currency };
  if (timeZone !== undefined && !isZone(timeZone))
    return { field: 'display.timeZone', expected: ZONE_EXPECTED, value: timeZone };
  return undefined;
};
