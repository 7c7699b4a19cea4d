import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DUPLICATE_DISTANCE_MAX,
  duplicateCount,
  repeater,
  shuffledWithDuplicates,
} from '#local/replay/sequence.ts';
import { seededRandom } from '#simulator/random.ts';

const anyCount = fc.integer({ min: 0, max: 3_000 });
const anyShare = fc.double({ min: 0, max: 1, noNaN: true });
const anySeed = fc.maxSafeNat();

const timesSent = (sent: Iterable<number>): Map<number, number> => {
  const times = new Map<number, number>();
  for (const item of sent) times.set(item, (times.get(item) ?? 0) + 1);
  return times;
};

const shuffle = (count: number, share: number, seed: number): Uint32Array =>
  shuffledWithDuplicates(
    Uint32Array.from({ length: count }, (_, i) => i),
    duplicateCount(count, share),
    seededRandom(seed),
  );

const repeat = (count: number, share: number, seed: number): number[] => {
  const repeating = repeater<number>(count, duplicateCount(count, share), seededRandom(seed));
  const sent = Array.from({ length: count }, (_, i) => repeating.next(i)).flat();
  return [...sent, ...repeating.rest()];
};

describe.each([
  ['shuffled', (count: number, share: number, seed: number) => [...shuffle(count, share, seed)]],
  ['in order', repeat],
])('what is sent %s', (_, send) => {
  it('is every record, and exactly the promised number of them twice', () => {
    fc.assert(
      fc.property(anyCount, anyShare, anySeed, (count, share, seed) => {
        const times = timesSent(send(count, share, seed));
        const twice = [...times.values()].filter((n) => n === 2).length;
        expect(times.size).toBe(count);
        expect(twice).toBe(Math.round(count * share));
        expect(Math.max(0, ...times.values())).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(anyCount, anyShare, anySeed, (count, share, seed) => {
        expect(send(count, share, seed)).toEqual(send(count, share, seed));
      }),
      { numRuns: 20 },
    );
  });

  it('is different for another seed', () => {
    expect(send(1_000, 0.3, 1)).not.toEqual(send(1_000, 0.3, 2));
  });
});

describe('records sent in order', () => {
  it('are first sent in order, and sent again at most the promised distance later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), anyShare, anySeed, (count, share, seed) => {
        const places = new Map<number, number>();
        const firsts: number[] = [];
        repeat(count, share, seed).forEach((item) => {
          const place = places.get(item);
          if (place === undefined) {
            places.set(item, firsts.length);
            firsts.push(item);
          } else {
            expect(firsts.length - place).toBeLessThanOrEqual(DUPLICATE_DISTANCE_MAX + 1);
          }
        });
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('shuffled records', () => {
  it('are equally likely at every position', () => {
    const runs = 6_000;
    const landed = [0, 0, 0, 0, 0, 0];
    const orders = new Map<string, number>();
    for (let seed = 0; seed < runs; seed++) {
      const order = [...shuffle(3, 0, seed)];
      order.forEach((record, place) => {
        if (record === 0) landed[place]! += 1;
      });
      orders.set(order.join(), (orders.get(order.join()) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - runs / 6)).toBeLessThan(150);
    for (const count of landed.slice(0, 3)) expect(Math.abs(count - runs / 3)).toBeLessThan(200);
  });
});
