import { formatTime } from '#events/contract.ts';
import { InputError } from '#local/console/input-error.ts';
import { depthsOf, sendBody, withMessages } from './queue-peek.ts';
import type { Target } from './target.ts';

export type DeadLetters = { queue: string; messages: number; oldestSentAt?: string };

/** All queues that functions process, or only the one that is named. Throws an InputError if no queue has that name. */
const queuesOf = ({ workQueues }: Target, name: string | undefined): Target['workQueues'] => {
  if (name === undefined) return workQueues;
  const found = workQueues.filter((queue) => queue.name === name);
  if (found.length > 0) return found;
  throw new InputError(
    `expected one of ${workQueues.map((queue) => queue.name).join(', ')}, got ${JSON.stringify(name)}`,
  );
};

/** How many dead letters each queue has. Queues without any are left out. */
export const listDeadLetters = async (target: Target, name?: string): Promise<DeadLetters[]> => {
  const lists: DeadLetters[] = [];
  for (const { name: queue, deadLettersUrl } of queuesOf(target, name)) {
    const { waiting } = await depthsOf(target, deadLettersUrl);
    if (waiting === 0) continue;
    await withMessages(target, deadLettersUrl, async (held) => {
      const oldestMs = Math.min(...held.map(({ sentMs }) => sentMs));
      const oldest = Number.isFinite(oldestMs) ? { oldestSentAt: formatTime(oldestMs) } : {};
      lists.push({ queue, messages: held.length, ...oldest });
    });
  }
  return lists;
};

export type Redriven = { queue: string; messages: number };

/**
 * Puts dead letters back into the queues that they come from. A message is removed only after it was sent back. If this is
 * interrupted, a message may therefore be there twice, which every function allows for.
 */
export const redriveDeadLetters = async (target: Target, name?: string): Promise<Redriven[]> => {
  // All queues at the same time, because it takes a second to be sure that a queue is empty.
  const redriven = await Promise.all(
    queuesOf(target, name).map(async ({ name: queue, url, deadLettersUrl }): Promise<Redriven> => {
      const messages = await withMessages(target, deadLettersUrl, async (held, remove) => {
        for (const one of held) {
          await sendBody(target, url, one.body);
          await remove(one);
        }
        return held.length;
      });
      return { queue, messages };
    }),
  );
  return redriven.filter(({ messages }) => messages > 0);
};
