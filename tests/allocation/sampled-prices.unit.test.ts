import { describe, expect, it } from 'vitest';
import type { Candidates } from '#domain/allocation/candidates.ts';
import { choose, NONE } from '#domain/allocation/choose.ts';
import { Sample } from '#domain/allocation/sample.ts';
import { correctedPrices, sampledPrices } from '#domain/allocation/sampled-prices.ts';
import { drawInstance, INSTANCE_CLASSES } from './instances.ts';
import { leastDual } from './least-dual.ts';

type Given = { wantedFen: number[]; value: number };

/** What members want of each pool at these prices, and the value of the coupons that the pools' money pays for. */
const given = (candidates: Candidates, prices: readonly number[], capsFen: readonly number[]): Given => {
  const wantedFen = capsFen.map(() => 0);
  const leftFen = [...capsFen];
  let value = 0;
  for (let member = 0; member < candidates.members; member++) {
    const at = choose(candidates, member, prices);
    if (at === NONE) continue;
    const pool = candidates.pool[at]!;
    const costFen = candidates.costFen[at]!;
    wantedFen[pool]! += costFen;
    if (costFen > leftFen[pool]!) continue;
    leftFen[pool]! -= costFen;
    value += candidates.value[at]!;
  }
  return { wantedFen, value };
};

const unlimited = (poolFen: readonly number[]) => ({ totalFen: Number.POSITIVE_INFINITY, poolFen });

const sampleOf = (candidates: Candidates, maxOffers: number): Sample => {
  const sample = new Sample(maxOffers);
  sample.add(candidates);
  return sample;
};

describe.each(INSTANCE_CLASSES)('prices of ten budgets from a sample (%s)', (kind) => {
  it('come closer to the optimum once they are corrected by what a draft gives to everybody', () => {
    const instance = drawInstance(kind, { members: 60_000, offers: 5, pools: 10 }, 2);
    const { candidates, budgets } = instance;
    const capsFen = [...budgets.poolFen];
    const sample = sampleOf(candidates, 40_000);
    expect(sample.share).toBeLessThan(0.2);
    const bound = leastDual(instance);

    const prices = sampledPrices(sample, unlimited(capsFen));
    const draft = given(candidates, prices, capsFen);
    const better = correctedPrices(sample, unlimited(capsFen), { prices, givenFen: draft.wantedFen });
    const corrected = given(candidates, better, capsFen);

    const lost = (one: Given) => 1 - one.value / bound;
    expect(lost(corrected)).toBeLessThan(lost(draft) / 2);
    expect(corrected.value / bound).toBeGreaterThan(0.995);
  });

  it('take into account that one coupon is a noticeable part of a small budget', () => {
    const instance = drawInstance(kind, { members: 5_000, offers: 20, pools: 10 }, 1);
    const capsFen = [...instance.budgets.poolFen];
    const prices = sampledPrices(sampleOf(instance.candidates, 200_000), unlimited(capsFen));
    expect(given(instance.candidates, prices, capsFen).value / leastDual(instance)).toBeGreaterThan(0.998);
  });
});

describe('prices from a sample', () => {
  it('are 0 for a pool without money, whatever a draft gave from the pool', () => {
    const { candidates } = drawInstance('uncorrelated', { members: 1_000, offers: 4, pools: 2 }, 3);
    const sample = sampleOf(candidates, 10_000);
    const capsFen = [100_000, 0];
    const prices = sampledPrices(sample, unlimited(capsFen));
    expect(prices[1]).toBe(0);
    expect(correctedPrices(sample, unlimited(capsFen), { prices, givenFen: [100_000, 50] })[1]).toBe(0);
  });

  it('are above 0 for a pool even if a draft gave far more than the pool has', () => {
    const { candidates } = drawInstance('uncorrelated', { members: 1_000, offers: 4, pools: 2 }, 3);
    const sample = sampleOf(candidates, 1_000);
    const budgets = unlimited([1_000, 1_000]);
    const draft = { prices: sampledPrices(sample, budgets), givenFen: [10_000_000, 1_000] };
    expect(correctedPrices(sample, budgets, draft)[0]).toBeGreaterThan(0);
  });
});
