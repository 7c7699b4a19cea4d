import { describe, expect, it } from 'vitest';
import { packExamples, unpackExamples } from '#domain/learning/example-block.ts';
import { decodeUseStatistics, issuedIn, useStatisticsOf } from '#domain/learning/use-statistics.ts';

/** A block that was written in November 2026, with the examples of one coupon, which was given and used. */
const BLOCK_1 =
  'AQImlZ8loNmSZOT6XQkr6+4oDWz03NqDP0lr2HF1+c4MBgZGRkZmZgmJBsYGxqKilJSwMA8PKysdHTk5AQEmJm5uSUl1dVNTZ+fAwPj43Nzq6k7GTsbpjNMZlzIuZdzMuJnxIONBRgA=';
/** The statistics of that block's examples. */
const STATISTICS_1 = [
  'AZNgYhgFo2AUjIJRMApGwSgYBaMAK2BscGiwfGTUYHREp0O9QXuZ2hnFTzINKh0KE2RmSCwQaZB9JXlFbJ/wCoFJvA1iZ4Rn',
  'CD7h28Dzh/MEewP/Ot473F1cOziesU1hPcTcwDGBfQHbBtYDLBeYHzB9YGxgbGAsSgnzsNKRE2D6z7qa9TpLM8t65ttM7Uyb',
  'GeO5Pf7znOSezHWXYzn7R9bdLK3M5xkl5zBeYvov/FzwPP923vnc7Zzv2a6z7GdS/8DYwbKA7b9Uq0S36ESh6fxzeRZzrmRb',
  'z2x6hGkf6w6OTdz/FRfLHZd6LdYvvJn/Ovdv9vkszjOYv7Bd4FrD1yH0X+OgSrPCUel28ZNC3XxnOftZA98wr+J4wbNM8Ino',
  'Iqn/+ve19qvOV/gvdV90v8B87v+s8QdYHnA28C8QOSD5QK5B5b/ZX4PfWj9Vvst9lfgs9JHnPVvuFNZp3DMEZ4nPkZ2nvEBz',
  'kf5/29nm2w0ua75X6pZZLnqY7z579QvWMzwbhKdI/VC4o35Ab4lph81/l522n03X6j1XWyh/W3yqwHmOTsY9bE18J0T7ZK+o',
  'zNJ5YLzM+o3TJq//3ted11u3G9/X2q7UL/VccD/ndMYJ7Dv4H4h3KGzQuGHQYLnC8YLnj8AFUf+Dvnq+dnhofl3vrOphmZ3C',
  '67mWMj5hfyfwQ7JJuUdnmukCu1XuWwL2RZ5IupT9P3JywHK33TbnjR5rfJfrFp3PvZlxB8cSoQkyf1Rf6F+xPOC8xndGeEvi',
  'h6w7JSfq/idsDHvsPdXxuNlP7dWKd8X6eQ4y9nDeEl4h903jiPEkuwce64L/xJ7KmFH8rHZLB2PTZOS45pZUN3UOjM+t7mSc',
  'zriUcTPjQcbRbEYFAAA=',
].join('');

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const FEATURES = Array.from({ length: 24 }, (_, i) => 64 - 7 * i);

describe('a block of examples', () => {
  it('of version 1 is read as it was written, and packed again to the same bytes', () => {
    const examples = unpackExamples(bytesOf(BLOCK_1));
    expect(examples.map(({ kind, occasion, fold }) => [kind, occasion, fold])).toEqual([
      ['issued', 'order', 3],
      ['redeemed', 'order', 3],
    ]);
    for (const { timeMs, features } of examples) {
      expect(timeMs).toBe(1_794_398_400_000);
      expect(features).toEqual(FEATURES);
    }
    expect(Buffer.from(packExamples(examples)[0]!.body).toString('base64')).toBe(BLOCK_1);
  });

  it('is refused if its version is unknown', () => {
    expect(() => unpackExamples(Uint8Array.of(7))).toThrow('block of examples version: expected 1, got 7');
  });
});

describe('statistics of use', () => {
  it('of version 1 are read as they were written', () => {
    const statistics = decodeUseStatistics(bytesOf(STATISTICS_1));
    expect(statistics).toEqual(useStatisticsOf(unpackExamples(bytesOf(BLOCK_1))));
    expect([issuedIn(statistics), statistics.used]).toEqual([1, 1]);
  });

  it('are refused if their version is unknown', () => {
    expect(() => decodeUseStatistics(Uint8Array.of(7))).toThrow(
      'statistics of use version: expected 1, got 7',
    );
  });
});
