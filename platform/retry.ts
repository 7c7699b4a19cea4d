/** The wait between attempts. */
import type { Runtime } from './runtime.ts';

const BACKOFF_UNIT_MS = 20;
const MAX_BACKOFF_MS = 1_000;

/**
 * Waits before another attempt, for a random time. Its bound is 40 ms if `attempt` is 1, doubles with each attempt, and is at
 * most a second. The time is random from 0 up to the bound, because workers that collided once would otherwise collide again
 * ("full jitter", AWS Architecture Blog, Exponential Backoff And Jitter).
 */
export const backoff = (
  { clock, random }: Pick<Runtime, 'clock' | 'random'>,
  attempt: number,
): Promise<void> => clock.wait(random() * Math.min(MAX_BACKOFF_MS, BACKOFF_UNIT_MS * 2 ** attempt));
