import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountMarks, CURVE_HEIGHT, CURVE_WIDTH, shapeOf } from '#domain/board/render/curve-shape.ts';
import { layOutIntervals } from '#domain/board/render/interval-shape.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const point = (minute: number, netFen: number) => ({ elapsedMs: minute * MINUTE_MS, orders: 1, netFen });

/** The places of a path, in the drawing's units. */
const placesOf = (path: string | undefined): [number, number][] =>
  (path ?? '')
    .split(/[MLZ]/)
    .filter((place) => place !== '')
    .map((place) => place.split(' ').map(Number) as [number, number]);

describe('the curve', () => {
  it('ends with the last complete window, and what came later is drawn separately', () => {
    const curve = { windowMs: MINUTE_MS, points: [point(0, 400), point(1, 200), point(2, 50)], lastYear: [] };
    const shape = shapeOf(curve, HOUR_MS, 2.5 * MINUTE_MS);
    expect(placesOf(shape.line).at(-1)![0]).toBeCloseTo((2 / 60) * CURVE_WIDTH, 0);
    expect(placesOf(shape.partial)[0]![0]).toBeCloseTo((2 / 60) * CURVE_WIDTH, 0);
    expect(shape.watermark).toBeCloseTo(2.5 / 60);
    expect(shape.peak).toMatchObject({ elapsedMs: 0, netFen: 400 });
  });

  it('falls to zero in windows without orders, in the middle and up to the watermark', () => {
    const curve = { windowMs: MINUTE_MS, points: [point(0, 4_000), point(3, 4_000)], lastYear: [] };
    const heights = placesOf(shapeOf(curve, HOUR_MS, 5 * MINUTE_MS).line).map(([, y]) => y);
    expect(heights).toEqual([0, 0, CURVE_HEIGHT, CURVE_HEIGHT, 0, CURVE_HEIGHT, CURVE_HEIGHT]);
  });

  it('of last year is drawn to its end, even before this year has any orders', () => {
    const lastYear = Array.from({ length: 60 }, (_, minute) => point(minute, 100));
    const shape = shapeOf({ windowMs: MINUTE_MS, points: [], lastYear }, HOUR_MS, undefined);
    expect(placesOf(shape.lastYear).at(-1)![0]).toBe(CURVE_WIDTH);
    expect(shape.line).toBeUndefined();
    expect(shape.watermark).toBeUndefined();
  });

  it('merges windows if there are too many, and loses no amount', () => {
    const points = Array.from({ length: 3_600 }, (_, second) => ({
      elapsedMs: second * 1_000,
      orders: 1,
      netFen: 10,
    }));
    const shape = shapeOf({ windowMs: 1_000, points, lastYear: [] }, HOUR_MS, HOUR_MS);
    expect(shape.windowMs).toBe(8_000);
    expect(placesOf(shape.line).length).toBeLessThan(460);
    expect(shape.peak!.netFen).toBe(80);
  });

  it('stays on the drawing, whatever the amounts, the phase of the windows and the watermark', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -1, max: 70 }), fc.integer({ min: -1e12, max: 1e12 })), {
          maxLength: 30,
        }),
        fc.integer({ min: 0, max: MINUTE_MS - 1 }),
        fc.option(fc.integer({ min: -MINUTE_MS, max: 2 * HOUR_MS }), { nil: undefined }),
        (windows, phaseMs, completeMs) => {
          const points = [...new Map(windows)]
            .sort(([a], [b]) => a - b)
            .map(([minute, netFen]) => ({ elapsedMs: minute * MINUTE_MS - phaseMs, orders: 1, netFen }));
          const shape = shapeOf({ windowMs: MINUTE_MS, points, lastYear: points }, HOUR_MS, completeMs);
          for (const path of [shape.line, shape.area, shape.partial, shape.lastYear]) {
            for (const [x, y] of placesOf(path)) {
              expect(x).toBeGreaterThanOrEqual(0);
              expect(x).toBeLessThanOrEqual(CURVE_WIDTH);
              expect(y).toBeGreaterThanOrEqual(-0.1);
              expect(y).toBeLessThanOrEqual(CURVE_HEIGHT + 0.1);
            }
          }
        },
      ),
    );
  });

  it('marks round amounts', () => {
    expect(amountMarks(83_300_000)).toEqual([25_000_000, 50_000_000, 75_000_000, 100_000_000]);
    expect(amountMarks(0)).toEqual([1_000, 2_000, 3_000, 4_000]);
    for (const largest of [1, 99, 101, 12_345, 999_999_999, 1e15]) {
      const marks = amountMarks(largest);
      expect(marks.length).toBeLessThanOrEqual(4);
      expect(marks.at(-1)!).toBeGreaterThanOrEqual(largest);
      expect(marks.filter((fen) => fen % 100 !== 0)).toEqual([]);
    }
  });
});

describe('intervals around one zero', () => {
  const interval = fc
    .tuple(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
    )
    .map(([estimate, down, up]) => ({ estimate, low: estimate - down, high: estimate + up }));

  it('are each on the drawing and on their own side of zero', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.option(interval, { nil: undefined }), { maxLength: 2 }), { maxLength: 3 }),
        (groups) => {
          const { zero, groups: drawn } = layOutIntervals(groups);
          expect(zero).toBeGreaterThan(0.1);
          expect(zero).toBeLessThan(0.9);
          for (const [i, group] of groups.entries()) {
            for (const [j, one] of group.entries()) {
              const place = drawn[i]![j];
              if (one === undefined || place === undefined) {
                expect(place).toBe(one);
                continue;
              }
              expect(place.low).toBeGreaterThanOrEqual(0);
              expect(place.high).toBeLessThanOrEqual(1);
              expect(place.low).toBeLessThanOrEqual(place.high);
              if (one.low > 0) expect(place.low).toBeGreaterThanOrEqual(zero);
              if (one.high < 0) expect(place.high).toBeLessThanOrEqual(zero);
            }
          }
        },
      ),
    );
  });

  it('share a scale if they are of one measure', () => {
    const { zero, groups } = layOutIntervals([
      [
        { low: 1, estimate: 2, high: 4 },
        { low: -1, estimate: 1, high: 2 },
      ],
    ]);
    const [first, second] = groups[0]!;
    expect((first!.estimate - zero) / (second!.estimate - zero)).toBeCloseTo(2);
  });
});
