import { formatTime } from '#events/contract.ts';
import { HOUR_MS } from '#platform/duration.ts';
import { SALE_MS } from './calendar.ts';
import { chanceOf } from './chance.ts';

/** Malformed bodies of a producer, made from a time and a number. Each is sent as one message and becomes one reject. */
const BODIES: readonly ((time: string, n: number) => string)[] = [
  (time, n) => `{"specversion":"1.0","id":"broken-${n}","time":"${time}"`,
  (time, n) =>
    JSON.stringify({
      specversion: '1.0',
      id: `kind-${n}`,
      source: '/shop/orders',
      type: 'order.lost',
      time,
      data: {},
    }),
  (time, n) =>
    JSON.stringify({
      specversion: '1.0',
      id: `amount-${n}`,
      source: '/shop/orders',
      type: 'order.paid',
      time,
      data: { orderId: `o-${n}`, memberId: 'm', brandId: 'b', channel: 'far', amountFen: -n - 1 },
    }),
  (time, n) =>
    JSON.stringify({
      specversion: '1.0',
      id: `store-${n}`,
      source: '/shop/orders',
      type: 'order.paid',
      time,
      data: { orderId: `o-${n}`, memberId: 'm', brandId: 'b', channel: 'near', amountFen: 100 },
    }),
];

const COUNT = 12;

export type Malformed = { timeMs: number; body: string };

export const malformedOf = (seed: number): Malformed[] => {
  const random = chanceOf(seed, 'malformed');
  return Array.from({ length: COUNT }, (_, n) => {
    const timeMs = SALE_MS + Math.floor(random() * HOUR_MS);
    return { timeMs, body: BODIES[n % BODIES.length]!(formatTime(timeMs), n) };
  });
};
