import { depthOf } from '#platform/depth.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { advance, type ProgressKey, readProgress } from './progress-items.ts';

/**
 * Up to when every order is dealt with that was sent: no message that was sent before lies in a queue on the way of orders, or among
 * its dead letters. SQS does not say how old a message is, but a queue that was once empty holds only what was sent since.
 */

/** No campaign's id begins like this. Orders of all campaigns count. */
const QUIET: ProgressKey = { campaign: '#quiet', item: 'ORDERS' };
/** SQS counts what was sent a minute ago at the latest ("GetQueueAttributes", consistency). */
const COUNTED_AFTER_MS = 2 * MINUTE_MS;

/** When each queue was last seen empty, by its URL, in ms since the epoch; `quietMs` as of the best look so far. */
type Quiet = { quietMs: number; emptyMs: Readonly<Record<string, number>> };

const decode = (body: Uint8Array | undefined): Quiet =>
  body === undefined ? { quietMs: 0, emptyMs: {} } : (JSON.parse(Buffer.from(body).toString()) as Quiet);

/**
 * Looks at the queues, each after those that its messages come from, so that one on its way from queue to queue is seen in one of them.
 * While there is a dead letter, nobody knows how old it is, and nothing is found out: they are looked for before, as one may be sent
 * back meanwhile, and afterwards, as a message may become one.
 */
export const noteQuiet = async (
  runtime: Runtime,
  { queues, deadLetters }: { queues: readonly string[]; deadLetters: readonly string[] },
): Promise<void> => {
  const hasDied = async (): Promise<boolean> => {
    for (const queue of deadLetters) if ((await depthOf(runtime, queue)) > 0) return true;
    return false;
  };
  if (await hasDied()) return;
  const known = await readProgress(runtime, QUIET);
  const before = decode(known.body);
  const emptyMs: Record<string, number> = {};
  for (const queue of queues) {
    const atMs = runtime.clock.nowMs() - COUNTED_AFTER_MS;
    emptyMs[queue] = (await depthOf(runtime, queue)) === 0 ? atMs : (before.emptyMs[queue] ?? 0);
  }
  if (await hasDied()) return;
  // What was found out once holds for good: all messages since then were sent later.
  const quiet: Quiet = { quietMs: Math.max(before.quietMs, Math.min(...Object.values(emptyMs))), emptyMs };
  // Refused where another look has come between; the next one sees that.
  await advance(runtime, QUIET, known, { isDone: false, body: Buffer.from(JSON.stringify(quiet)) });
};

/** In ms since the epoch; 0 while nobody knows. */
export const readQuiet = async (runtime: Runtime): Promise<number> =>
  decode((await readProgress(runtime, QUIET)).body).quietMs;
