export type TimeReading = { ok: true; ms: number } | { ok: false; message: string };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Days whose offset is remembered, 27 years of them. */
const QUIET_DAYS_MAX = 10_000;

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/**
 * A parser of times as order tables write them: `2017-11-24 13:05:42`, with `T` for the space, with or without
 * seconds and fractions (cut to milliseconds), or a date alone, which is its midnight. A time with `Z` or an offset
 * says itself where it is; any other is wall-clock time in `timeZone` (an IANA name).
 *
 * Where a clock is set forward, the skipped times do not exist and are moved forward by what was skipped (02:30
 * becomes 03:30). Where it is set back, repeated times mean the first of the two. This is what `Temporal` calls the
 * disambiguation `compatible` (TC39 Temporal, DisambiguatePossibleEpochNanoseconds).
 */
export const localTimeParser = (timeZone: string): ((text: string) => TimeReading) => {
  const toUtc = wallTimeToUtc(timeZone);
  return (text) => {
    const match = TIME.exec(text);
    const wallMs = match === null ? undefined : wallTime(match);
    if (match === null || wallMs === undefined) {
      return {
        ok: false,
        message: `expected a time such as 2017-11-24 13:05:42, got ${JSON.stringify(text)}`,
      };
    }
    const zone = match[8];
    if (zone === undefined) return { ok: true, ms: toUtc(wallMs) };
    const offsetMs = zoneOffsetMs(zone);
    if (offsetMs === undefined) {
      return { ok: false, message: `expected an offset from -23:59 to +23:59, got ${zone}` };
    }
    return { ok: true, ms: wallMs - offsetMs };
  };
};

/** The time on the wall as if it were UTC, in ms, or undefined where the calendar or the clock has no such time. */
const wallTime = (match: RegExpExecArray): number | undefined => {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const date = new Date(0);
  date.setUTCFullYear(year!, month! - 1, day!);
  if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day) return undefined;
  if (hour! > 23 || minute! > 59 || second! > 59) return undefined;
  return date.setUTCHours(hour!, minute!, second!, ms);
};

const zoneOffsetMs = (zone: string): number | undefined => {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
};

/**
 * Wall-clock time (in ms, as if it were UTC) to UTC. Asking Intl costs microseconds, so the offset of a day that no
 * transition is near is kept. That such a day has one offset holds because no zone has ever had two transitions within
 * three days that cancel out.
 */
const wallTimeToUtc = (timeZone: string): ((wallMs: number) => number) => {
  if (timeZone === 'UTC') return (wallMs) => wallMs;
  const offsetAt = offsetReader(timeZone);
  const quietDays = new Map<number, number>();
  return (wallMs) => {
    const day = Math.floor(wallMs / DAY_MS);
    const quietOffsetMs = quietDays.get(day);
    if (quietOffsetMs !== undefined) return wallMs - quietOffsetMs;
    const beforeMs = offsetAt((day - 1) * DAY_MS);
    const afterMs = offsetAt((day + 2) * DAY_MS);
    if (beforeMs === afterMs) {
      if (quietDays.size === QUIET_DAYS_MAX) quietDays.clear();
      quietDays.set(day, beforeMs);
      return wallMs - beforeMs;
    }
    const candidates = [wallMs - beforeMs, wallMs - afterMs].filter((ms) => wallMs - ms === offsetAt(ms));
    // No candidate means the clock jumped over this time; the offset before the jump moves it forward by the jump.
    return candidates.length === 0 ? wallMs - beforeMs : Math.min(...candidates);
  };
};

/** The offset of a zone from UTC, in ms (positive to the east), at an instant. */
const offsetReader = (timeZone: string): ((utcMs: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (utcMs) => {
    const parts: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(utcMs)) parts[type] = value;
    const wall = new Date(0);
    const year = Number(parts.year);
    wall.setUTCFullYear(
      parts.era?.startsWith('B') ? 1 - year : year,
      Number(parts.month) - 1,
      Number(parts.day),
    );
    wall.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
    return wall.getTime() - Math.floor(utcMs / 1_000) * 1_000;
  };
};
