import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEMBER_HASH_RANGE, memberHashOf } from '#domain/metrics/member-hash.ts';
import { MAX_SAMPLED_MEMBERS, MemberSample } from '#domain/metrics/rollup/member-sample.ts';

const MEMBERS = 6_000;
const hashes = Array.from({ length: MEMBERS }, (_, i) => memberHashOf(`m${i}`));

/** Member `i` orders `1 + i % 3` times. */
const orders = hashes.flatMap((hash, i) =>
  Array.from({ length: 1 + (i % 3) }, (_, n) => ({ hash, netFen: 100 * (i + 1) + n })),
);

const sampleOf = (list: readonly { hash: number; netFen: number }[]): MemberSample => {
  const sample = new MemberSample();
  for (const { hash, netFen } of list) sample.add(hash, { orders: 1, netFen });
  return sample;
};

describe('a sample of members', () => {
  it('holds the members with the smallest hashes, each with all their orders, however the sample was put together', () => {
    const whole = sampleOf(orders);
    const smallest = [...new Set(hashes)].sort((a, b) => a - b);
    expect(whole.entries().map(([hash]) => hash)).toEqual(smallest.slice(0, MAX_SAMPLED_MEMBERS));
    expect(whole.bound).toBe(smallest[MAX_SAMPLED_MEMBERS]);
    for (const [hash, member] of whole.entries()) {
      const own = orders.filter((order) => order.hash === hash);
      expect(member).toEqual({
        orders: own.length,
        netFen: own.reduce((sum, { netFen }) => sum + netFen, 0),
      });
    }
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 7 }), fc.nat(), (parts, seed) => {
        const samples = Array.from({ length: parts }, (_, part) =>
          sampleOf(orders.filter((_, i) => (i * 7 + seed) % parts === part)),
        );
        const merged = new MemberSample();
        for (const sample of samples) merged.merge(sample);
        expect(merged.entries()).toEqual(whole.entries());
        expect(merged.bound).toBe(whole.bound);
      }),
      { numRuns: 20 },
    );
  });

  it('knows what share of all members it holds', () => {
    const sample = sampleOf(orders);
    const estimate = sample.members().length / sample.share;
    expect(Math.abs(estimate / MEMBERS - 1)).toBeLessThan(4 / Math.sqrt(MAX_SAMPLED_MEMBERS));
    expect(sampleOf(orders.slice(0, 100)).share).toBe(1);
  });

  it('is drawn by hashes that are spread evenly', () => {
    const mean = hashes.reduce((sum, hash) => sum + hash / MEMBER_HASH_RANGE, 0) / MEMBERS;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / MEMBERS));
  });
});
