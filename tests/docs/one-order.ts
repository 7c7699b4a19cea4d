/**
 * Sends one order through the pipeline, in a sale with coupons and free orders, so that a test can record which code runs.
 * `--without-order` only opens the sale.
 */
import { MeteredPipeline } from '../capacity/metered-pipeline.ts';
import { synthesizeStack } from '../world/stack.ts';

const START_MS = Date.parse('2026-11-10T16:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();

const pipeline = new MeteredPipeline(synthesizeStack(), START_MS);
const event = (type: string, id: string, data: object): object => ({
  specversion: '1.0',
  id,
  source: '/shop',
  type,
  time: iso(pipeline.nowMs),
  data,
});

const definition = {
  campaignId: 'sale',
  startsAt: iso(START_MS),
  endsAt: iso(START_MS + 3_600_000),
  coupons: {
    budgets: [{ pool: 'platform', totalFen: 1_000_000, presaleShare: 0 }],
    offers: [
      {
        offerId: 'twenty-off',
        pool: 'platform',
        thresholdFen: 10_000,
        discountFen: 2_000,
        scope: 'all',
        validHours: 24,
      },
    ],
    salt: 'salt',
    objective: 'incremental-gmv',
    perMemberLimit: 1,
  },
  freeOrders: {
    mode: 'instant',
    odds: { win: 1, in: 1 },
    channels: ['near'],
    capFen: 5_000,
    quota: 10,
    budgetFen: 100_000,
  },
};

pipeline.send([event('presale.started', 'opened', definition)], 1);
await pipeline.drain();
await pipeline.pass(10_000);
if (process.argv.includes('--without-order')) process.exit(0);
const order = {
  orderId: 'o-1',
  memberId: 'm-1',
  brandId: 'lotus',
  channel: 'near',
  storeId: 's-1',
  amountFen: 25_000,
};
pipeline.send([event('order.paid', 'paid-1', order)], 1);
await pipeline.drain();
const kinds = pipeline
  .outbox()
  .flatMap((body) => (JSON.parse(body) as { type: string }[]).map(({ type }) => type));
if (kinds.length === 0) throw new Error('one order: expected a grant, got none');
