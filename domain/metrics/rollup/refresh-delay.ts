import { SECOND_MS } from '#platform/duration.ts';

/**
 * A batch of fewer events means a quiet sale: Lambda has at least five pollers, each of which collects for two seconds, so there
 * are fewer than 125 events a second.
 */
export const QUIET_EVENTS = 50;

/**
 * In a quiet sale, time is cut into slots of equal length, and the rows are refreshed at the end of each. A
 * slot ends this long after a multiple of its length. If the length of a base window divides that of a slot,
 * a base window ends at that multiple too. By the end of the slot the batches of the window's last events
 * have come, so that the window's row is written once.
 */
const SLOT_OFFSET_MS = 3 * SECOND_MS;

/**
 * By how many seconds the rollup of a batch of this many events is put off. In a quiet sale it is put off to the end of the
 * slot, so that all that comes within a slot is rolled up in one refresh. Otherwise it is not put off. A slot of 0 s never puts
 * anything off.
 */
export const refreshDelaySeconds = (events: number, nowMs: number, slotSeconds: number): number => {
  if (slotSeconds === 0 || events >= QUIET_EVENTS) return 0;
  const slotMs = slotSeconds * SECOND_MS;
  return Math.ceil((slotMs - ((nowMs - SLOT_OFFSET_MS) % slotMs)) / SECOND_MS);
};
