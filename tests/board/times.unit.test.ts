import { describe, expect, it } from 'vitest';
import {
  axisTimes,
  formatClock,
  formatClockSeconds,
  formatCountdown,
  formatDate,
  formatDay,
  formatElapsed,
  formatOffset,
} from '#domain/board/render/times.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const EVENING_MS = Date.parse('2026-11-10T16:31:09.999Z');

describe('times on the screen', () => {
  it('are those of the requested zone, whatever this machine’s zone is', () => {
    expect(formatClockSeconds(EVENING_MS, 480)).toBe('00:31:09');
    expect(formatClock(EVENING_MS, 0)).toBe('16:31');
    expect(formatClock(EVENING_MS, -210)).toBe('13:01');
    expect(formatDate(EVENING_MS, 480)).toBe('2026-11-11');
    expect(formatDay(EVENING_MS, 480, 'en')).toBe('11 Nov');
    expect(formatDay(EVENING_MS, 480, 'zh-CN')).toBe('11月11日');
  });

  it('name their offset from UTC', () => {
    expect(formatOffset(480)).toBe('UTC+8');
    expect(formatOffset(0)).toBe('UTC');
    expect(formatOffset(-210)).toBe('UTC−3:30');
  });

  it('count down to the second, or to the minute while days remain, and count a second that has begun as a whole one', () => {
    expect(formatCountdown(90_000)).toEqual({ days: 0, clock: '01:30' });
    expect(formatCountdown(1)).toEqual({ days: 0, clock: '00:01' });
    expect(formatCountdown(2 * HOUR_MS + 95_000)).toEqual({ days: 0, clock: '02:01:35' });
    expect(formatCountdown(3 * DAY_MS + 2 * HOUR_MS + 95_000)).toEqual({ days: 3, clock: '02:01' });
    expect(formatCountdown(-5)).toEqual({ days: 0, clock: '00:00' });
  });

  it('count in the unit that suits the length of the sale', () => {
    expect(formatElapsed(42 * MINUTE_MS + 10_999, HOUR_MS)).toBe('42:10');
    expect(formatElapsed(HOUR_MS, HOUR_MS)).toBe('60:00');
    expect(formatElapsed(7 * HOUR_MS + 5 * MINUTE_MS, DAY_MS)).toBe('7:05:00');
    expect(formatElapsed(12 * DAY_MS + 0.45 * DAY_MS, 30 * DAY_MS)).toBe('12.4');
    expect(formatElapsed(30 * DAY_MS, 30 * DAY_MS)).toBe('30');
  });

  it.each([
    [MINUTE_MS, 2],
    [HOUR_MS, 7],
    [24 * HOUR_MS, 9],
    [11 * DAY_MS, 6],
    [243 * DAY_MS, 9],
    [1_827 * DAY_MS, 6],
    [7 * HOUR_MS + 1, 8],
  ])('mark an axis of %d ms at %d round points', (totalMs, marks) => {
    const times = axisTimes(totalMs, 9);
    expect(times).toHaveLength(marks);
    expect(times[0]).toBe(0);
    expect(times.at(-1)!).toBeLessThanOrEqual(totalMs);
    expect(times[1]! % MINUTE_MS).toBe(0);
  });
});
