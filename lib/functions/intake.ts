import type { Worker } from './definition.ts';

/**
 * Intake only validates and repacks. The bound keeps a flood of orders from taking the account's whole concurrency
 * (1,000 unless raised) from the functions behind it.
 */
export const intake: Worker = {
  constructId: 'Events',
  tuning: {
    memoryMib: 512,
    timeoutSeconds: 30,
    batchMessagesMax: 100,
    windowSeconds: 1,
    concurrencyMax: 200,
  },
  environment: ({ campaignWait }) => ({ CAMPAIGN_WAIT_SECONDS: String(campaignWait.toSeconds()) }),
  wire: (worker, { tables: { campaigns }, rejects, workers }) => {
    worker
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:Query')
      .sendsTo('EVENTS_QUEUE_URL', worker.queue)
      .sendsTo('PRESALE_QUEUE_URL', workers.presale.queue)
      .sendsTo('COUPON_QUEUE_URL', workers.coupon.queue)
      .sendsTo('FREE_ORDER_QUEUE_URL', workers.freeOrder.queue)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue)
      .sendsTo('REJECTS_QUEUE_URL', rejects);
  },
};
