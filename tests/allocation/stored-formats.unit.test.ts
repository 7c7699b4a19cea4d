import { describe, expect, it } from 'vitest';
import { Histogram } from '#domain/allocation/histogram.ts';
import { Sample } from '#domain/allocation/sample.ts';

/** Written in November 2026, of two members: the first has two offers, and the second has one. */
const HISTOGRAM_1 = 'AQkCAwAAAAAAAAAAA4yYAvQDu0klvAW2vN4IrAIrXA==';
const SAMPLE_1 = 'AQIAAnhWNBICAADAP6wCAAAAEEDoBwHw3ryaAQAAAD/0AwA=';

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('a stored histogram', () => {
  it('of version 1 is read and written again byte for byte', () => {
    const histogram = Histogram.decode(bytesOf(HISTOGRAM_1));
    expect([histogram.members, histogram.edges, histogram.costAbove(0)]).toEqual([2, 3, 1_500]);
    expect(base64Of(histogram.encode())).toBe(HISTOGRAM_1);
  });

  it('is refused if its version is unknown', () => {
    expect(() => Histogram.decode(Uint8Array.of(7))).toThrow('histogram version: expected 1, got 7');
  });

  it('is refused before it takes memory if a bucket or the number of bits is out of range', () => {
    const head = [1, 9, 1, 1, ...new Array(8).fill(0), 1];
    const far = Uint8Array.from([...head, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0]);
    expect(() => Histogram.decode(far)).toThrow('histogram bucket: expected one below 65536, got 268435455');
    const infinite = Uint8Array.from([...head, ...new Array(150).fill(0xff), 0x7f, 1, 0, 0]);
    expect(() => Histogram.decode(infinite)).toThrow('varint: expected an integer up to 2^53 - 1');
    expect(() => new Histogram(9).addBucket(Number.NaN, 1)).toThrow('expected one below 65536, got NaN');
    expect(() => Histogram.decode(Uint8Array.of(1, 30))).toThrow(
      'histogram bits: expected at most 9, got 30',
    );
  });
});

describe('a stored sample', () => {
  it('of version 1 is read and written again byte for byte', () => {
    const sample = Sample.decode(bytesOf(SAMPLE_1), 64);
    expect([...sample.kept.costFen.subarray(0, 3)]).toEqual([300, 1_000, 500]);
    expect([...sample.kept.value.subarray(0, 3)]).toEqual([1.5, 2.25, 0.5]);
    expect(base64Of(sample.encode())).toBe(SAMPLE_1);
  });

  it('is refused if its version is unknown', () => {
    expect(() => Sample.decode(Uint8Array.of(7), 64)).toThrow('sample version: expected 1, got 7');
  });
});
