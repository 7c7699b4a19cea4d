/** Chooses the length of the windows of a replay's campaign. */
import { MAX_WINDOW_SECONDS } from '#events/sections/metrics.ts';

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** No shorter window is chosen: this is the contract's own default, and the finest a live screen can show. */
const WINDOW_SECONDS_MIN = 10 * SECOND;
/** With fewer events in a window, its fixed cost (its row and the rows above it) would make each order expensive. */
const EVENTS_A_WINDOW = 2_500;
/**
 * The total of a campaign merges at most 60 rows. With no more windows than that, there are no rows between the windows and the
 * total.
 */
const WINDOWS_MAX = 60;

/** The lengths to choose from. The last is the longest that the contract takes. */
const HUMAN_SECONDS = [
  ...[10, 30].map((n) => n * SECOND),
  ...[1, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 180, 366].map((n) => n * DAY),
];

/**
 * The window length, in seconds, for replaying `events` events that span `spanMs`: long enough for 2,500 events a
 * window on average, and for at most 60 windows wherever in a window the first event falls, rounded up to a length
 * people use (10 s … 90 days, 180 days, a year of 366).
 */
export const replayWindow = (spanMs: number, events: number): number => {
  const windows = Math.max(1, Math.min(WINDOWS_MAX - 1, Math.floor(events / EVENTS_A_WINDOW)));
  const seconds = Math.max(WINDOW_SECONDS_MIN, spanMs / 1_000 / windows);
  return HUMAN_SECONDS.find((length) => length >= seconds) ?? MAX_WINDOW_SECONDS;
};
