import { between } from '../random.ts';
import { type Definition, type OrderFields, paid, refunded } from './events.ts';
import type { Sending } from './refunds.ts';
import { SECOND_MS } from './workload.ts';

const ORDERS_A_SLOT = 4;
/** How long before the end of a slot its orders are dated, in ms. */
const BEFORE_END_MS = [1 * SECOND_MS, 90 * SECOND_MS] as const;
/** When refunds come, in ms from the time when a slot may close. The slot is closed, drawn and paid in calls minutes apart. */
const AFTER_CLOSE_MS = [-60 * SECOND_MS, 240 * SECOND_MS] as const;

/**
 * Orders that come shortly before a slot ends, and refunds of them that come while the slot is being closed, drawn and paid. All
 * of them come at their own times and not in bursts, so that some fall between two calls of a draw.
 */
export const aroundDraws = (
  random: () => number,
  { startsAt, endsAt, freeOrders }: Definition,
  memberOf: (random: () => number) => string,
): Sending[] => {
  const { slotSeconds, graceSeconds } = freeOrders as { slotSeconds: number; graceSeconds: number };
  const sendings: Sending[] = [];
  let count = 0;
  const endMs = Date.parse(endsAt);
  for (
    let atMs = Date.parse(startsAt) + slotSeconds * SECOND_MS;
    atMs <= endMs;
    atMs += slotSeconds * SECOND_MS
  ) {
    for (let i = 0; i < ORDERS_A_SLOT; i++) {
      const order = `drawn-${count++}`;
      const timeMs = atMs - between(random, ...BEFORE_END_MS);
      const fields: OrderFields = {
        id: `paid-${order}`,
        timeMs,
        order,
        member: memberOf(random),
        brand: 'brand-1',
        fen: between(random, 50, 300) * 100,
      };
      sendings.push({ event: paid(fields), sentMs: timeMs + between(random, 0, 2) * SECOND_MS });
      const backMs = atMs + graceSeconds * SECOND_MS + between(random, ...AFTER_CLOSE_MS);
      const fen = random() < 0.5 ? fields.fen : Math.floor(fields.fen / 2);
      const back = { ...fields, id: `back-${order}`, timeMs: Math.max(timeMs + 1, backMs - SECOND_MS), fen };
      sendings.push({ event: refunded(back), sentMs: backMs });
    }
  }
  return sendings;
};
