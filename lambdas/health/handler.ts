import { readVitalSigns } from '#domain/board/vital-signs.ts';
import { noteQuiet } from '#domain/campaigns/quiet.ts';
import { depthOf } from '#platform/depth.ts';
import { publishGauges } from '#platform/gauges.ts';
import { writeHealth } from '#platform/health-item.ts';
import { makeRuntime, type Outside } from '#platform/runtime.ts';
import { lambdaOutside } from '../outside.ts';

/**
 * Called every minute: stores how many messages are in the rejects queue and in all dead-letter queues, so that the screen
 * needs one read and not one call for each queue. Also stores the time up to which all orders have been processed, so that no
 * coupon's money is freed while an order that uses the coupon waits in a queue. Prints the live campaigns' vital signs for alarms
 * to watch. If an invocation fails, that of the next minute makes up for it.
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
    await noteQuiet(runtime, {
      queues: environment('ORDER_QUEUE_URLS').split(','),
      deadLetters: environment('ORDER_DEAD_LETTER_QUEUE_URLS').split(','),
    });
    publishGauges('health', await readVitalSigns(runtime, atMs));
    consumption.publish();
  };
};

export const handler = makeHandler(lambdaOutside());
