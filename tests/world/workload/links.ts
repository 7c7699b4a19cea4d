import { between } from '../random.ts';
import { linked } from './events.ts';
import type { Sending } from './refunds.ts';
import { BEGIN_MS, MINUTE_MS } from './workload.ts';

const GUESTS = 3;
const GUEST = 'guest-';

/** Whether an id is a guest's. A guest to whom another guest is linked gets coupons in a presale, as any member does. */
export const isGuest = (id: string): boolean => id.startsWith(GUEST);

/**
 * Guests who sign up: each is linked to a member and, in contradiction, to another member or guest. Accepting all links would
 * make chains and circles. Some of the links come again, at once or much later. Guests do not order, because the oracle
 * identifies an order by the member id that the order names.
 */
export const linksOf = (random: () => number, memberOf: (random: () => number) => string): Sending[] =>
  Array.from({ length: GUESTS }, (_, i): Sending[] => {
    const timeMs = BEGIN_MS + between(random, 2, 20) * MINUTE_MS;
    const alias = `${GUEST}${i}`;
    const sentMs = timeMs + between(random, 0, 4) * MINUTE_MS;
    const event = linked(`link-${i}`, timeMs, alias, memberOf(random));
    const other = random() < 0.5 ? memberOf(random) : `${GUEST}${(i + 1) % GUESTS}`;
    return [
      { event, sentMs },
      {
        event: linked(`contrary-${i}`, timeMs + 1, alias, other),
        sentMs: timeMs + between(random, 0, 4) * MINUTE_MS,
      },
      ...(random() < 0.5 ? [{ event, sentMs: sentMs + between(random, 0, 60) * MINUTE_MS }] : []),
    ];
  }).flat();
