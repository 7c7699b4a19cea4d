import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTotal } from '#domain/metrics/rollup/read.ts';
import { campaignSettings } from '#events/contract.ts';
import { type Pipeline, startPipeline } from '#local/aws/pipeline.ts';
import { readerRuntime } from '#local/aws/reader-runtime.ts';
import { sqsSender } from '#local/replay/producer.ts';
import { coupons, definition, offer } from './factories.ts';

const CLAIMS = 64;
const MESSAGES_PER_CALL = 8;
const POLL_MS = 200;

type Granted = { id: string; type: string; data: { memberId: string; offerId: string; amountFen: number } };

describe('the stack on this machine', () => {
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await startPipeline({
      context: { campaignWaitSeconds: '60', metricsWindowSeconds: '1', rollupWindowSeconds: '1' },
      namePrefix: 'coupon-test',
    });
  });
  afterAll(async () => {
    await pipeline?.stop();
  });

  const send = async (events: readonly object[]): Promise<void> => {
    const { send: put, close } = sqsSender(
      pipeline.sqsEndpoint,
      pipeline.output('EventsQueueUrl'),
      pipeline.output('ControlQueueUrl'),
    );
    const messages = events
      .map((event) => JSON.stringify(event))
      .map((body) => ({ body, bytes: body.length, records: 1 }));
    for (let first = 0; first < messages.length; first += MESSAGES_PER_CALL)
      await put(messages.slice(first, first + MESSAGES_PER_CALL));
    close();
  };

  const untilIdle = async (): Promise<void> => {
    do await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    while (!(await pipeline.idle()));
  };

  const granted = async (): Promise<Granted[]> =>
    (await pipeline.messages('grants')).flatMap((body) => JSON.parse(body) as Granted[]);

  const campaign = definition(
    'one',
    coupons({
      budgets: [{ pool: 'platform', totalFen: 1_000, presaleShare: 0 }],
      offers: [offer()],
      perMemberLimit: 1,
      shards: 8,
    }),
  );
  const event = (id: string, type: string, data: object) => ({
    specversion: '1.0',
    id,
    source: '/test',
    type,
    time: '2026-11-10T12:00:01.000Z',
    data,
  });
  const paid = (member: string, more: object = {}) =>
    event(`paid-${member}`, 'order.paid', {
      orderId: `order-${member}`,
      memberId: member,
      brandId: 'lotus',
      channel: 'far',
      amountFen: 20_000,
      ...more,
    });

  it('with a budget for one coupon and 64 orders, puts one grant on the outbox and counts 63 withheld coupons', async () => {
    await send([event('opened', 'presale.started', campaign)]);
    await untilIdle();
    await send(Array.from({ length: CLAIMS }, (_, i) => paid(`m${i}`)));
    await untilIdle();
    const grants = await granted();
    expect(new Set(grants.map(({ id }) => id)).size).toBe(1);
    const [{ id, type, data }] = grants as [Granted];
    expect({ id, type, ...data }).toMatchObject({
      id: expect.stringMatching(/^one\.coupon\.00\.[\w-]{16}\.[\w-]{8}$/),
      type: 'coupon.granted',
      offerId: 'ten',
      amountFen: 1_000,
    });

    await send([
      { ...paid('m1', { memberId: data.memberId, orderId: 'uses-it', couponId: id }), id: 'uses-it' },
    ]);
    await untilIdle();
    expect(await tallies()).toMatchObject({
      'coupon-issued/engine/ten': { count: 1, fen: 1_000 },
      'coupon-withheld/engine/budget-empty': { count: CLAIMS - 1 },
      'coupon-withheld/engine/limit-reached': { count: 1 },
      'coupon-redeemed/engine/ten': { count: 1, fen: 1_000 },
      'paid/far': { count: CLAIMS + 1 },
    });
    expect(await pipeline.messages('rejects')).toEqual([]);
    const { grants: used, members } = pipeline.consumed();
    expect(used?.writeUnits).toBeGreaterThan(0);
    expect(members?.writeUnits).toBeGreaterThan(0);
  });

  const tallies = async (): Promise<Record<string, { count: number; fen: number }>> => {
    const total = await readTotal(readerRuntime(pipeline), campaignSettings(campaign));
    return Object.fromEntries(total.row.tallies);
  };
});
