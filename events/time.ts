/** Times of the contract: RFC 3339 with any offset, kept in UTC with a Z, to the millisecond, from 1970 to 9999. */

const LEAP_DAY = String.raw`(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`;
const LONG_MONTH_DAY = String.raw`(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])`;
const SHORT_MONTH_DAY = String.raw`(?:0[469]|11)-(?:0[1-9]|[12]\d|30)`;
const FEBRUARY_DAY = String.raw`02-(?:0[1-9]|1\d|2[0-8])`;
const DATE = String.raw`(?:${LEAP_DAY}|\d{4}-(?:${LONG_MONTH_DAY}|${SHORT_MONTH_DAY}|${FEBRUARY_DAY}))`;
const TIME_OF_DAY = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?`;
const ZONE = String.raw`(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)`;

/**
 * The whole calendar in one pattern, so that the JSON Schemas refuse 2017-02-30 exactly as the parser does. Leap
 * seconds are refused: a millisecond count has no place for them. Years before 1970 are refused: windows count from 0.
 */
export const TIME_PATTERN = new RegExp(`^(?=19[7-9]|[2-9])${DATE}[Tt]${TIME_OF_DAY}${ZONE}$`);

/** What TIME_PATTERN asks for, in words. */
export const TIME_EXPECTED = 'an RFC 3339 time from 1970 on such as 2026-11-10T16:00:00.000Z';

/** The last instant that the canonical form can express: its year has four digits. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FRACTION_BEYOND_MS = /(\.\d{3})\d+/;

/**
 * Reads a time of the contract, in ms since the epoch, cut to the millisecond; undefined for anything else, and for a time that
 * its offset moves out of the years 1970 to 9999.
 */
export const parseTime = (text: string): number | undefined => {
  if (!TIME_PATTERN.test(text)) return undefined;
  const timeMs = Date.parse(text.toUpperCase().replace(FRACTION_BEYOND_MS, '$1'));
  return timeMs >= 0 && timeMs <= LAST_MS ? timeMs : undefined;
};

/** Writes ms since the epoch in the canonical form, which has milliseconds. Throws a RangeError outside Date's range. */
export const formatTime = (timeMs: number): string => {
  return new Date(timeMs).toISOString();
};

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether a text that matches TIME_PATTERN is a valid time: its offset may move it out of the years 1970 to 9999. */
export const isContractTime = (text: string): boolean =>
  CANONICAL.test(text) || parseTime(text) !== undefined;

/**
 * The canonical form of a time: equal instants become equal texts. A text that is canonical already stays as it is, and so does
 * a text that is not a time, which is refused later.
 */
export const canonicalTime = (text: string): string => {
  const timeMs = CANONICAL.test(text) ? undefined : parseTime(text);
  return timeMs === undefined ? text : formatTime(timeMs);
};
