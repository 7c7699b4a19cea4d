import { describe, expect, it } from 'vitest';
import type { Candidates } from '#domain/allocation/candidates.ts';
import { choose, NONE, tieFactor } from '#domain/allocation/choose.ts';

/** Members, each with its own offers as [value, costFen, pool]. */
const candidates = (...members: [value: number, costFen: number, pool: number][][]): Candidates =>
  candidatesOf(0, members);

const candidatesOf = (
  hash: number,
  members: readonly [value: number, costFen: number, pool: number][][],
): Candidates => {
  const all = members.flat();
  const ends = members.map((_, member) => members.slice(0, member + 1).flat().length);
  return {
    members: members.length,
    hash: Uint32Array.from(members, () => hash),
    first: Uint32Array.from([0, ...ends]),
    value: Float64Array.from(all, ([value]) => value),
    costFen: Float64Array.from(all, ([, costFen]) => costFen),
    pool: Uint8Array.from(all, ([, , pool]) => pool),
  };
};

describe('a choice', () => {
  it('is the offer that is worth most after its cost at the price of its own pool', () => {
    const one = candidates([
      [10, 100, 0],
      [12, 100, 1],
    ]);
    expect(choose(one, 0, [0.01, 0.01])).toBe(1);
    expect(choose(one, 0, [0.01, 0.04])).toBe(0);
    expect(choose(one, 0, [0.2, 0.2])).toBe(NONE);
  });

  it('is none if nothing is worth more than its price', () => {
    expect(choose(candidates([[1, 100, 0]]), 0, [0.01])).toBe(NONE);
    expect(choose(candidates([[0, 0, 0]]), 0, [0])).toBe(NONE);
    expect(choose(candidates([]), 0, [0])).toBe(NONE);
  });

  it('is the cheaper of two that are worth the same, wherever it stands, and the first of two that also cost the same', () => {
    const [cheap, dear] = [
      [5, 100, 0],
      [5, 200, 0],
    ] as [[number, number, number], [number, number, number]];
    expect(choose(candidates([cheap, dear]), 0, [0])).toBe(0);
    expect(choose(candidates([dear, cheap]), 0, [0])).toBe(1);
    expect(choose(candidates([cheap, cheap]), 0, [0])).toBe(0);
  });

  it('is one of the member’s own offers, even if other members have better ones', () => {
    const three = candidates(
      [[9, 1, 0]],
      [
        [1, 1, 0],
        [2, 1, 0],
      ],
      [[9, 1, 0]],
    );
    expect(choose(three, 1, [0])).toBe(2);
  });
});

describe('a tie', () => {
  it('between the value of an offer and its cost at the price is broken by a factor made from the member’s hash: some members take the offer', () => {
    const worth: [number, number, number] = [1, 100, 0];
    expect(choose(candidatesOf(12_345, [[worth]]), 0, [0.01])).toBe(0);
    expect(choose(candidatesOf(0, [[worth]]), 0, [0.01])).toBe(NONE);
  });

  // Presale and sale, and workers of two versions, have to break a tie alike.
  it.each([
    [0, 0, 0],
    [1, 0, 2_654_435_760],
    [0xff_ff_ff_ff, 0, 1_640_531_536],
    [1, 1, 3_668_339_984],
    [12_345, 3, 1_747_909_344],
    [1, 255, 3_501_975_632],
  ])('is broken by the same factor in every version: hash %d in pool %d', (hash, pool, expected) => {
    expect((tieFactor(hash, pool) - 1) * 2 ** 56).toBe(expected);
  });
});
