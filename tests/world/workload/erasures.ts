import { between } from '../random.ts';
import { erased } from './events.ts';
import type { Sending } from './refunds.ts';
import { BEGIN_MS, MINUTE_MS, SECOND_MS } from './workload.ts';

const SHARE = 0.2;

/**
 * In some runs one or two members are erased: before their orders, between them or long after, and some of them twice. Their
 * orders and refunds still come, like everybody's.
 */
export const erasuresOf = (random: () => number, memberOf: (random: () => number) => string): Sending[] => {
  if (random() >= SHARE) return [];
  return Array.from({ length: between(random, 1, 2) }, (_, i): Sending[] => {
    const kind = random();
    const minute = kind < 0.15 ? 1 : kind < 0.8 ? between(random, 4, 30) : between(random, 40, 120);
    const timeMs = BEGIN_MS + minute * MINUTE_MS;
    const event = erased(`erase-${i}`, timeMs, memberOf(random));
    const again = { event, sentMs: timeMs + between(random, 1, 4_000) * SECOND_MS };
    return [{ event, sentMs: timeMs }, ...(random() < 0.4 ? [again] : [])];
  }).flat();
};
