import { describe, expect, it } from 'vitest';
import { formatTime, parseTime } from '#events/contract.ts';
import { canonicalTime } from '#events/time.ts';

const pad = (value: number, length = 2) => String(value).padStart(length, '0');

describe('a time', () => {
  it('is accepted for exactly the days that the calendar has, from 1970 on', () => {
    const wrong: string[] = [];
    for (const year of [
      0,
      1900,
      1968,
      1969,
      ...Array.from({ length: 450 }, (_, i) => 1970 + i),
      4000,
      9900,
      9999,
    ]) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}T12:34:56.789Z`;
          const date = new Date(0);
          date.setUTCFullYear(year, month - 1, day);
          const exists =
            date.getUTCMonth() === month - 1 && date.getUTCDate() === day && month >= 1 && month <= 12;
          if ((parseTime(text) !== undefined) !== (exists && year >= 1970)) wrong.push(text);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has hours up to 23, and minutes and seconds up to 59', () => {
    for (let value = 0; value < 100; value++) {
      expect(parseTime(`2026-11-11T${pad(value)}:00:00Z`) !== undefined).toBe(value < 24);
      expect(parseTime(`2026-11-11T00:${pad(value)}:00Z`) !== undefined).toBe(value < 60);
      expect(parseTime(`2026-11-11T00:00:${pad(value)}Z`) !== undefined).toBe(value < 60);
    }
  });

  it('may have a fraction of any length, which is cut or padded to three digits', () => {
    for (const [fraction, canonical] of [
      ['', '.000'],
      ['.5', '.500'],
      ['.05', '.050'],
      ['.005', '.005'],
      ['.0000', '.000'],
      ['.123456', '.123'],
      ['.9999999999', '.999'],
    ]) {
      const timeMs = parseTime(`2026-11-11T00:00:00${fraction}Z`);
      expect(formatTime(timeMs ?? Number.NaN)).toBe(`2026-11-11T00:00:00${canonical}Z`);
    }
    for (const text of [
      '2026-11-11T00:00:00.Z',
      '2026-11-11 00:00:00Z',
      '2026-11-11T00:00Z',
      '2026-11-11T00:00:00+0800',
      '2026-11-11T00:00:00+08:60',
      '1970-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59-00:01',
      ' 2026-11-11T00:00:00Z',
      '2026-11-11T00:00:00Z\n',
    ]) {
      expect(parseTime(text)).toBeUndefined();
    }
  });

  it.each([
    ['2026-11-11T00:01:00+08:00', '2026-11-10T16:01:00.000Z'],
    ['2026-11-10T16:01:00-00:00', '2026-11-10T16:01:00.000Z'],
    ['2026-11-10t16:01:00z', '2026-11-10T16:01:00.000Z'],
    ['2026-11-10t16:01:00.000z', '2026-11-10T16:01:00.000Z'],
    ['2026-11-10T16:01:00.123456+00:00', '2026-11-10T16:01:00.123Z'],
    ['2026-12-31T23:30:00-03:30', '2027-01-01T03:00:00.000Z'],
  ])('%s is the instant %s', (text, canonical) => {
    expect(canonicalTime(text)).toBe(canonical);
  });
});
