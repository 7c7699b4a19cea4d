import { statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { overRefundLines, readOverRefunds } from '#local/replay/over-refunds.ts';
import { ndjsonSource } from '#local/replay/sources/ndjson.ts';
import { temporaryDirectory } from './files.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const NOW_MS = Date.UTC(2026, 0, 1);

const event = (type: 'paid' | 'refunded', id: string, amountFen: number, change: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/test',
  type: `order.${type}`,
  time: '2025-11-11T00:00:00Z',
  data: { orderId: 'o1', memberId: 'm1', brandId: 'b', channel: 'far', amountFen, ...change },
});

const overRefunds = (...values: unknown[]) => {
  const path = directory.write('events.ndjson', values.map((value) => JSON.stringify(value)).join('\n'));
  return readOverRefunds(ndjsonSource(path, path, statSync(path).size), NOW_MS);
};

describe('orders for which more was refunded than was paid', () => {
  it('are reported with the line of the refund that exceeds the payment, and with what its amount stands for', async () => {
    const found = await overRefunds(
      event('paid', 'p', 5_000),
      event('refunded', 'r1', 1_500),
      event('refunded', 'r2', 5_000),
    );
    expect(found).toEqual([{ line: 3, orderId: 'o1', memberId: 'm1', paidFen: 5_000, backFen: 6_500 }]);
    expect(overRefundLines(found, String)).toEqual([
      'line 3: order o1 of m1: 6500 refunded of 5000 paid; amountFen is the amount of this refund',
    ]);
  });

  it('do not include those whose refund comes first or twice, or whose payment comes in parts or is unknown', async () => {
    const refund = event('refunded', 'r1', 1_500);
    const part = event('paid', 'p2', 2_000, { brandId: 'c' });
    expect(await overRefunds(refund, refund, event('paid', 'p', 1_500))).toEqual([]);
    expect(await overRefunds(event('paid', 'p', 1_000), part, event('refunded', 'r', 3_000))).toEqual([]);
    expect(await overRefunds(refund)).toEqual([]);
    const ofOther = event('paid', 'p', 9_000, { memberId: 'm2' });
    expect(await overRefunds(event('paid', 'q', 1_000), ofOther, refund)).toHaveLength(1);
  });

  it('are listed up to the twentieth, and further ones are counted', async () => {
    const many = Array.from({ length: 22 }, (_, n) => [
      event('paid', `p${n}`, 1, { orderId: `o${n}` }),
      event('refunded', `r${n}`, 2, { orderId: `o${n}` }),
    ]).flat();
    const lines = overRefundLines(await overRefunds(...many), String);
    expect([lines.length, lines.at(-1)]).toEqual([21, 'and 2 more']);
  });
});
