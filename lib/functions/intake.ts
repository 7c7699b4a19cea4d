import { MAPPING_CONCURRENCY_MIN } from '../limits.ts';
import type { Worker } from './definition.ts';

/**
 * Intake only validates and repacks. `concurrencyMax` keeps a flood of orders from taking the account's whole concurrency (1,000
 * unless raised) from the functions behind intake. Only intake may send to the waiting queue, so that queue's messages can be
 * trusted. Events about campaigns and members come by the control queue, so that senders of orders need no permission for these.
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
  sideQueues: {
    Control: { batchMessagesMax: 100, windowSeconds: 1, concurrencyMax: 4 },
    Waiting: { batchMessagesMax: 100, windowSeconds: 1, concurrencyMax: MAPPING_CONCURRENCY_MIN },
  },
  environment: ({ campaignWaitSeconds, senders, readsPlaces }) => ({
    CAMPAIGN_WAIT_SECONDS: String(campaignWaitSeconds),
    SENDERS: JSON.stringify(senders),
    READS_PLACES: String(readsPlaces),
  }),
  wire: (worker, { tables: { campaigns }, rejects, workers }) => {
    const { Control: control, Waiting: waiting } = worker.sideQueues;
    worker
      .uses('CAMPAIGNS_TABLE', campaigns, 'dynamodb:Query')
      .knows('CONTROL_QUEUE_URL', control!.queue)
      .sendsTo('WAITING_QUEUE_URL', waiting!.queue)
      .sendsTo('PRESALE_QUEUE_URL', workers.presale.queue)
      .sendsTo('COUPON_QUEUE_URL', workers.coupon.queue)
      .sendsTo('FREE_ORDER_QUEUE_URL', workers.freeOrder.queue)
      .sendsTo('METRICS_QUEUE_URL', workers.metrics.queue)
      .sendsTo('REJECTS_QUEUE_URL', rejects)
      // Intake accepts links, so functions that process members must know links before intake is deployed.
      .deployedAfter(workers.coupon, workers.audience, workers.freeOrder);
  },
};
