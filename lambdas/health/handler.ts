import { depthOf } from '#platform/depth.ts';
import { writeHealth } from '#platform/health-item.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/**
 * Called by the clock: notes how many messages lie in the rejects queue and in all dead-letter queues, so that whoever
 * looks at the screen costs one read and not one call a queue. A look that fails is repeated by the clock.
 */
export const makeHandler = (outside: Outside) => {
  const runtime = makeRuntime(outside);
  const { clock, environment, consumption } = runtime;
  return async (): Promise<void> => {
    const atMs = clock.nowMs();
    const queues = [environment('REJECTS_QUEUE_URL'), ...environment('DEAD_LETTER_QUEUE_URLS').split(',')];
    const [rejects = 0, ...deadLetters] = await Promise.all(queues.map((queue) => depthOf(runtime, queue)));
    await writeHealth(runtime, {
      atMs,
      rejects,
      deadLetters: deadLetters.reduce((sum, depth) => sum + depth, 0),
    });
    consumption.publish();
  };
};

export const handler = makeHandler(lambdaOutside());
