import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone, localTimeParser } from '#local/replay/sources/local-time.ts';

const at = (zone: string, text: string): string => {
  const reading = localTimeParser(zone)(text);
  return reading.ok ? new Date(reading.ms).toISOString() : reading.message;
};

/** What the clock on the wall shows, as Intl writes it. */
const wallAt = (zone: string, ms: number): string =>
  new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(ms);

const ZONES = [
  'UTC',
  'Asia/Shanghai',
  'America/Sao_Paulo',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Kathmandu',
];

describe('a time in an order table', () => {
  it.each([
    ['2017-11-24 13:05:42', '2017-11-24T13:05:42.000Z'],
    ['2017-11-24T13:05:42', '2017-11-24T13:05:42.000Z'],
    ['2017-11-24 13:05', '2017-11-24T13:05:00.000Z'],
    ['2017-11-24T13:05:42.7', '2017-11-24T13:05:42.700Z'],
    ['2017-11-24T13:05:42.123999', '2017-11-24T13:05:42.123Z'],
    ['2017-11-24T13:05:42Z', '2017-11-24T13:05:42.000Z'],
    ['2017-11-24T13:05:42+08:00', '2017-11-24T05:05:42.000Z'],
    ['2017-11-24 13:05:42 -0330', '2017-11-24T16:35:42.000Z'],
    ['1997-01-12', '1997-01-12T00:00:00.000Z'],
    ['2016-02-29', '2016-02-29T00:00:00.000Z'],
  ])('%s is %s in UTC', (text, expected) => {
    expect(at('UTC', text)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2017-02-29',
    '2017-13-01',
    '2017-00-10',
    '2017-11-31 10:00:00',
    '2017-11-24 24:00:00',
    '2017-11-24 10:60:00',
    '2017-11-24 10:00:60',
    '24/11/2017',
    '2017-11-24Z',
    '1511528742',
    '2017-11-24 10:00:00 +24:00',
  ])('%j is refused', (text) => {
    expect(localTimeParser('UTC')(text).ok).toBe(false);
  });

  it('is moved by the zone where it does not say its own', () => {
    expect(at('America/Sao_Paulo', '2017-07-01 12:00:00')).toBe('2017-07-01T15:00:00.000Z');
    expect(at('America/Sao_Paulo', '2017-12-01 12:00:00')).toBe('2017-12-01T14:00:00.000Z');
    expect(at('America/Sao_Paulo', '2017-12-01 12:00:00Z')).toBe('2017-12-01T12:00:00.000Z');
  });

  it('that the clock skipped is moved forward by what was skipped', () => {
    expect(at('Europe/Berlin', '2024-03-31 01:59:59')).toBe('2024-03-31T00:59:59.000Z');
    expect(at('Europe/Berlin', '2024-03-31 02:30:00')).toBe('2024-03-31T01:30:00.000Z');
    expect(at('Europe/Berlin', '2024-03-31 03:00:00')).toBe('2024-03-31T01:00:00.000Z');
    expect(at('America/Sao_Paulo', '2017-10-15 00:00:00')).toBe('2017-10-15T03:00:00.000Z');
    expect(at('Australia/Lord_Howe', '2024-10-06 02:15:00')).toBe('2024-10-05T15:45:00.000Z');
    // Samoa left out a whole day when it moved across the date line.
    expect(at('Pacific/Apia', '2011-12-30 12:00:00')).toBe('2011-12-30T22:00:00.000Z');
  });

  it('that the clock showed twice is the first of the two', () => {
    expect(at('Europe/Berlin', '2024-10-27 02:30:00')).toBe('2024-10-27T00:30:00.000Z');
    expect(at('America/New_York', '2024-11-03 01:30:00')).toBe('2024-11-03T05:30:00.000Z');
    expect(at('America/Sao_Paulo', '2018-02-17 23:30:00')).toBe('2018-02-18T01:30:00.000Z');
    expect(at('Australia/Lord_Howe', '2024-04-07 01:45:00')).toBe('2024-04-06T14:45:00.000Z');
  });

  it('comes back as the wall shows it, in every zone, at every time that is there only once', () => {
    const anySecond = fc.integer({ min: 0, max: Date.UTC(2030, 0, 1) / 1_000 });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anySecond, (zone, second) => {
        const ms = second * 1_000;
        const reading = localTimeParser(zone)(wallAt(zone, ms));
        if (!reading.ok) throw new Error(reading.message);
        // Where the clock shows a time twice, the first is meant: never later, and the wall looks the same.
        expect(reading.ms).toBeLessThanOrEqual(ms);
        expect(ms - reading.ms).toBeLessThanOrEqual(24 * 3_600_000);
        expect(wallAt(zone, reading.ms)).toBe(wallAt(zone, ms));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on which times were read before', () => {
    const parse = localTimeParser('Europe/Berlin');
    const texts = [
      '2024-03-30 12:00:00',
      '2024-03-31 02:30:00',
      '2024-10-27 02:30:00',
      '2024-03-31 12:00:00',
    ];
    const forward = texts.map((text) => parse(text));
    const backward = texts.toReversed().map((text) => localTimeParser('Europe/Berlin')(text));
    expect(backward.toReversed()).toEqual(forward);
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Asia/Shanghai', 'America/Sao_Paulo'])('%s is known', (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each(['', 'Beijing', 'Mars/Olympus'])('%j is not', (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });
});
