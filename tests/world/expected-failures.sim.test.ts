import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '#local/aws/template.ts';
import { EXPECTED_FAILURES, type ExpectedFailure, MENDED } from './expected-failures.ts';
import { FAULTS } from './faults.ts';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { scriptedWorkload, workloadOf } from './workload/index.ts';

const casesOf = (failures: Readonly<Record<string, readonly ExpectedFailure[]>>) =>
  Object.entries(failures).flatMap(([finding, runs]) => runs.map((run) => [finding, run] as const));

describe('the bug', () => {
  let stack: LocalStack;
  beforeAll(() => {
    stack = synthesizeStack();
  });

  const brokenBy = async ({ workload, seed, faults }: ExpectedFailure): Promise<string[]> => {
    const work = workload === 'sale' ? workloadOf(seed) : scriptedWorkload(workload);
    const { counts } = await judgedRun(stack, work, {
      seed,
      faults: new Set(faults === 'all' ? FAULTS : faults),
    });
    return [...counts.keys()];
  };

  it.each(casesOf(EXPECTED_FAILURES))('%s still breaks its invariant', async (_, run) => {
    expect(await brokenBy(run)).toContain(run.invariant);
  });

  it.each(casesOf(MENDED))('%s no longer breaks its invariant', async (_, run) => {
    expect(await brokenBy(run)).not.toContain(run.invariant);
  });
});
