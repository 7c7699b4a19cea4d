import { describe, expect, it } from 'vitest';
import type { MetricEvent } from '#domain/metrics/metric-event.ts';
import { makeHandler } from '#lambdas/rollup/handler.ts';
import { gaugesPrintedBy } from '../support/gauges.ts';
import { testOutside } from '../support/runtime.ts';
import { paid, settings } from './factories.ts';
import { append, metricsWorld } from './world.ts';

const context = { functionName: 'test', awsRequestId: 'test', getRemainingTimeInMillis: () => 60_000 };

/** Makes a rollup handler. The returned function hands it events, and returns the gauges that the handler prints. */
const rollups = () => {
  const world = metricsWorld();
  const handler = makeHandler(
    testOutside({ clock: world.aside.clock, clients: { dynamodb: world.aside.dynamodb } }),
  );
  return (events: readonly MetricEvent[]) =>
    gaugesPrintedBy(async () => {
      const windows = await append(world, settings(), events);
      const body = JSON.stringify({ settings: settings(), windows });
      await handler(
        { Records: [{ messageId: '1', body, attributes: { ApproximateReceiveCount: '1' } }] } as never,
        context as never,
      );
    });
};

describe('the gauges of a rollup', () => {
  it('show two contradicting events of an order only once, when the second of them is folded in', async () => {
    const take = rollups();
    expect(await take([paid()])).toEqual([]);
    const changed = paid({ amountFen: 1 });
    const shown = { Function: 'rollup', ConflictingContents: 1, CouponOverdrafts: 0 };
    expect(await take([changed])).toMatchObject([shown]);
    expect(await take([changed, paid()])).toEqual([]);
    expect(await take([paid({ order: 'o2' })])).toEqual([]);
    const two = ['o2', 'o3'].map((order) => paid({ order, amountFen: 2 }));
    expect(await take([...two, paid({ order: 'o3' })])).toMatchObject([{ ...shown, ConflictingContents: 2 }]);
  });

  it('show coupons that turned out to be used after their money was freed', async () => {
    const take = rollups();
    const overdraft = paid({ label: 'coupon-overdraft/engine/ten' });
    expect(await take([overdraft])).toMatchObject([{ ConflictingContents: 0, CouponOverdrafts: 1 }]);
    expect(await take([paid({ order: 'o2' })])).toEqual([]);
  });

  it('show nothing when the pipeline reports two outcomes of one order', async () => {
    const take = rollups();
    expect(await take([paid({ label: 'free-order/won' }), paid({ label: 'free-order/lost' })])).toEqual([]);
  });
});
