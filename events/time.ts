/** Times of the contract: RFC 3339 in UTC with a Z, from 1970 to 9999, to the millisecond. */

const LEAP_DAY = String.raw`(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`;
const LONG_MONTH_DAY = String.raw`(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])`;
const SHORT_MONTH_DAY = String.raw`(?:0[469]|11)-(?:0[1-9]|[12]\d|30)`;
const FEBRUARY_DAY = String.raw`02-(?:0[1-9]|1\d|2[0-8])`;
const DATE = String.raw`(?:${LEAP_DAY}|\d{4}-(?:${LONG_MONTH_DAY}|${SHORT_MONTH_DAY}|${FEBRUARY_DAY}))`;
const TIME_OF_DAY = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?`;

/**
 * The whole calendar in one pattern, so that the JSON Schemas refuse 2017-02-30 exactly as the parser does. Leap
 * seconds are refused: a millisecond count has no place for them. Years before 1970 are refused: windows count from 0.
 */
export const TIME_PATTERN = new RegExp(`^(?=19[7-9]|[2-9])${DATE}T${TIME_OF_DAY}Z$`);

/** What TIME_PATTERN asks for, in words. */
export const TIME_EXPECTED = 'a UTC time from 1970 on such as 2026-11-10T16:00:00.000Z';

/** Reads a time of the contract, in ms since the epoch; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  return TIME_PATTERN.test(text) ? Date.parse(text) : undefined;
}

/** Writes ms since the epoch in the canonical form, which has milliseconds. Throws a RangeError outside Date's range. */
export function formatTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

const CANONICAL_LENGTH = '2026-11-10T16:00:00.000Z'.length;

/**
 * The canonical form of a time: equal instants become equal texts. What is no time stays as it is, to be refused; so
 * does any text of the canonical length, because a time of that length is canonical already.
 */
export function canonicalTime(text: string): string {
  const timeMs = text.length === CANONICAL_LENGTH ? undefined : parseTime(text);
  return timeMs === undefined ? text : formatTime(timeMs);
}
