import { describe, expect, it } from 'vitest';
import { type Pair, screenPairs } from '#local/evaluate/pairs.ts';
import { normal } from '../../learning/rows.ts';
import { seededRandom } from '../../support/random.ts';

const ROWS = 2_000;

describe('the screening of pairs', () => {
  it('finds a pair that says much, although neither of its features does', () => {
    const random = seededRandom(1);
    const features = new Map(
      Array.from(
        { length: 8 },
        (_, f) => [f, Float64Array.from({ length: ROWS }, () => normal(random))] as const,
      ),
    );
    const [three, five] = [features.get(3)!, features.get(5)!];
    const nothing = Float64Array.from({ length: ROWS }, () => normal(random));
    const signal = three.map((value, r) => 0.3 * Math.sign(value * five[r]!) + normal(random));
    const all = Array.from({ length: 8 }, (_, a) => Array.from({ length: a }, (_, b): Pair => [b, a])).flat();
    expect(screenPairs(features, [nothing, signal], all, 3)[0]).toEqual([3, 5]);
    expect(screenPairs(features, [nothing, signal], all, 3)).toHaveLength(3);
  });

  it('puts pairs with a feature that never varies last', () => {
    const features = new Map([
      [0, Float64Array.of(1, 1, 1)],
      [1, Float64Array.of(1, 2, 3)],
      [2, Float64Array.of(3, 1, 2)],
    ]);
    const pairs: Pair[] = [
      [0, 1],
      [1, 2],
    ];
    expect(screenPairs(features, [Float64Array.of(2, 0, 1)], pairs, 2)).toEqual([
      [1, 2],
      [0, 1],
    ]);
  });
});
