import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '#local/aws/template.ts';
import { EXPECTED_FAILURES } from './expected-failures.ts';
import { FAULTS } from './faults.ts';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { scriptedWorkload, workloadOf } from './workload/index.ts';

/** The expected violations by the run that shows them, so that each run is made once. */
const RUNS = Map.groupBy(
  Object.entries(EXPECTED_FAILURES).flatMap(([finding, failures]) =>
    failures.map((failure) => ({ finding, failure })),
  ),
  ({ failure: { workload, seed, faults } }) => `${workload}, seed ${seed}, faults ${String(faults)}`,
);

describe('what is known to be wrong', () => {
  let stack: LocalStack;
  beforeAll(() => {
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    stack = synthesizeStack();
  });

  for (const [name, shown] of RUNS) {
    it(`still shows in ${name}: ${shown.map(({ finding }) => finding).join(', ')}`, async () => {
      const { workload, seed, faults } = shown[0]!.failure;
      const { counts } = await judgedRun(
        stack,
        workload === 'sale' ? workloadOf(seed) : scriptedWorkload(workload),
        seed,
        new Set(faults === 'all' ? FAULTS : faults),
      );
      const expected = shown.map(({ failure }) => failure.invariant);
      expect([...counts.keys()]).toEqual(expect.arrayContaining([...new Set(expected)]));
    });
  }
});
