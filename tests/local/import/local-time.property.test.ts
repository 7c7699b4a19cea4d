import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTimeZone } from '#local/import/local-time.ts';
import { provenOrder, type TimeFormat, timeParser } from '#local/import/times.ts';

const at = (zone: string, text: string, format: TimeFormat = 'auto'): string => {
  const reading = timeParser(format, zone)(text);
  return reading.ok ? new Date(reading.value).toISOString() : reading.expected;
};

/** The wall-clock time as Intl writes it. */
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
    expect(timeParser('auto', 'UTC')(text).ok).toBe(false);
  });

  it('is read in the given zone if it does not name its own', () => {
    expect(at('America/Sao_Paulo', '2017-07-01 12:00:00')).toBe('2017-07-01T15:00:00.000Z');
    expect(at('America/Sao_Paulo', '2017-12-01 12:00:00')).toBe('2017-12-01T14:00:00.000Z');
    expect(at('America/Sao_Paulo', '2017-12-01 12:00:00Z')).toBe('2017-12-01T12:00:00.000Z');
  });

  it('is moved forward by the length of the gap if the clock skipped it', () => {
    expect(at('Europe/Berlin', '2024-03-31 01:59:59')).toBe('2024-03-31T00:59:59.000Z');
    expect(at('Europe/Berlin', '2024-03-31 02:30:00')).toBe('2024-03-31T01:30:00.000Z');
    expect(at('Europe/Berlin', '2024-03-31 03:00:00')).toBe('2024-03-31T01:00:00.000Z');
    expect(at('America/Sao_Paulo', '2017-10-15 00:00:00')).toBe('2017-10-15T03:00:00.000Z');
    expect(at('Australia/Lord_Howe', '2024-10-06 02:15:00')).toBe('2024-10-05T15:45:00.000Z');
    // Samoa left out a whole day when it moved across the date line.
    expect(at('Pacific/Apia', '2011-12-30 12:00:00')).toBe('2011-12-30T22:00:00.000Z');
  });

  it('is the first of the two if the clock showed it twice', () => {
    expect(at('Europe/Berlin', '2024-10-27 02:30:00')).toBe('2024-10-27T00:30:00.000Z');
    expect(at('America/New_York', '2024-11-03 01:30:00')).toBe('2024-11-03T05:30:00.000Z');
    expect(at('America/Sao_Paulo', '2018-02-17 23:30:00')).toBe('2018-02-18T01:30:00.000Z');
    expect(at('Australia/Lord_Howe', '2024-04-07 01:45:00')).toBe('2024-04-06T14:45:00.000Z');
  });

  it('is shown in every zone as it was written, whether it occurs once or twice', () => {
    const anySecond = fc.integer({ min: 0, max: Date.UTC(2030, 0, 1) / 1_000 });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anySecond, (zone, second) => {
        const ms = second * 1_000;
        const reading = timeParser('auto', zone)(wallAt(zone, ms));
        if (!reading.ok) throw new Error(reading.expected);
        // If the clock shows a time twice, the first of the two is read: it is not later than `ms`, and looks the same.
        expect(reading.value).toBeLessThanOrEqual(ms);
        expect(ms - reading.value).toBeLessThanOrEqual(24 * 3_600_000);
        expect(wallAt(zone, reading.value)).toBe(wallAt(zone, ms));
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on which times were read before', () => {
    const parse = timeParser('auto', 'Europe/Berlin');
    const texts = [
      '2024-03-30 12:00:00',
      '2024-03-31 02:30:00',
      '2024-10-27 02:30:00',
      '2024-03-31 12:00:00',
    ];
    const forward = texts.map((text) => parse(text));
    const backward = texts.toReversed().map((text) => timeParser('auto', 'Europe/Berlin')(text));
    expect(backward.toReversed()).toEqual(forward);
  });
});

describe('a time in another form', () => {
  it.each([
    ['2010/12/1 8:26', 'auto', '2010-12-01T08:26:00.000Z'],
    ['20101201', 'auto', '2010-12-01T00:00:00.000Z'],
    ['20101201082600', 'auto', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01 08:26:00 UTC', 'auto', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01T08:26:00.000+0000', 'auto', '2010-12-01T08:26:00.000Z'],
    ['2010年12月1日 08:26', 'auto', '2010-12-01T08:26:00.000Z'],
    ['2010年12月1日 下午8时26分05秒', 'auto', '2010-12-01T20:26:05.000Z'],
    ['2010-12-01 08:26:00 PM', 'auto', '2010-12-01T20:26:00.000Z'],
    ['2010-12-01 12:26 am', 'auto', '2010-12-01T00:26:00.000Z'],
    ['Wed Dec 01 2010 08:26:00 GMT+0000', 'auto', '2010-12-01T08:26:00.000Z'],
    ['1 Dec 2010', 'auto', '2010-12-01T00:00:00.000Z'],
    ['Dec 1, 2010 11:02:03 PM PST', 'auto', '2010-12-02T07:02:03.000Z'],
    ['11.11.2025 00:00:05', 'auto', '2025-11-11T00:00:05.000Z'],
    ['12/1/2010 8:26', 'month-first', '2010-12-01T08:26:00.000Z'],
    ['12/1/2010 8:26', 'day-first', '2010-01-12T08:26:00.000Z'],
    ['04-30-22', 'month-first', '2022-04-30T00:00:00.000Z'],
    ['1291191960', 'epoch', '2010-12-01T08:26:00.000Z'],
    ['1291191960.5', 'epoch', '2010-12-01T08:26:00.500Z'],
    ['1291191960000', 'epoch-ms', '2010-12-01T08:26:00.000Z'],
    ['40513.35', 'excel', '2010-12-01T08:24:00.000Z'],
  ] as const)('%s, read as %s, is %s', (text, format, expected) => {
    expect(at('UTC', text, format)).toBe(expected);
  });

  it.each([
    ['12/1/2010 8:26', 'auto'],
    ['01.12.2010 08:26', 'auto'],
    ['04-30-22', 'auto'],
    ['13/13/2010', 'day-first'],
    ['12/31/2010', 'day-first'],
    ['2010-12-01 13:00 PM', 'auto'],
    ['2010-12-01 08:00 BST', 'auto'],
    ['1291191960000', 'epoch'],
    ['2010-12-01', 'epoch'],
    ['1', 'excel'],
    ['2010-12/01', 'auto'],
  ] as const)('%s, read as %s, is refused', (text, format) => {
    expect(timeParser(format, 'UTC')(text).ok).toBe(false);
  });

  it('proves the order of its day and month by a number that cannot be a month', () => {
    expect(['13/1/2010', '1/13/2010', '1/2/2010', '2/2/2010', '2010-01-02'].map(provenOrder)).toEqual([
      'day-first',
      'month-first',
      'unproven',
      undefined,
      undefined,
    ]);
  });

  it('that is a serial number of Excel is wall-clock time in the given zone', () => {
    expect(at('Asia/Shanghai', '45972', 'excel')).toBe('2025-11-10T16:00:00.000Z');
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Asia/Shanghai', 'America/Sao_Paulo'])('%s is known', (zone) => {
    expect(isTimeZone(zone)).toBe(true);
  });

  it.each(['', 'Beijing', 'Mars/Olympus'])('%j is unknown', (zone) => {
    expect(isTimeZone(zone)).toBe(false);
  });
});
