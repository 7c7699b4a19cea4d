import { describe, expect, it } from 'vitest';
import { type CleanRun, CleanRuns } from './clean-runs.ts';
import { bySeeds, byWorkload } from './defect.ts';

/** Clean runs, of which those with seed 2 break `rows`, and a list of the runs that have happened. */
const world = () => {
  const runs: CleanRun[] = [];
  const clean = new CleanRuns(async (run) => {
    runs.push(run);
    return new Set(run.seed === 2 ? ['rows'] : []);
  });
  return { clean, runs };
};

const CALM = byWorkload('row-races', [], 'rows');

describe('clean runs', () => {
  it('tell the seeds of a workload apart: one seed may break an invariant that another keeps', async () => {
    const { clean } = world();
    expect(await clean.breaks(CALM, { seed: 1, invariant: 'rows' })).toBe(false);
    expect(await clean.breaks(CALM, { seed: 2, invariant: 'rows' })).toBe(true);
    expect(await clean.breaks(CALM, { seed: 2, invariant: 'blocks' })).toBe(false);
  });

  it('happen once for each workload, seed and weather (the faults that strike), whichever invariant is asked for', async () => {
    const { clean, runs } = world();
    const stormy = byWorkload('row-races', ['crash'], 'rows');
    const sale = bySeeds(20, 'rows');
    for (const catcher of [CALM, stormy, sale, CALM, stormy, sale])
      for (const invariant of ['rows', 'blocks']) await clean.breaks(catcher, { seed: 1, invariant });
    expect(runs.map(({ workload, weather }) => [workload, weather])).toEqual([
      ['row-races', []],
      ['row-races', ['crash']],
      [undefined, expect.arrayContaining(['crash', 'slow'])],
    ]);
  });
});
