import type { Worker } from './definition.ts';

/** Metrics writes a block for each campaign, window and shard in a batch, so a fuller batch makes each order cheaper. */
export const metrics: Worker = {
  constructId: 'Metrics',
  tuning: {
    memoryMib: 1_024,
    timeoutSeconds: 60,
    batchMessagesMax: 100,
    windowSeconds: 2,
    concurrencyMax: 100,
  },
  environment: ({ quietSlotSeconds }) => ({ QUIET_SLOT_SECONDS: String(quietSlotSeconds) }),
  windowSeconds: ({ metricsWindowSeconds }) => metricsWindowSeconds,
  wire: (worker, { tables: { metricRows }, workers }) => {
    worker
      .uses('METRICS_TABLE', metricRows, 'dynamodb:BatchWriteItem', 'dynamodb:GetItem')
      .sendsTo('ROLLUP_QUEUE_URL', workers.rollup.queue);
  },
};
