import { SECOND_MS } from '#platform/duration.ts';

/** A batch of fewer events is of a quiet sale: with at least five collectors and two seconds, of fewer than 125 events a second. */
export const QUIET_EVENTS = 50;

/**
 * A slot ends so long after a multiple of its length, which is the end of a base window as well where one divides the other: by then the
 * batches of the window's last events have come, so that its row is written once.
 */
const SLOT_OFFSET_MS = 3 * SECOND_MS;

/**
 * For how many seconds a rollup of a batch of so many events is put off: in a quiet sale to the next end of a slot, so that all that comes
 * within one is rolled up at once, a refresh each; at all other times not at all. A slot of 0 s never puts anything off.
 */
export const refreshDelaySeconds = (events: number, nowMs: number, slotSeconds: number): number => {
  if (slotSeconds === 0 || events >= QUIET_EVENTS) return 0;
  const slotMs = slotSeconds * SECOND_MS;
  return Math.ceil((slotMs - ((nowMs - SLOT_OFFSET_MS) % slotMs)) / SECOND_MS);
};
