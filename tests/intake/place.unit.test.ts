import { expect, it } from 'vitest';
import type { Delivery } from '#domain/intake/delivery.ts';
import { route } from '#domain/intake/route.ts';
import { PLACE_ATTRIBUTE } from '#events/place.ts';

const NOW_MS = Date.parse('2026-11-10T12:30:00.000Z');
const OPEN = {
  settings: {
    campaignId: 'sale',
    startsAtMs: NOW_MS - 1_800_000,
    endsAtMs: NOW_MS + 1_800_000,
    windowMs: 10_000,
    shards: 1,
    horizonMs: 3_600_000,
  },
  hasCoupons: false,
  hasFreeOrders: false,
  asksFirstOrders: false,
};
const ORDER = {
  specversion: '1.0',
  type: 'order.paid',
  id: 'e1',
  source: 'urn:shop',
  time: '2026-11-10T12:10:00.000Z',
  data: { orderId: 'o1', memberId: 'm1', brandId: 'lotus', channel: 'far', amountFen: 1999 },
};
const delivery = (body: unknown, changes: Partial<Delivery> = {}): Delivery => ({
  messageId: 'message-1',
  door: 'events',
  sender: 'AROAPRODUCER:shop',
  body: JSON.stringify(body),
  sentMs: NOW_MS,
  ...changes,
});

const receive = (of: Delivery, readsPlaces: boolean, campaigns = [OPEN]) => {
  const routed = route([of], { campaigns, nowMs: NOW_MS, waitMs: 300_000, readsPlaces });
  return { ...routed, sent: routed.metrics.map(({ event }) => event.sentMs) };
};

it('the place of an event in its file counts as its time of sending if intake reads places, also after a wait', () => {
  const value = { [PLACE_ATTRIBUTE]: 42, ...ORDER };
  expect(receive(delivery(value), true).sent).toEqual([42]);
  expect(receive(delivery(value), false).sent).toEqual([NOW_MS]);
  const [waiting] = receive(delivery(value), true, []).waiting;
  expect(receive(delivery('', { door: 'waiting', waited: waiting!.events }), true).sent).toEqual([42]);
  const [reject] = receive(delivery({ ...value, type: 'other' }), true).rejects;
  expect(reject!.event).toEqual({ ...ORDER, type: 'other' });
});
