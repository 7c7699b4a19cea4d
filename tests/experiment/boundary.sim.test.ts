import { describe, expect, it } from 'vitest';
import { boundary, TUNED_EVENTS } from '#domain/experiment/boundary.ts';
import { seededRandom } from '../support/random.ts';
import { normals } from './population.ts';

const PATHS = 2_000;
const CONFIDENCE = 0.95;
const STARTS_AT_EVENTS = 10;
const STEP_FACTOR = 1.02;
const ENDS_AT_EVENTS = 100_000;

/**
 * The share of Brownian motions that are ever more than `reachOf(clock)` of their standard deviations from
 * zero.
 */
const crossingShare = (reachOf: (clock: number) => number): number => {
  const normal = normals(seededRandom(1));
  let crossed = 0;
  for (let path = 0; path < PATHS; path++) {
    let position = 0;
    let previous = 0;
    for (let clock = STARTS_AT_EVENTS; clock < ENDS_AT_EVENTS; clock *= STEP_FACTOR) {
      position += Math.sqrt(clock - previous) * normal();
      previous = clock;
      if (Math.abs(position) <= reachOf(clock) * Math.sqrt(clock)) continue;
      crossed++;
      break;
    }
  }
  return crossed / PATHS;
};

describe('the boundary of a confidence sequence', () => {
  it('is crossed by few Brownian motions in 466 looks, while the boundary for a single look is crossed by most', () => {
    expect(crossingShare((clock) => boundary(clock, CONFIDENCE))).toBeLessThan(1 - CONFIDENCE);
    expect(crossingShare(() => 1.96)).toBeGreaterThan(0.5);
  });

  it('is as wide as documented', () => {
    expect(boundary(0, CONFIDENCE)).toBe(Number.POSITIVE_INFINITY);
    expect(boundary(12, CONFIDENCE)).toBeCloseTo(8, 1);
    const least = boundary(TUNED_EVENTS, CONFIDENCE);
    expect(least).toBeCloseTo(3.04, 2);
    expect(boundary(TUNED_EVENTS / 8, CONFIDENCE) / least).toBeCloseTo(1.18, 2);
    expect(boundary(TUNED_EVENTS * 100, CONFIDENCE) / least).toBeCloseTo(1.18, 2);
  });

  it('is lowest near the number of events that it is tuned for, whatever the confidence', () => {
    for (const confidence of [0.8, 0.95, 0.99]) {
      const least = boundary(TUNED_EVENTS, confidence);
      for (const factor of [0.5, 2])
        expect(boundary(TUNED_EVENTS * factor, confidence)).toBeGreaterThan(least);
    }
    expect(boundary(TUNED_EVENTS, 0.99)).toBeGreaterThan(boundary(TUNED_EVENTS, 0.95));
  });
});
