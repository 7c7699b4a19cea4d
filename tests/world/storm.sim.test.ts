import { expect, it } from 'vitest';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { scriptedWorkload } from './workload/index.ts';

/** A fifth of all calls fail, in three ways, and one in fifty takes 2 to 20 s. */
const STORM = {
  rates: { serverError: 0.07, throttle: 0.07, lostAnswer: 0.06, slow: 0.02 },
  // As many attempts as the functions' own clients make.
  attempts: 4,
};
/** The longest virtual time from the end of the faults until nothing is left to do. */
const CALM_MS_MAX = 15 * 60_000;

it('the pipeline converges in a storm of faulty and slow calls: every order is counted, every grant published', async () => {
  const workload = scriptedWorkload('storm');
  const run = await judgedRun(synthesizeStack(), workload, { seed: 1, faults: STORM });
  expect(run.violations).toEqual([]);
  expect(run.orders).toBe(3_000);
  expect(run.struck.slow).toBeGreaterThan(100);
  expect(run.struck.serverError + run.struck.throttle + run.struck.lostAnswer).toBeGreaterThan(1_000);
  expect(run.virtualMs - (workload.endMs - workload.startMs)).toBeLessThan(CALM_MS_MAX);
}, 300_000);
