import { depthOf } from '#platform/depth.ts';
import { MINUTE_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { advance, type ProgressKey, readProgress } from './progress-items.ts';

/**
 * The time up to which all orders that were sent have been processed: no message sent before it is still in one of the queues
 * that orders pass, or among their dead letters. SQS does not say how old a message is, but a queue that was empty at some time
 * holds only messages sent since then.
 */

/** No campaign's id begins like this. Orders of all campaigns count. */
const QUIET: ProgressKey = { campaign: '#quiet', item: 'ORDERS' };
/** SQS's counts may miss messages of the last minute ("GetQueueAttributes", consistency). Twice that is allowed for. */
const COUNTED_AFTER_MS = 2 * MINUTE_MS;

/**
 * When each queue was last seen empty, by its URL, in ms since the epoch. `quietMs` is the latest time up to which any look has
 * found all orders processed.
 */
type Quiet = { quietMs: number; emptyMs: Readonly<Record<string, number>> };

const decode = (body: Uint8Array | undefined): Quiet =>
  body === undefined ? { quietMs: 0, emptyMs: {} } : (JSON.parse(Buffer.from(body).toString()) as Quiet);

/**
 * Looks at the queues, each after those that its messages come from, so that a message that moves on meanwhile is seen in one
 * of them. A dead letter may be of any age, so while there is one, nothing is noted. Dead letters are looked for before the
 * queues are looked at, because one may be sent back meanwhile, and again afterwards, because a message may have become one.
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
  // A time that was found once stays valid: every message that arrived since was sent after it.
  const quiet: Quiet = { quietMs: Math.max(before.quietMs, Math.min(...Object.values(emptyMs))), emptyMs };
  // Refused if another look was noted meanwhile. The next look starts from that one.
  await advance(runtime, QUIET, known, { isDone: false, body: Buffer.from(JSON.stringify(quiet)) });
};

/** The time up to which all orders have been processed, in ms since the epoch; 0 while it is not known. */
export const readQuiet = async (runtime: Runtime): Promise<number> =>
  decode((await readProgress(runtime, QUIET)).body).quietMs;
