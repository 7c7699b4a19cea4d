import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WINDOW_SECONDS } from '#events/sections/metrics.ts';
import { replayWindow } from '#local/replay/replay-window.ts';

const DAY_MS = 86_400_000;
const anySpan = fc.integer({ min: 0, max: 1_800 * DAY_MS });
const anyCount = fc.integer({ min: 1, max: 100_000_000 });

const windowsTouched = (firstMs: number, spanMs: number, windowMs: number): number =>
  Math.floor((firstMs + spanMs) / windowMs) - Math.floor(firstMs / windowMs) + 1;

describe('the window of a replay', () => {
  it.each([
    ['a minute of a few events', 60_000, 50, 60],
    ['an hour of 100,000 events', 3_600_000, 100_000, 300],
    ['a day of a million events', DAY_MS, 1_000_000, 1_800],
    ['two years of 23,000 events', 730 * DAY_MS, 23_000, 90 * 86_400],
    ['an instant', 0, 1, 10],
    ['five years of a few events', 1_800 * DAY_MS, 10, MAX_WINDOW_SECONDS],
  ])('over %s (%i ms, %i events) is %i s', (_, spanMs, events, seconds) => {
    expect(replayWindow(spanMs, events)).toBe(seconds);
  });

  it('is within what the contract allows', () => {
    fc.assert(
      fc.property(anySpan, anyCount, (spanMs, events) => {
        const seconds = replayWindow(spanMs, events);
        expect(seconds).toBeGreaterThanOrEqual(10);
        expect(seconds).toBeLessThanOrEqual(MAX_WINDOW_SECONDS);
      }),
    );
  });

  it('cuts the span into at most 60 windows, wherever in a window the span begins', () => {
    fc.assert(
      fc.property(anySpan, anyCount, fc.integer({ min: 0, max: 2e12 }), (spanMs, events, firstMs) => {
        expect(windowsTouched(firstMs, spanMs, replayWindow(spanMs, events) * 1_000)).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('holds 2,500 events or more on average, unless the contract allows no window that long', () => {
    fc.assert(
      fc.property(anySpan, anyCount, (spanMs, events) => {
        const seconds = replayWindow(spanMs, events);
        const windows = Math.max(1, spanMs / 1_000 / seconds);
        fc.pre(windows > 1 && seconds < MAX_WINDOW_SECONDS);
        expect(events / windows).toBeGreaterThanOrEqual(2_500);
      }),
    );
  });
});
