import { describe, expect, it } from 'vitest';
import {
  MAX_EVENT_BYTES_PER_MESSAGE,
  memberMessages,
  packMemberEvents,
  packMetrics,
} from '#domain/intake/pack.ts';
import { type CouponMessage, halvesOf, memberEventsIn, partsOf } from '#domain/members/member-event.ts';
import { parseEvent } from '#events/contract.ts';
import { delivery, NOW_MS, order, receive, sale } from './deliveries.ts';

const traceparent = (digit: number | string): string => `00-${String(digit).repeat(32)}-b7ad6b7169203331-01`;
const CAMPAIGNS = [sale({ campaignId: 'coupons' }), sale({ campaignId: 'free' })];

/** Orders that are received together; a trace for each, undefined for none. */
const received = (...traces: (string | undefined)[]) =>
  receive([delivery(traces.map((trace, i) => order({ id: `e${i}`, traceparent: trace })))], CAMPAIGNS);

const tracesIn = (message: CouponMessage) => memberEventsIn(message).map((event) => event.traceparent);

describe('the trace of an order', () => {
  it('is sent beside the tuples to coupon and free-order, and changes nothing else', () => {
    const traces = [undefined, traceparent(1), undefined, traceparent(2), undefined];
    const [traced, plain] = [received(...traces), received(...traces.map(() => undefined))];
    for (const to of ['coupons', 'freeOrders'] as const) {
      const [message, ...others] = packMemberEvents(traced[to]);
      const { traceparents, ...rest } = message!;
      expect(others).toEqual([]);
      expect(traceparents).toEqual(['', traceparent(1), '', traceparent(2)]);
      expect([rest]).toEqual(packMemberEvents(plain[to]));
      expect(tracesIn(message!)).toEqual(traces);
    }
    expect(packMetrics(traced.metrics)).toEqual(packMetrics(plain.metrics));
    expect(traced.traceparents).toEqual([traceparent(1), traceparent(2)]);
  });

  it('is no part of the order: with another trace it is the same event', () => {
    const [first, again] = [received(traceparent(1)), received(traceparent(2))];
    expect(packMetrics(again.metrics)).toEqual(packMetrics(first.metrics));
    const tuples = [first, again].map(({ coupons }) => packMemberEvents(coupons)[0]!.events);
    expect(tuples[1]).toEqual(tuples[0]);
  });

  it('stays with its order when a message is divided', () => {
    const traces = [traceparent(1), undefined, traceparent(2), traceparent(3)];
    const [message] = packMemberEvents(received(...traces).coupons);
    for (const divide of [halvesOf, partsOf])
      expect(divide(message!).map(tracesIn)).toEqual([traces.slice(0, 2), traces.slice(2)]);
    const ofTwo = { ...message!, campaigns: ['one', 'two'] };
    expect(partsOf(ofTwo).map(tracesIn)).toEqual([traces, traces]);
    const [alone] = packMemberEvents(received(traceparent(1)).coupons);
    expect(halvesOf(alone!).map(tracesIn)).toEqual([[traceparent(1)]]);
  });

  it('is an attribute of a message only if all traces in the message are the same', () => {
    const attributeOf = (...traces: (string | undefined)[]) =>
      memberMessages(received(...traces).coupons).map((message) => message.traceparent);
    expect(attributeOf(undefined, traceparent(1), traceparent(1))).toEqual([traceparent(1)]);
    expect(attributeOf(traceparent(1), traceparent(2))).toEqual([undefined]);
    expect(attributeOf(undefined)).toEqual([undefined]);
  });

  it('is ignored if it is invalid, and is also read from a refused event', () => {
    const invalid = received(`${traceparent(1)}x`);
    expect(invalid).toMatchObject({ rejects: [], traceparents: [] });
    expect(packMemberEvents(invalid.coupons)).toEqual(packMemberEvents(received(undefined).coupons));
    const refused = receive([delivery(order({ traceparent: traceparent(1), time: 'never' }))]);
    expect(refused).toMatchObject({ rejects: [{ reason: 'bad-time' }], traceparents: [traceparent(1)] });
  });

  it('waits with its order, also if the order waits in a shorter form', () => {
    const time = '2026-11-10T12:10:00.000Z';
    for (const filler of ['short', 'x'.repeat(30_000)]) {
      const { waiting } = receive([delivery(order({ time, traceparent: traceparent(1), filler }))], []);
      const [waited] = waiting[0]!.events;
      expect(JSON.stringify(waited).length).toBeLessThan(20_000);
      expect(parseEvent(waited, NOW_MS)).toMatchObject({ ok: true });
      const again = receive([delivery('', { door: 'waiting', waited: [waited] })], CAMPAIGNS);
      expect(tracesIn(packMemberEvents(again.coupons)[0]!)).toEqual([traceparent(1)]);
    }
  });

  it('counts towards the size of a message', () => {
    const traces = Array.from({ length: 300 }, (_, i) => traceparent(i % 10 || 'a'));
    const data = { orderId: '莲'.repeat(128), memberId: '莲'.repeat(70) };
    const orders = traces.map((trace, i) => order({ id: `e${i}`, traceparent: trace }, data));
    const messages = packMemberEvents(receive([delivery(orders)], CAMPAIGNS).coupons);
    expect(messages.flatMap(tracesIn)).toEqual(traces);
    for (const { events, traceparents } of messages)
      expect(Buffer.byteLength(JSON.stringify([events, traceparents]))).toBeLessThan(
        MAX_EVENT_BYTES_PER_MESSAGE * 1.01,
      );
  });
});
