import { publishConsumption } from '#platform/capacity.ts';
import { depthOf } from '#platform/depth.ts';
import { environment } from '#platform/environment.ts';
import { writeHealth } from '#platform/health-item.ts';

/**
 * Called by the clock: notes how many messages lie in the rejects queue and in all dead-letter queues, so that whoever
 * looks at the screen costs one read and not one call a queue. A look that fails is repeated by the clock.
 */
export const handler = async (): Promise<void> => {
  const atMs = Date.now();
  const [rejects = 0, ...deadLetters] = await Promise.all(
    [environment('REJECTS_QUEUE_URL'), ...environment('DEAD_LETTER_QUEUE_URLS').split(',')].map(depthOf),
  );
  await writeHealth({ atMs, rejects, deadLetters: deadLetters.reduce((sum, depth) => sum + depth, 0) });
  publishConsumption();
};
