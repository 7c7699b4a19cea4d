import { describe, expect, it } from 'vitest';
import { lookOf, zoneOffsetMinutes } from '#domain/board/look.ts';
import { parseRequest } from '#domain/board/request.ts';

const WINTER_MS = Date.UTC(2026, 0, 15, 12);
const SUMMER_MS = Date.UTC(2026, 6, 15, 12);

const requestOf = (event: object) => {
  const asked = parseRequest(event);
  if (asked.kind !== 'board') throw new Error(`request: expected a board, got ${asked.kind}`);
  return asked.request;
};

describe('a time zone', () => {
  it.each([
    ['UTC', WINTER_MS, 0],
    ['Asia/Shanghai', WINTER_MS, 480],
    ['America/Sao_Paulo', SUMMER_MS, -180],
    ['Asia/Kolkata', WINTER_MS, 330],
    ['Europe/Berlin', WINTER_MS, 60],
    ['Europe/Berlin', SUMMER_MS, 120],
  ])('%s at %d is ahead of UTC by %d minutes', (zone, atMs, minutes) => {
    expect(zoneOffsetMinutes(zone, atMs)).toBe(minutes);
  });
});

describe('the look of a screen', () => {
  const context = { locale: 'zh_CN', theme: 'dark', timezone: { offsetISO: '+01:00' } };
  const display = { locale: 'en', timeZone: 'America/Sao_Paulo' } as const;

  it('follows the settings of the sale, and those of the console where the sale has none', () => {
    expect(lookOf(requestOf({ widgetContext: context }), display, SUMMER_MS)).toEqual({
      locale: 'en',
      theme: 'dark',
      offsetMinutes: -180,
    });
    expect(lookOf(requestOf({ widgetContext: context }), undefined, SUMMER_MS)).toEqual({
      locale: 'zh-CN',
      theme: 'dark',
      offsetMinutes: 60,
    });
  });

  it('follows the parameters of the request before anything else', () => {
    const asked = { locale: 'zh-CN', utcOffset: '+08:00', widgetContext: context };
    expect(lookOf(requestOf(asked), display, SUMMER_MS)).toMatchObject({
      locale: 'zh-CN',
      offsetMinutes: 480,
    });
  });

  it('has no time zone if neither the request, the sale nor the console names one', () => {
    expect(lookOf(requestOf({}), {}, SUMMER_MS)).toEqual({ locale: 'en', theme: 'auto' });
  });
});
