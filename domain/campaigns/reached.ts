import { HOUR_MS, SECOND_MS } from '#platform/duration.ts';
import { compartment } from '#platform/memory.ts';
import type { Runtime } from '#platform/runtime.ts';
import { advance, type ProgressKey, readProgress } from './progress-items.ts';

/**
 * The time of the newest order that was accepted. It is kept in one item, which every worker updates only now and then, so that
 * no order waits for it. If the stored time lags, money is only held for longer.
 */

/** No campaign's id begins like this. Orders of all campaigns count. */
const REACHED: ProgressKey = { campaign: '#reached', item: 'ORDERS' };
/** The shortest time between two writes of one worker. A thousand workers then write a hundred times a second. */
const WRITE_PAUSE_MS = 10 * SECOND_MS;
/** After this long without an order, the clock alone decides which orders can still come. */
const SILENCE_MS = HOUR_MS;

/**
 * If some order is less than this behind the clock, orders are only late, and the orders' own clock is the real one: every
 * coupon is valid for at least this long. If all orders are further behind, an old sale is replayed. The
 * times of sending cannot tell the two apart, because a replay is sent today.
 */
const REPLAY_LAG_MS = HOUR_MS;

/** `lagMs` is the least by which the newest order of a batch was behind the clock. The previous version did not store it. */
type Reached = { newestMs: number; atMs: number; lagMs: number };

const decode = (body: Uint8Array | undefined): Reached => {
  if (body === undefined)
    return { newestMs: 0, atMs: Number.NEGATIVE_INFINITY, lagMs: Number.POSITIVE_INFINITY };
  const { newestMs, atMs, lagMs = atMs - newestMs } = JSON.parse(Buffer.from(body).toString()) as Reached;
  return { newestMs, atMs, lagMs };
};

const presentOf = (nowMs: number, lagMs: number): number => (lagMs < REPLAY_LAG_MS ? nowMs : nowMs - lagMs);

const OWN = compartment(() => ({
  newestMs: 0,
  lagMs: Number.POSITIVE_INFINITY,
  writtenMs: Number.NEGATIVE_INFINITY,
}));

/**
 * Notes the newest order of a batch, in ms since the epoch, and returns the present time on the orders' own clock, as far as
 * this process knows. It is the real time, unless all orders have been at least {@link REPLAY_LAG_MS} behind it. In that case an
 * old sale is replayed, and the orders' clock is behind the real time by the least of these lags. It goes on without orders too.
 */
export const noteReached = async (runtime: Runtime, newestMs: number, nowMs: number): Promise<number> => {
  const own = runtime.memory.of(OWN);
  own.newestMs = Math.max(own.newestMs, newestMs);
  own.lagMs = Math.min(own.lagMs, nowMs - newestMs);
  if (newestMs > 0 && nowMs - own.writtenMs >= WRITE_PAUSE_MS) {
    const known = await readProgress(runtime, REACHED);
    const before = decode(known.body);
    own.lagMs = Math.min(own.lagMs, before.lagMs);
    const reached: Reached = {
      newestMs: Math.max(own.newestMs, before.newestMs),
      atMs: nowMs,
      lagMs: own.lagMs,
    };
    // Refused if another worker has moved it on meanwhile; the next write sees that.
    await advance(runtime, REACHED, known, { isDone: false, body: Buffer.from(JSON.stringify(reached)) });
    own.writtenMs = nowMs;
  }
  return presentOf(nowMs, own.lagMs);
};

/**
 * The present time on the orders' own clock, in ms since the epoch, as far as it was stored: see
 * {@link noteReached}. Minus infinity while no order was accepted.
 */
export const readOrdersClock = async (runtime: Runtime, nowMs: number): Promise<number> =>
  presentOf(nowMs, decode((await readProgress(runtime, REACHED)).body).lagMs);

/**
 * The time before which no order is still expected, in ms since the epoch: the earlier of the clock and the newest order's time.
 * After {@link SILENCE_MS} without an order, it is the clock alone.
 */
export const readReached = async (runtime: Runtime, nowMs: number): Promise<number> => {
  const { newestMs, atMs } = decode((await readProgress(runtime, REACHED)).body);
  return nowMs - atMs >= SILENCE_MS ? nowMs : Math.min(nowMs, newestMs);
};
