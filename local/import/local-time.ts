/** Converts wall-clock times to UTC. */
import { Temporal } from 'temporal-polyfill';

const DAY_MS = 24 * 60 * 60_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** For how many days the offset is remembered: 27 years. */
const QUIET_DAYS_MAX = 10_000;

export const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/**
 * Converts wall-clock time of a zone (in ms, as if it were UTC) to UTC. When the clock is set forward, the skipped times do not
 * exist and are moved forward by what was skipped (02:30 becomes 03:30). When it is set back, a repeated time means the first of
 * the two. This is what `Temporal` calls the disambiguation `compatible`.
 *
 * Temporal takes microseconds for a call, so the offset of a day without a transition nearby is kept. Such a day has a single
 * offset, because no zone has ever had two transitions within three days that cancel out.
 */
export const wallTimeToUtc = (timeZone: string): ((wallMs: number) => number) => {
  if (timeZone === 'UTC') return (wallMs) => wallMs;
  const offsetAt = (utcMs: number): number =>
    Temporal.Instant.fromEpochMilliseconds(utcMs).toZonedDateTimeISO(timeZone).offsetNanoseconds /
    NANOSECONDS_PER_MS;
  const quietDays = new Map<number, number>();
  return (wallMs) => {
    const day = Math.floor(wallMs / DAY_MS);
    const quietOffsetMs = quietDays.get(day);
    if (quietOffsetMs !== undefined) return wallMs - quietOffsetMs;
    const beforeMs = offsetAt((day - 1) * DAY_MS);
    if (beforeMs === offsetAt((day + 2) * DAY_MS)) {
      if (quietDays.size === QUIET_DAYS_MAX) quietDays.clear();
      quietDays.set(day, beforeMs);
      return wallMs - beforeMs;
    }
    return Temporal.Instant.fromEpochMilliseconds(wallMs)
      .toZonedDateTimeISO('UTC')
      .toPlainDateTime()
      .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
  };
};
