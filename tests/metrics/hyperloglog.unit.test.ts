import { describe, expect, it } from 'vitest';
import { contributionOf, HyperLogLog } from '#domain/metrics/hyperloglog.ts';

const sketchOf = (from: number, to: number): HyperLogLog => {
  const sketch = new HyperLogLog();
  for (let i = from; i < to; i++) sketch.add(contributionOf(`member-${i}`));
  return sketch;
};

/** Five times the standard error of 0.57 %: a correct implementation fails for one set of members in a million. */
const TOLERANCE = 5 * 0.0057;

describe('a HyperLogLog sketch of distinct members', () => {
  it('estimates 0 if it is empty', () => {
    expect(new HyperLogLog().estimate()).toBe(0);
  });

  it.each([1, 2, 10, 100])('is exact for %i members', (members) => {
    expect(sketchOf(0, members).estimate()).toBe(members);
  });

  it.each([1_000, 12_000, 40_000, 200_000])('is within five standard errors for %i members', (members) => {
    const estimate = sketchOf(0, members).estimate();
    expect(Math.abs(estimate - members) / members).toBeLessThan(TOLERANCE);
  });

  it('is not changed by a member who is seen again', () => {
    const sketch = sketchOf(0, 500);
    const before = [...sketch.contributions()];
    for (let i = 0; i < 500; i++) sketch.add(contributionOf(`member-${i}`));
    expect([...sketch.contributions()]).toEqual(before);
  });

  it('becomes the sketch of the union when an overlapping sketch is merged into it', () => {
    const merged = sketchOf(0, 3_000);
    merged.merge(sketchOf(2_000, 5_000));
    expect([...merged.contributions()]).toEqual([...sketchOf(0, 5_000).contributions()]);
  });

  it('takes contributions of 21 bits, which are never 0', () => {
    for (let i = 0; i < 10_000; i++) {
      const contribution = contributionOf(`member-${i}`);
      expect(contribution).toBeGreaterThan(0);
      expect(contribution).toBeLessThan(2 ** 21);
    }
  });
});
