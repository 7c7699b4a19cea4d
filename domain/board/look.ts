/** In which language, theme and time zone a screen is drawn. */
import { MINUTE_MS } from '#platform/duration.ts';
import type { RenderOptions } from './render.ts';
import type { BoardRequest } from './request.ts';
import type { SaleDisplay } from './view.ts';

const PARTS = {
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  hourCycle: 'h23',
} as const;

/** How far a time zone is ahead of UTC at a time, in minutes. Throws a RangeError for a zone that does not exist. */
export const zoneOffsetMinutes = (timeZone: string, atMs: number): number => {
  const parts = new Intl.DateTimeFormat('en', { ...PARTS, timeZone }).formatToParts(atMs);
  const part = (name: string): number => Number(parts.find(({ type }) => type === name)?.value);
  const localMs = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return Math.round((localMs - atMs) / MINUTE_MS);
};

/**
 * How a screen is drawn: as the request's parameters say, else as the sale's definition does, else as the
 * viewer's console does.
 */
export const lookOf = (
  { asked, viewer, theme }: BoardRequest,
  display: SaleDisplay = {},
  nowMs: number,
): RenderOptions => {
  const { timeZone } = display;
  const ofZone = timeZone === undefined ? undefined : zoneOffsetMinutes(timeZone, nowMs);
  const offsetMinutes = asked.offsetMinutes ?? ofZone ?? viewer.offsetMinutes;
  return {
    locale: asked.locale ?? display.locale ?? viewer.locale,
    theme,
    ...(offsetMinutes === undefined ? {} : { offsetMinutes }),
  };
};
