import { describe, expect, it } from 'vitest';
import { MAX_EVENT_BYTES_PER_MESSAGE, MAX_EVENTS_PER_MESSAGE, packMetrics } from '#domain/intake/pack.ts';
import { metricEventsIn } from '#domain/metrics/metric-event.ts';
import { delivery, NOW_MS, order, receive } from './deliveries.ts';

describe('packed messages', () => {
  const routed = (count: number, brand: string) =>
    receive([delivery(Array.from({ length: count }, (_, i) => order({ id: `e${i}` }, { brandId: brand })))])
      .metrics;

  it('hold up to 100 events of one campaign', () => {
    const messages = packMetrics([...routed(150, 'lotus'), ...routed(30, 'lotus')]);
    expect(messages.map(({ events }) => events.length)).toEqual([MAX_EVENTS_PER_MESSAGE, 80]);
  });

  it('say when each event was sent', () => {
    const events = receive([
      delivery(order()),
      delivery(order({ id: 'later' }), { sentMs: NOW_MS - 7 }),
    ]).metrics;
    const [message] = packMetrics(events);
    expect(metricEventsIn(message!).map(({ sentMs }) => sentMs)).toEqual([NOW_MS, NOW_MS - 7]);
    expect(metricEventsIn({ ...message!, sentAfterMs: undefined as never })[0]).not.toHaveProperty('sentMs');
  });

  it("stay within their share of an invocation's payload, however long the ids are", () => {
    const messages = packMetrics(routed(300, '莲'.repeat(128)));
    expect(messages.flatMap(({ events }) => events)).toHaveLength(300);
    for (const message of messages) {
      expect(Buffer.byteLength(JSON.stringify(message.events))).toBeLessThan(
        MAX_EVENT_BYTES_PER_MESSAGE * 1.01,
      );
    }
  });
});
