/** How the screen writes times and lengths of time. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import type { Locale } from './locale.ts';

/** How far China's time is ahead of UTC, in minutes. It is the same all year. */
export const CHINA_OFFSET_MINUTES = 480;

const two = (value: number): string => String(value).padStart(2, '0');

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A date whose UTC fields show the time of a place that is `offsetMinutes` ahead of UTC. */
const localDate = (ms: number, offsetMinutes: number): Date => new Date(ms + offsetMinutes * MINUTE_MS);

/** `20:31` */
export const formatClock = (ms: number, offsetMinutes: number): string => {
  const local = localDate(ms, offsetMinutes);
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
};

/** `20:31:10` */
export const formatClockSeconds = (ms: number, offsetMinutes: number): string =>
  `${formatClock(ms, offsetMinutes)}:${two(localDate(ms, offsetMinutes).getUTCSeconds())}`;

/** `11 Nov` or `11月11日`. */
export const formatDay = (ms: number, offsetMinutes: number, locale: Locale): string => {
  const local = localDate(ms, offsetMinutes);
  const [month, day] = [local.getUTCMonth(), local.getUTCDate()];
  return locale === 'zh-CN' ? `${month + 1}月${day}日` : `${day} ${MONTHS[month]}`;
};

/** `2026-11-11` */
export const formatDate = (ms: number, offsetMinutes: number): string =>
  localDate(ms, offsetMinutes).toISOString().slice(0, 10);

/** `UTC+8`, `UTC−3:30` */
export const formatOffset = (offsetMinutes: number): string => {
  if (offsetMinutes === 0) return 'UTC';
  const size = Math.abs(offsetMinutes);
  const minutes = size % 60 === 0 ? '' : `:${two(size % 60)}`;
  return `UTC${offsetMinutes < 0 ? '−' : '+'}${Math.trunc(size / 60)}${minutes}`;
};

/** Up to the first length, a campaign's clock shows minutes and seconds; up to the second, hours too; beyond it, days. */
const MINUTES_CLOCK_UP_TO_MS = 100 * MINUTE_MS;
const HOURS_CLOCK_UP_TO_MS = 100 * HOUR_MS;

/** Time since a campaign's start, as suits the campaign's length: `42:10` for an hour, `7:05:00` for a day, `12.4` for weeks. */
export const formatElapsed = (ms: number, totalMs: number): string => {
  const seconds = Math.trunc(ms / SECOND_MS);
  const minutes = Math.trunc(ms / MINUTE_MS);
  if (totalMs <= MINUTES_CLOCK_UP_TO_MS) return `${two(minutes)}:${two(seconds % 60)}`;
  if (totalMs <= HOURS_CLOCK_UP_TO_MS) {
    return `${Math.trunc(ms / HOUR_MS)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  }
  const tenths = Math.trunc((ms * 10) / DAY_MS);
  return tenths % 10 === 0 ? String(tenths / 10) : `${Math.trunc(tenths / 10)}.${tenths % 10}`;
};

/**
 * What is left until a time, as whole days and the rest: `01:35` if it is less than an hour, `02:01:35` if less than a day, and
 * otherwise such as 3 days and `02:01`. A started second counts as a whole one.
 */
export const formatCountdown = (leftMs: number): { days: number; clock: string } => {
  const seconds = Math.max(0, Math.ceil(leftMs / SECOND_MS));
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3_600) % 24, (seconds / 60) % 60].map(
    Math.trunc,
  );
  const parts = [hours!, minutes!, seconds % 60].map(two);
  if (days! > 0) return { days: days!, clock: parts.slice(0, 2).join(':') };
  return { days: 0, clock: (hours === 0 ? parts.slice(1) : parts).join(':') };
};

/** Whether a campaign's length is counted in days, and its times need a date. */
export const isCountedInDays = (totalMs: number): boolean => totalMs > HOURS_CLOCK_UP_TO_MS;

/** The lengths between marks on a time axis, the shortest first. */
const STEPS_MS = [
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  5 * DAY_MS,
  10 * DAY_MS,
  30 * DAY_MS,
  90 * DAY_MS,
  365 * DAY_MS,
] as const;

/** The elapsed times, in ms, at which an axis of `totalMs` is marked: round times, with at most `atMost` intervals. */
export const axisTimes = (totalMs: number, atMost: number): number[] => {
  const step = STEPS_MS.find((one) => totalMs / one <= atMost) ?? STEPS_MS.at(-1)!;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, i) => i * step);
};
