/** Whether a draw needs the attention of an operator. */
import { readSlot } from '#domain/free-orders/entries/draws-table.ts';
import { slotAt, slotsOf } from '#domain/free-orders/rules/rules.ts';
import { MINUTE_MS, SECOND_MS } from '#platform/duration.ts';
import type { Runtime } from '#platform/runtime.ts';
import { openDraw } from './open-draw.ts';

/** How late a draw may be before somebody should look: ten ticks, one a minute. */
const OVERDUE_MS = 10 * MINUTE_MS;

/**
 * Whether a slot of a campaign should have been drawn more than ten minutes ago but has not been. Slots are drawn in order, so
 * looking at the last one that is due is enough.
 */
export const hasOverdueSlot = async (
  runtime: Runtime,
  campaignId: string,
  nowMs: number,
): Promise<boolean> => {
  const draw = await openDraw(runtime, campaignId);
  if (draw.mode !== 'slot') return false;
  const { rules, openedMs } = draw;
  const { graceSeconds, beacon } = rules.definition;
  const opensLate = openedMs + graceSeconds * SECOND_MS;
  const allowedMs = (beacon.delaySeconds ?? 0) * SECOND_MS + OVERDUE_MS;
  let low = 0;
  let high = slotsOf(rules);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Math.max(slotAt(rules, middle).closesAtMs, opensLate) + allowedMs < nowMs) low = middle + 1;
    else high = middle;
  }
  return low > 0 && (await readSlot(runtime, campaignId, low - 1)).kind !== 'drawn';
};
