import { beforeAll, describe, expect, it } from 'vitest';
import type { LocalStack } from '#local/aws/template.ts';
import { judgedRun } from './judged-run.ts';
import { synthesizeStack } from './stack.ts';
import { scriptedWorkload } from './workload/index.ts';

/** The invocations that a new account may run at a time. */
const NEW_ACCOUNT = 10;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** When others begin to take all invocations. The sale begins at minute 5, and most of its orders come from minute 6 to 21. */
const FROM_MS = 10 * MINUTE_MS;
const TIMEOUT_MS = 300_000;

/** The stack with another number of deliveries before a message goes to a dead-letter queue. */
const withDeliveries = (stack: LocalStack, most: number): LocalStack => {
  const queues = new Map(
    stack.queues.map((queue) => {
      const { RedrivePolicy: policy, ...others } = queue.attributes;
      if (policy === undefined) return [queue.url, queue];
      const changed = JSON.stringify({ ...JSON.parse(policy), maxReceiveCount: most });
      return [queue.url, { ...queue, attributes: { ...others, RedrivePolicy: changed } }];
    }),
  );
  return {
    ...stack,
    queues: [...queues.values()],
    mappings: stack.mappings.map((mapping) => ({ ...mapping, queue: queues.get(mapping.queue.url)! })),
  };
};

describe('an account that runs ten invocations at a time, all of them taken by others for an hour in the middle of a sale', () => {
  let stack: LocalStack;
  beforeAll(() => {
    stack = synthesizeStack();
  });

  const run = (deployed: LocalStack) => {
    const workload = scriptedWorkload('storm');
    const fromMs = workload.startMs + FROM_MS;
    return judgedRun(deployed, workload, {
      seed: 1,
      faults: new Set(),
      concurrencyAt: (nowMs) => (nowMs >= fromMs && nowMs < fromMs + HOUR_MS ? 0 : NEW_ACCOUNT),
    });
  };

  it('sends nothing to a dead-letter queue, and every order is counted', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { violations, throttled, orders } = await run(stack);
    expect(throttled).toBeGreaterThan(500);
    expect(orders).toBeGreaterThan(2_400);
    expect(violations).toEqual([]);
  });

  it('sends messages to a dead-letter queue if ten deliveries are enough for that', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { counts } = await run(withDeliveries(stack, 10));
    expect([...counts.keys()]).toContain('drained');
  });
});
