/** The wait between attempts. */
import type { Runtime } from './runtime.ts';

const BACKOFF_UNIT_MS = 20;
const MAX_BACKOFF_MS = 1_000;

/**
 * Waits before another attempt: a random time up to a bound that doubles with each attempt, from 40 ms for an `attempt` of 1 to a
 * second. It is random over the whole range, because workers that collided once would otherwise collide again ("full jitter",
 * AWS Architecture Blog, Exponential Backoff And Jitter).
 */
export const backoff = (
  { clock, random }: Pick<Runtime, 'clock' | 'random'>,
  attempt: number,
): Promise<void> => clock.wait(random() * Math.min(MAX_BACKOFF_MS, BACKOFF_UNIT_MS * 2 ** attempt));
