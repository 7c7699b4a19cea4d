import { expect, it } from 'vitest';
import { WORKER_SECONDS_MAX } from './faults.ts';
import { synthesizeStack } from './stack.ts';

it('an erasure in the seeded world waits until no worker that began before it can still run', () => {
  const { environment } = synthesizeStack().functions.find(({ shortName }) => shortName === 'presale')!;
  expect(Number(environment.ERASURE_WAIT_SECONDS)).toBeGreaterThanOrEqual(WORKER_SECONDS_MAX);
});
