import { HOUR_MS, SECOND_MS } from '#platform/duration.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { advance, type ProgressKey, readProgress } from './progress-items.ts';

/**
 * How far in time the orders have come that were accepted. One item keeps it, that every worker moves on now and then, so that no
 * order waits for it: it may lag, which only holds money for longer.
 */

/** No campaign's id begins like this. Orders of all campaigns count. */
const REACHED: ProgressKey = { campaign: '#reached', item: 'ORDERS' };
/** How often one worker writes at most. A thousand workers then write a hundred times a second. */
const WRITE_PAUSE_MS = 10 * SECOND_MS;
/** After so long without an order the clock alone says what can still come. */
const SILENCE_MS = HOUR_MS;

type Reached = { newestMs: number; atMs: number };

const decode = (body: Uint8Array | undefined): Reached =>
  body === undefined
    ? { newestMs: 0, atMs: Number.NEGATIVE_INFINITY }
    : (JSON.parse(Buffer.from(body).toString()) as Reached);

const OWN = compartment(() => ({ newestMs: 0, writtenMs: Number.NEGATIVE_INFINITY }));

/**
 * Notes the newest order of a batch, in ms since the epoch, and gives the time that all orders have reached as far as this process
 * knows: the older of the clock and the newest order.
 */
export const noteReached = async (runtime: Runtime, newestMs: number, nowMs: number): Promise<number> => {
  const own = runtime.memory.of(OWN);
  own.newestMs = Math.max(own.newestMs, newestMs);
  if (newestMs > 0 && nowMs - own.writtenMs >= WRITE_PAUSE_MS) {
    const known = await readProgress(runtime, REACHED);
    const reached: Reached = { newestMs: Math.max(own.newestMs, decode(known.body).newestMs), atMs: nowMs };
    // Refused where another worker has moved it on meanwhile; the next write sees that.
    await advance(runtime, REACHED, known, { isDone: false, body: Buffer.from(JSON.stringify(reached)) });
    own.writtenMs = nowMs;
  }
  return Math.min(nowMs, own.newestMs);
};

/** The time up to which no order can come any more that is in time: the older of the clock and the newest order. */
export const readReached = async (runtime: Runtime, nowMs: number): Promise<number> => {
  const { newestMs, atMs } = decode((await readProgress(runtime, REACHED)).body);
  return nowMs - atMs >= SILENCE_MS ? nowMs : Math.min(nowMs, newestMs);
};
