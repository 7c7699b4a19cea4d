import { describe, expect, it } from 'vitest';
import { FIGURES, type SaleResult, watchSale } from './coverage.ts';

/**
 * A small version of the bench `tests/bench/experiment.ts`. Its sales are fewer and smaller: enough to find an interval that is
 * clearly wrong. The bench measures how often an interval covers the truth.
 */
const SALES = 40;
const MEMBERS = 30_000;
const LOOKS = 30;
/** An interval that misses in exactly 5 % of all sales misses in more than 6 of 40 with a probability of 0.3 %. */
const MOST_MISSES = 6;

const watchAll = (hasEffect: boolean, firstSeed: number): SaleResult[] =>
  Array.from({ length: SALES }, (_, i) =>
    watchSale({ seed: firstSeed + i, members: MEMBERS, looks: LOOKS, hasEffect }),
  );

describe('the readout of simulated sales', () => {
  const withEffect = watchAll(true, 1);
  const without = watchAll(false, 1_000_001);

  it.each(FIGURES.map(({ name }, index) => ({ name, index })))(
    'covers the truth at every look and finds no effect where there is none, in nearly all sales: $name',
    ({ index }) => {
      const missed = withEffect.filter(({ figures }) => !figures[index]!.isCovered);
      const mistaken = without.filter(({ figures }) => figures[index]!.shownAt !== undefined);
      expect(missed.length).toBeLessThanOrEqual(MOST_MISSES);
      expect(mistaken.length).toBeLessThanOrEqual(MOST_MISSES);
      for (const { figures } of [...withEffect, ...without]) {
        expect(figures[index]!.shown).toBeGreaterThan(LOOKS / 2);
      }
    },
  );

  it('detects a lift of about 15 % by the end of most sales, and never reports arms of the wrong sizes', () => {
    const shown = withEffect.filter(
      ({ figures: [lift] }) => lift!.excludesZeroAtEnd && lift!.interval!.low > 0,
    );
    expect(shown.length).toBeGreaterThan(SALES / 2);
    for (const { isMismatched } of [...withEffect, ...without]) expect(isMismatched).toBe(false);
  });
});
