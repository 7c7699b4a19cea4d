import type { Reading } from './amount.ts';
import { wallTimeToUtc } from './local-time.ts';
import { monthOf } from './months.ts';
import { plainDigits } from './plain-digits.ts';

/**
 * How times are written. `auto` reads only dates with a single meaning: the year first, the month by its name, or 11/11/2025.
 * `day-first` (31/12/2025) and `month-first` (12/31/2025) also read dates whose day and month could be swapped.
 */
export const TIME_FORMATS = ['auto', 'day-first', 'month-first', 'epoch', 'epoch-ms', 'excel'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

export type TimeParser = (text: string) => Reading<number>;

const MINUTE_MS = 60_000;
const DAY_SECONDS = 86_400;
/** Day 0 of Excel's serial dates. Excel counts a 29 February 1900, which did not exist, so serials are right from 61 on. */
const EXCEL_EPOCH_MS = Date.UTC(1899, 11, 30);
const EXCEL_SERIAL_MIN = 61;
/** 31 December 9999. */
const EXCEL_SERIAL_MAX = 2_958_465;
/** Two-digit years from here on belong to the last century, as in POSIX (strptime, %y). */
const CENTURY_TURN = 69;

const MONTH = String.raw`(?<name>\p{L}{3,10})\.?`;
const WEEKDAY = String.raw`(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?`;
const CLOCK = String.raw`(?:(?:T|,?\s+|(?<=日)\s*)(?:(?<half1>上午|下午|午前|午後|오전|오후)\s*)?(?<hour>\d{1,2})[:时時](?<minute>\d{2})(?:[:分](?<second>\d{2})秒?(?:[.,](?<fraction>\d{1,9}))?)?分?(?:\s*(?<half>[AP]\.?\s?M)\.?)?)?`;
const ZONE = String.raw`(?:\s*(?<zone>Z|UTC|GMT|P[SD]T|JST|(?:UTC|GMT)[+-]\d|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?)(?:\s*\([^()]*\)|\[[^[\]]*\]|\s+[A-Z]{2,5})?)?`;

const pattern = (date: string): RegExp => new RegExp(`^${WEEKDAY}${date}${CLOCK}${ZONE}$`, 'iu');

const YEAR_FIRST = [
  pattern(String.raw`(?<year>\d{4})(?<mark>[-/.])(?<month>\d{1,2})\k<mark>(?<day>\d{1,2})`),
  pattern(String.raw`(?<year>\d{4})\s*年\s*(?<month>\d{1,2})\s*月\s*(?<day>\d{1,2})\s*日`),
];
const COMPACT =
  /^(?<year>(?:19|20)\d\d)(?<month>\d\d)(?<day>\d\d)(?:T?(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)(?<zone>Z)?)?$/;
const NAMED = [
  pattern(String.raw`(?<day>\d{1,2})(?:\.?\s|-|\sde\s)${MONTH},?(?:\s|-|\sde\s)(?<year>\d{4})`),
  pattern(String.raw`${MONTH}\s+(?<day>\d{1,2}),?\s+(?<year>\d{4})`),
  // As C's asctime writes it, with the year at the end.
  new RegExp(`^${WEEKDAY}${MONTH}\\s+(?<day>\\d{1,2})${CLOCK}\\s+(?<year>\\d{4})$`, 'iu'),
];
const EITHER_FIRST = pattern(
  String.raw`(?<first>\d{1,2})(?<mark>[-/.])(?<other>\d{1,2})\k<mark>(?<year>\d{4}|\d{2})`,
);

type Groups = Record<string, string | undefined>;

const EXPECTED = 'a time such as 2017-11-24 13:05:42';

const NUMBER = /^\d+(?:[.,]\d+)?$/;
const EXPECTED_OF_NUMBER = `${EXPECTED} (--time-format excel, epoch or epoch-ms reads numbers)`;

const refuse = (expected: string): { ok: false; expected: string } => ({ ok: false, expected });

/** The beginning of a time of day in a separate column beside the date. */
export const TIME_OF_DAY = /^\d{1,2}:\d{2}/;

/**
 * The order of day and month that a date proves, because one of its two numbers cannot be a month; 'unproven'
 * if both can be and they differ. Undefined for a text that says nothing about the order.
 */
export const provenOrder = (text: string): 'day-first' | 'month-first' | 'unproven' | undefined => {
  const groups = EITHER_FIRST.exec(plainDigits(text).trim())?.groups;
  if (groups === undefined) return undefined;
  if (Number(groups.first) > 12) return groups.year!.length === 4 ? 'day-first' : undefined;
  if (Number(groups.other) > 12) return 'month-first';
  return groups.first === groups.other ? undefined : 'unproven';
};

/**
 * Makes a parser of times in order tables. A time with a zone, such as `Z`, `UTC`, `PST` or an offset, is read in that zone; any
 * other is wall-clock time in `timeZone` (an IANA name). A date without a time of day means midnight. Fractions are cut to
 * milliseconds; Excel's serial numbers are rounded to seconds.
 */
export const timeParser = (format: TimeFormat, timeZone: string): TimeParser => {
  const toUtc = wallTimeToUtc(timeZone);
  switch (format) {
    case 'epoch':
      return numberParser(/^\d{1,11}(?:\.\d+)?$/, 'seconds since 1970', (seconds) => seconds * 1_000);
    case 'epoch-ms':
      return numberParser(/^\d{1,14}(?:\.\d+)?$/, 'milliseconds since 1970', (ms) => ms);
    case 'excel':
      return numberParser(
        /^\d{1,7}(?:\.\d+)?$/,
        "a date as Excel's serial number such as 45972.5",
        (serial) =>
          serial < EXCEL_SERIAL_MIN || serial > EXCEL_SERIAL_MAX
            ? undefined
            : toUtc(EXCEL_EPOCH_MS + Math.round(serial * DAY_SECONDS) * 1_000),
      );
    case 'auto':
    case 'day-first':
    case 'month-first':
      return (given) => parseCalendar(plainDigits(given).trim(), format, toUtc);
    default:
      return format satisfies never;
  }
};

const numberParser =
  (form: RegExp, expected: string, toMs: (value: number) => number | undefined): TimeParser =>
  (text) => {
    const ms = form.test(text.trim()) ? toMs(Number(text)) : undefined;
    return ms === undefined ? refuse(expected) : { ok: true, value: Math.floor(ms) };
  };

const parseCalendar = (
  text: string,
  format: 'auto' | 'day-first' | 'month-first',
  toUtc: (wallMs: number) => number,
): Reading<number> => {
  const groups = groupsOf(text, format);
  if (groups === 'in-doubt') {
    return refuse(
      'the year first, or --time-format day-first or month-first, because this date has two meanings',
    );
  }
  const wallMs = groups === undefined ? undefined : wallTime(groups);
  if (groups === undefined && NUMBER.test(text)) return refuse(EXPECTED_OF_NUMBER);
  if (groups === undefined || wallMs === undefined) return refuse(EXPECTED);
  const { zone } = groups;
  if (zone === undefined) return { ok: true, value: toUtc(wallMs) };
  // A date with a zone but without a time of day is not an instant.
  if (groups.hour === undefined) return refuse(EXPECTED);
  const offsetMs = zoneOffsetMs(zone);
  if (offsetMs === undefined) return refuse('an offset from -23:59 to +23:59');
  return { ok: true, value: wallMs - offsetMs };
};

const groupsOf = (
  text: string,
  format: 'auto' | 'day-first' | 'month-first',
): Groups | 'in-doubt' | undefined => {
  for (const form of [...YEAR_FIRST, COMPACT, ...NAMED]) {
    const groups = form.exec(text)?.groups;
    if (groups !== undefined) return groups;
  }
  const groups = EITHER_FIRST.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { first, other, year, mark } = groups;
  if (format === 'auto' && first !== other) return 'in-doubt';
  if (format === 'auto' && year!.length === 2) return 'in-doubt';
  // In dates with points the month never comes first, so this date is not written like the others.
  if (format === 'month-first' && mark === '.') return 'in-doubt';
  return format === 'month-first'
    ? { ...groups, month: first, day: other }
    : { ...groups, month: other, day: first };
};

const yearOf = (text: string): number => {
  const year = Number(text);
  if (text.length === 4) return year;
  return year + (year >= CENTURY_TURN ? 1_900 : 2_000);
};

/** The wall-clock time as if it were UTC, in ms; undefined if there is no such date or time of day. */
const wallTime = (groups: Groups): number | undefined => {
  const month = groups.name === undefined ? Number(groups.month) - 1 : monthOf(groups.name);
  if (month === undefined) return undefined;
  const day = Number(groups.day);
  const date = new Date(0);
  date.setUTCFullYear(yearOf(groups.year!), month, day);
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined;
  const hour = hourOf(groups);
  const minute = Number(groups.minute ?? 0);
  const second = Number(groups.second ?? 0);
  if (hour === undefined || minute > 59 || second > 59) return undefined;
  const ms = Number((groups.fraction ?? '').padEnd(3, '0').slice(0, 3));
  return date.setUTCHours(hour, minute, second, ms);
};

/** The hour of the day from 0 to 23, converted from a 12-hour clock if AM or PM is given; undefined for an impossible hour. */
const hourOf = (groups: Groups): number | undefined => {
  const hour = Number(groups.hour ?? 0);
  const half =
    groups.half?.toUpperCase().replace(/[^APM]/g, '') ??
    (groups.half1 && (/[下後후]/.test(groups.half1) ? 'PM' : 'AM'));
  if (half === undefined) return hour > 23 ? undefined : hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === 'PM' ? 12 : 0);
};

/** The abbreviations in Amazon's reports; most others name several time zones. */
const HOURS_OF: Readonly<Record<string, number>> = { PST: -8, PDT: -7, JST: 9 };

const zoneOffsetMs = (zone: string): number | undefined => {
  const name = zone.toUpperCase();
  const named = HOURS_OF[name];
  if (named !== undefined) return named * 60 * MINUTE_MS;
  const offset = name.replace(/^(?:UTC|GMT)/, '');
  if (offset === '' || offset === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
};
