import { type Fields, paid, refunded, tierOf } from './events.ts';
import { BEGIN_MS, HOUR_MS } from './workload.ts';

const good = (id: string, timeMs: number): Fields & { data: Fields } =>
  paid({ id, timeMs, order: `bad-order-${id}`, member: 'member-bad', fen: 5_000 }) as Fields & {
    data: Fields;
  };

const withData = (event: Fields & { data: Fields }, data: Fields): Fields => ({
  ...event,
  data: { ...event.data, ...data },
});

/** Bodies and events that intake must refuse, each with its own id if it has one. */
export const malformedOf = (prefix: string, timeMs: number): unknown[] => {
  const one = (name: string) => good(`${prefix}-${name}`, timeMs);
  const { data: _, ...withoutData } = one('no-data');
  return [
    '{',
    'not json at all',
    [],
    42,
    null,
    [null, 'text'],
    withoutData,
    { ...one('version'), specversion: '0.3' },
    { ...one('type'), type: 'order.sent' },
    { ...one('time'), time: '2026-02-30T00:00:00Z' },
    { ...one('future'), time: new Date(timeMs + 10 * HOUR_MS).toISOString() },
    withData(one('field'), { extra: 1 }),
    withData(one('negative'), { amountFen: -5 }),
    withData(one('fraction'), { amountFen: 1.5 }),
    withData(one('huge'), { amountFen: 10_000_000_001 }),
    withData(one('text'), { amountFen: '5000' }),
    withData(one('channel'), { channel: 'middle' }),
    withData(one('near'), { channel: 'near' }),
    withData(one('far'), { storeId: 'store-1' }),
    withData(one('blank'), { memberId: ' ' }),
    withData(one('control'), { brandId: 'a\u0007b' }),
    withData(one('long'), { orderId: 'x'.repeat(129) }),
    // The next two are well formed, but older than any campaign.
    paid({
      id: `${prefix}-1990`,
      timeMs: BEGIN_MS - 36 * 365 * 24 * HOUR_MS,
      order: 'o',
      member: 'm',
      fen: 1,
    }),
    refunded({ id: `${prefix}-r1990`, timeMs: 1_000, order: 'o', member: 'm', fen: 1 }),
    { ...tierOf(`${prefix}-tier`, timeMs, 'm'), data: { memberId: 'm', tier: 5 } },
  ];
};
